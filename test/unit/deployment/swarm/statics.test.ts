import { AsgiApp, Stack, synthesize } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { planOf } from '../../../../src/deployment/plan.js';
import type { Rollout } from '../../../../src/deployment/deployer.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { Manager } from '../../../../src/deployment/swarm/manager.js';
import { roll } from '../../../../src/deployment/swarm/roll.js';
import { stackYaml } from '../../../../src/deployment/swarm/stack-yaml.js';
import { changedStatics, withHalted } from '../../../../src/deployment/swarm/statics.js';
import { FakeCommands } from '../../support/commands.js';
import { node, service, snapshot, task } from './support.js';

/** A version of a stack whose app has static files. */
function version(image = 'acme/files:1') {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', static: { '/static': '/app/static' } });
  const options = { images: { 'api-static': image } };
  return { plan: planOf(stack, 'swarm', options), files: synthesize(stack, 'swarm', options), secrets: {} };
}

const rollout = (image: string, previous?: ReturnType<typeof version>) =>
  ({ ...version(image), previous, number: 2, signal: new AbortController().signal }) as unknown as Rollout;

describe('static files on a Swarm', () => {
  test.each([
    ['the first version', rollout('acme/files:1'), []],
    ['another image', rollout('acme/files:2', version()), ['api-static']],
    ['the same image', rollout('acme/files:1', version()), []],
  ])('change with %s', (_, one, changed) => {
    expect(changedStatics(one)).toEqual(changed);
  });

  test('halt after their first container, and nothing else does', () => {
    const { files } = version();
    const stack = stackYaml(files);
    const { services } = withHalted(stack, ['api-static']);
    expect(services['api-static']?.deploy?.update_config).toMatchObject({ delay: '24h', order: 'start-first' });
    expect(services['api']).toEqual(stack.services['api']);
    expect(services['nginx']).toEqual(stack.services['nginx']);
  });

  test('come before the processes whose pages name them', async () => {
    const ended = new AbortController();
    const found = service({ image: 'acme/files:2' });
    const swarm = new FakeCommands((words) => {
      if (words.startsWith('service ls')) return 's1';
      if (words.startsWith('service inspect'))
        return JSON.stringify([{ ...found, Spec: { ...found.Spec, Name: 'shop_api-static' } }]);
      if (words.startsWith('service ps')) return 't1';
      if (words.startsWith('node ls')) return 'n1';
      if (words.startsWith('node inspect')) return JSON.stringify([node]);
      if (!words.startsWith('inspect')) return '';
      ended.abort();
      return JSON.stringify([task({ id: 't1', image: 'acme/files:2' })]);
    });
    const one = { ...rollout('acme/files:2', version()), signal: ended.signal };
    await expect(roll(new Manager(swarm.docker, 'n9'), one, snapshot([], []), SILENT)).rejects.toThrow(/abort/i);
    expect(swarm.ran.filter((words) => words.startsWith('stack deploy --compose'))).toEqual([
      'stack deploy --compose-file statics.yaml --resolve-image never --with-registry-auth shop',
    ]);
  });
});
