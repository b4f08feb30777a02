import { AsgiApp, Stack } from 'asgi-synth';
import { expect, test } from 'vitest';
import { fewest, planOf } from '../../../src/deployment/plan.js';

const stack = new Stack('shop', { accept: { 'processes-range': 'there is room' } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes: { min: 2, max: 8 } });

test('a range of processes is planned where the target counts them, and is its largest number elsewhere', () => {
  const [inCluster] = planOf(stack, 'kubernetes', {}).apps;
  expect(inCluster).toMatchObject({ processes: 8, scaling: { min: 2, max: 8 } });
  expect(fewest(inCluster!)).toBe(2);
  for (const target of ['bare-metal', 'swarm'] as const) {
    const [app] = planOf(stack, target, {}).apps;
    expect(app).toMatchObject({ processes: 8 });
    expect(app).not.toHaveProperty('scaling');
    expect(fewest(app!)).toBe(8);
  }
});
