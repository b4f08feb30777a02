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

test('a worker of a release that did not record how long it takes to stop may take a minute', () => {
  const workers = [{ id: 'emails', app: 'api', processes: 4, startup: 30 }];
  expect(defaultTimeout({ target: 'swarm', apps: [], workers })).toBe(120 + 4 * 120);
});

test('workers take their turns, and jobs all of their time', () => {
  const workers = [{ id: 'emails', app: 'api', processes: 8, startup: 30, stopGrace: 600 }];
  const jobs = [{ id: 'migrate', app: 'api', timeout: 900, stopGrace: 60 }];
  const plan = { target: 'swarm', apps: [app(1, 60, 60)] } as const;
  expect(defaultTimeout({ ...plan, workers })).toBe(120 + 180 + 4 * 660);
  expect(defaultTimeout({ ...plan, jobs })).toBe(120 + 180 + 960);
});
