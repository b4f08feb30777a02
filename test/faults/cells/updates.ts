import { expect } from 'vitest';
import { canary } from '../../harness/running/project.js';
import { waitFor } from '../../harness/wait.js';
import type { Cell } from '../cell.js';
import { REQUESTS, together, underFire, type Measured } from '../fire.js';
import type { Stage } from '../stage.js';

const ROUNDS = 5;

/** Changes that must not cost one request. */
export const UPDATES: readonly Cell[] = [
  {
    fault: `deploy of a good version, ${ROUNDS} times`,
    async run(stage) {
      const rounds: Measured[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await stage.nextVersion();
        rounds.push(await updating(stage, () => stage.deploy(), Math.ceil(REQUESTS / ROUNDS)));
        expect(await stage.answeringVersions()).toEqual([stage.versionName]);
      }
      return together(rounds);
    },
  },
  {
    fault: 'rollback',
    async run(stage) {
      const before = Number(stage.versionName) - 1;
      const measured = await updating(stage, () => stage.rollback());
      expect(await stage.answeringVersions()).toEqual([String(before)]);
      await stage.deploy();
      return measured;
    },
  },
  {
    fault: 'scale up',
    run: (stage) => scaling(stage, stage.processes + 2),
  },
  {
    fault: 'scale down',
    run: (stage) => scaling(stage, stage.processes - 2),
  },
  {
    fault: 'rotation of a secret',
    async run(stage) {
      const before = await secretOf(stage);
      const measured = await updating(stage, () => stage.deploy({ secret: canary() }));
      expect(await secretOf(stage)).not.toBe(before);
      return measured;
    },
  },
  {
    fault: 'changed environment',
    async run(stage) {
      const greeting = `hello after ${stage.ids()}`;
      const measured = await updating(stage, () => stage.deploy({ greeting }));
      expect(JSON.parse((await stage.ask('/environment/TEST_GREETING')).body)).toMatchObject({ value: greeting });
      return measured;
    },
  },
  {
    fault: 'deploy without a change',
    async run(stage) {
      const before = await stage.identities();
      const measured = await underFire(stage, async () => void (await stage.deploy()));
      expect(await stage.identities()).toEqual(before);
      return { ...measured, note: '0 restarts' };
    },
  },
];

/** A change of the app: it is done when none of the old containers is there any more. */
async function updating(stage: Stage, change: () => Promise<unknown>, atLeast = REQUESTS): Promise<Measured> {
  const before = await stage.identities('api');
  return underFire(
    stage,
    async () => {
      await change();
      await waitFor(
        'the old containers to be gone',
        async () => (await stage.identities('api')).every((id) => !before.includes(id)),
        { seconds: 120 },
      );
    },
    { atLeast },
  );
}

async function scaling(stage: Stage, processes: number): Promise<Measured> {
  const measured = await underFire(stage, async () => void (await stage.deploy({ processes })));
  const wanted = stage.ground.target === 'bare-metal' ? 1 : processes;
  await waitFor('as many containers as are wanted', async () => (await stage.containers()).length === wanted, {
    seconds: 60,
  });
  return measured;
}

async function secretOf(stage: Stage): Promise<string> {
  return (JSON.parse((await stage.ask('/secret/db_password')).body) as { sha256: string }).sha256;
}
