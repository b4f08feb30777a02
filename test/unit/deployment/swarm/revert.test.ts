import { describe, expect, test } from 'vitest';
import type { Rollout } from '../../../../src/deployment/deployer.js';
import type { Report } from '../../../../src/deployment/report.js';
import { Manager } from '../../../../src/deployment/swarm/manager.js';
import { revert } from '../../../../src/deployment/swarm/revert.js';
import { FakeCommands } from '../../support/commands.js';
import { node, plan, service, snapshot, task } from './support.js';

/** Takes a first deployment back on a Swarm where services run as they are named. */
async function revertWith(names: readonly string[], before: Parameters<typeof revert>[2]) {
  let there: readonly string[] = names;
  const commands = new FakeCommands((words) => {
    if (words.startsWith('stack rm')) there = [];
    if (words.startsWith('service ls --quiet')) return there.join('\n');
    if (words.startsWith('service ls --filter')) return there.map((name) => `shop_${name}`).join('\n');
    if (words.startsWith('service inspect'))
      return JSON.stringify(
        there.map((name) => {
          const found = service({ replicas: 1 });
          return { ...found, ID: name, Spec: { ...found.Spec, Name: `shop_${name}` } };
        }),
      );
    if (words.startsWith('service ps')) return there.map((name) => `t-${name}`).join('\n');
    if (words.startsWith('inspect --type task'))
      return JSON.stringify(there.map((name) => ({ ...task({ id: `t-${name}` }), ServiceID: name })));
    if (words.startsWith('node ls')) return 'n1';
    if (words.startsWith('node inspect')) return JSON.stringify([node]);
    return '';
  });
  const steps: string[] = [];
  const report: Report = { step: (line) => void steps.push(line), progress: () => undefined };
  const rollout = { plan: plan({ edge: { image: 'nginx:1', port: 80 } }), previous: undefined } as Rollout;
  const serves = await revert(new Manager(commands.docker, 'n1'), rollout, before, report);
  return { serves, steps, ran: commands.ran };
}

describe('a first deployment that is taken back', () => {
  test('before it has looked removes nothing, and what runs serves on', async () => {
    const { serves, steps, ran } = await revertWith(['api', 'nginx'], undefined);
    expect({ serves, steps }).toEqual({ serves: true, steps: [] });
    expect(ran.filter((words) => / (rm|rollback|deploy) /.test(words))).toEqual([]);
  });

  test.each([[['db']], [['api']], [['nginx']]])('serves nobody where only %j runs', async (names) => {
    expect(await revertWith(names, undefined)).toMatchObject({ serves: false });
  });

  test('says what it has removed, and nothing where there was nothing', async () => {
    const { serves, steps } = await revertWith(['api'], snapshot([], []));
    expect(serves).toBe(false);
    expect(steps).toEqual(['shop: nothing of it ran before, so that this was removed: service shop_api']);
    expect((await revertWith([], snapshot([], []))).steps).toEqual([]);
  });
});
