import { expect } from 'vitest';
import { startBalancer } from '../../harness/balancer.js';
import type { Cell } from '../cell.js';
import { underFire } from '../fire.js';
import type { Stage } from '../stage.js';

/** Changes of the nginx in front. */
export const EDGE: readonly Cell[] = [
  {
    fault: 'a change of the edge',
    // A port of a node can be held by one container at a time: what arrives there meanwhile is lost.
    lossBound: ({ ground }) => (ground.target === 'swarm' ? Number.POSITIVE_INFINITY : 0),
    recoveryBound: 120,
    run: (stage) => changing(stage, '7Mi'),
  },
  {
    fault: 'a change of the edge, through a balancer in front of the nodes',
    targets: ['swarm'],
    reason: 'a change of the edge loses nothing there',
    async run(stage) {
      const balancer = await startBalancer(stage.addresses);
      try {
        return await changing(stage, '8Mi', [balancer.address]);
      } finally {
        balancer.close();
      }
    },
  },
];

async function changing(stage: Stage, bodyLimit: string, addresses = stage.addresses) {
  const body = { bytes: (Number.parseInt(bodyLimit) - 1) * 2 ** 20 + 1 };
  const status = async () => (await stage.ask('/upload', { method: 'POST', body })).status;
  expect(await status(), 'before').toBe(413);
  const measured = await underFire(stage, async () => void (await stage.deploy({ bodyLimit })), { addresses });
  expect(await status(), 'after').toBe(200);
  return measured;
}
