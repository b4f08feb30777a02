import { expect } from 'vitest';
import { waitFor } from '../../harness/wait.js';
import type { Cell } from '../cell.js';
import { underFire } from '../fire.js';
import type { Fault } from '../stage.js';

interface Kind {
  readonly fault: string;
  readonly how: Fault;
  /** Causes that are right, by id. */
  readonly causes: readonly string[];
}

const KINDS: readonly Kind[] = [
  { fault: 'broken: crash at import', how: { broken: 'import' }, causes: ['crashed-at-start'] },
  { fault: 'broken: hangs at its start', how: { broken: 'hang' }, causes: ['unhealthy', 'timeout'] },
  { fault: 'broken: unhealthy', how: { broken: 'unhealthy' }, causes: ['unhealthy'] },
  { fault: 'broken: listens on another port', how: { broken: 'port' }, causes: ['unhealthy'] },
  { fault: 'broken: image is missing', how: { image: 'REGISTRY/faults-api:missing' }, causes: ['image-not-pulled'] },
];

/** Seconds in which the old version has to be alone again once it is known that the new one does not come up. */
const BACK_ALONE = 60;

/** Releases that must never serve. */
export const BROKEN: readonly Cell[] = KINDS.map(({ fault, how, causes }) => ({
  fault,
  async run(stage) {
    const before = await stage.settledIdentities();
    const { image } = how;
    const given = image === undefined ? how : { image: image.replace('REGISTRY', stage.ground.engine.registry) };
    let note = '';
    const measured = await underFire(stage, async () => {
      const { exitCode, result, said, when } = await stage.deployBroken(given);
      expect(exitCode, said).toBe(1);
      expect(causes, said).toContain(result['cause']);
      await waitFor(
        'the old version to be alone',
        async () => {
          const now = await stage.identities();
          expect(now).toEqual(before);
          return true;
        },
        { seconds: BACK_ALONE },
      );
      const known = when(/going back/);
      expect(known, `the moment when the failure was known, in: ${said}`).toBeDefined();
      const seconds = (Date.now() - (known ?? 0)) / 1000;
      expect(seconds, 'seconds from when the failure was known').toBeLessThanOrEqual(BACK_ALONE);
      note = `${String(result['cause'])}; old version alone after ${seconds.toFixed(1)} s`;
    });
    expect(await stage.answeringVersions()).toEqual([stage.versionName]);
    return { ...measured, note };
  },
}));
