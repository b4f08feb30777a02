import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { TargetName } from '../../src/targets/index.js';
import type { Commanded } from '../faults/command.js';
import type { Ground } from '../faults/ground.js';
import { GROUNDS } from '../faults/grounds.js';
import { kubernetesEngine } from '../harness/engines.js';
import { canary } from '../harness/running/project.js';
import { continuousLoad } from '../harness/running/load.js';
import { inTurn } from '../harness/turn.js';
import { waitFor } from '../harness/wait.js';
import { Deployed } from './deployed.js';

/** Releases, each of which has its migration. */
const RELEASES = Number(process.env['TASKS_RELEASES'] ?? 20);
const NAME = 'tasks';
const PASSWORD = canary();

/** The stack of test/fixtures/stacks/tasks.ts on one ground. */
class Tasks implements AsyncDisposable {
  private readonly deployed: Deployed;

  private constructor(deployed: Deployed) {
    this.deployed = deployed;
  }

  static async open(ground: Ground): Promise<Tasks> {
    return new Tasks(await Deployed.build(ground, NAME, 'api.example.com'));
  }

  /** One release, whether it succeeds or not. */
  deploy(version: number, failing = ''): Promise<Commanded> {
    return this.deployed.deploy({ VERSION: String(version), FAILING: failing }, { DB_PASSWORD: PASSWORD });
  }

  async notes(kind: 'release' | 'tick'): Promise<string[]> {
    const { status, body } = await this.deployed.ask(`/notes/${kind}`);
    if (status !== 200) throw new Error(`GET /notes/${kind}: status ${status}: ${body}`);
    return (JSON.parse(body) as { notes: string[] }).notes;
  }

  /** Ticks so far; none while nothing answers. */
  async ticks(): Promise<number[]> {
    return (await this.notes('tick').catch(() => [])).map(Number);
  }

  async processes(count: number): Promise<number> {
    const answers = await Promise.all(Array.from({ length: 20 * count }, () => this.deployed.ask('/')));
    return new Set(
      answers.map(({ body }) => {
        const { pid, host } = JSON.parse(body) as { pid: number; host: string };
        return `${host} ${pid}`;
      }),
    ).size;
  }

  load() {
    return continuousLoad(this.deployed, { perSecond: 20, path: '/' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deployed[Symbol.asyncDispose]();
  }
}

const versions = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));

describe.each(Object.keys(GROUNDS) as TargetName[])('on %s', (target) => {
  test('a migration runs once a release, and a tick once in a minute', { timeout: 60 * 60_000 }, async () => {
    const ground = await GROUNDS[target]();
    if (target === 'kubernetes') await (await kubernetesEngine()).addVolume(`tasks-${Date.now()}`);
    await using tasks = await Tasks.open(ground);

    for (let version = 1; version <= RELEASES; version++) {
      const told = await tasks.deploy(version);
      expect(told.exitCode, told.said).toBe(0);
      expect(await tasks.notes('release'), `after release ${version}`).toEqual(versions(version));
    }
    // Of the release before, some may still end.
    await waitFor('four processes to answer, and no more', async () => (await tasks.processes(4)) === 4, {
      seconds: 90,
    });

    const load = tasks.load();
    const failed = await tasks.deploy(RELEASES + 1, 'release');
    expect(failed.exitCode, failed.said).toBe(1);
    expect(failed.result, failed.said).toMatchObject({ cause: 'migration-failed' });
    expect(failed.said + JSON.stringify(failed.result)).toContain('the release does not want to be noted');
    const { lost, told } = await load.stop();
    expect(lost, told).toBe(0);
    const unchanged = await tasks.deploy(RELEASES);
    expect(unchanged.exitCode, unchanged.said).toBe(0);
    expect(await tasks.notes('release'), 'after a failure, and the old version again').toEqual(versions(RELEASES));
    console.log(`${target}: ${RELEASES} releases, each with its migration; a failed one lost ${told}`);

    const from = (await tasks.ticks()).length;
    await waitFor('five ticks and one to begin with', async () => (await tasks.ticks()).length >= from + 6, {
      seconds: 400,
      intervalSeconds: 2,
    });
    expectMinutes((await tasks.ticks()).slice(from, from + 6), 'in five minutes');

    await killedBetween(tasks, 'its container is killed', async () => {
      // A cluster has none between its ticks.
      for (const container of await ground.containers(NAME, 'tick')) await ground.killContainer(container);
    });
    const [node = ''] = ground.nodes;
    await killedBetween(tasks, 'a node is off for a minute', () =>
      inTurn('the builder', async () => {
        await ground.stopNode(node);
        await sleep(60_000);
        await ground.startNode(node);
        await waitFor(`${node} to take part again`, () => ground.isBack(node), { seconds: 120 });
      }),
    );
    const all = await tasks.ticks();
    expect(new Set(all).size, `no tick twice: ${all.join(' ')}`).toBe(all.length);
    console.log(`${target}: ${all.length} ticks from ${all[0]}: ${all.map((tick) => tick - (all[0] ?? 0)).join(' ')}`);
  });
});

/** Right after a tick something is killed; once that is over, the next tick runs. */
async function killedBetween(tasks: Tasks, what: string, kill: () => Promise<void>): Promise<void> {
  const before = (await tasks.ticks()).at(-1) ?? 0;
  await waitFor('the next tick', async () => ((await tasks.ticks()).at(-1) ?? 0) > before, { seconds: 180 });
  await kill();
  const recovered = Math.floor(Date.now() / 60_000);
  const next = await waitFor(
    `the tick after ${what}`,
    async () => (await tasks.ticks()).find((tick) => tick > recovered),
    { seconds: 180, intervalSeconds: 2 },
  );
  expect(next - recovered, `minutes until the next tick after ${what}`).toBeLessThanOrEqual(2);
}

function expectMinutes(ticks: readonly number[], when: string): void {
  expect(ticks, when).toEqual(ticks.map((_, index) => (ticks[0] ?? 0) + index));
}
