import { expect, test } from 'vitest';
import type { AppPlan } from '../../../src/deployment/plan.js';
import { defaultTimeout } from '../../../src/deployment/timeout.js';

const app = (processes: number, startup: number, stopGrace: number) =>
  ({ processes, startup, stopGrace }) as unknown as AppPlan;

test.each([
  ['bare-metal', [app(4, 60, 70)], 310],
  ['bare-metal', [app(1, 5, 10)], 300],
  ['swarm', [app(4, 60, 60)], 120 + 4 * 180],
  ['kubernetes', [app(16, 60, 60), app(1, 10, 40)], 120 + 4 * 180 + 60],
] as const)('a deployment to %s of %j may take %d seconds', (target, apps, seconds) => {
  expect(defaultTimeout({ target, apps })).toBe(seconds);
});
