import { AsgiApp, Postgres, Schedule, Secret, Stack, Worker } from 'asgi-synth';
import { expect, test } from 'vitest';
import { fewest, loggedIds, planOf } from '../../../src/deployment/plan.js';

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

test.each(['bare-metal', 'swarm', 'kubernetes'] as const)(
  'whatever writes logs on %s is known by its id, once',
  (target) => {
    const stack = new Stack('shop', { edge: 'nginx', accept: { 'schedule-catch-up': 'a report can wait' } });
    const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
    new Worker(stack, 'mail', { app: api, command: ['celery', 'worker'] });
    new Schedule(stack, 'report', { app: api, cron: '0 3 * * *', command: ['report'] });
    new Postgres(stack, 'db', { version: '17', password: new Secret(stack, 'db_password') });
    expect(loggedIds(planOf(stack, target, {}))).toEqual(
      expect.arrayContaining(['api', 'mail', 'report', 'db', 'nginx']),
    );
    expect(loggedIds(planOf(stack, target, {}))).toHaveLength(5);
  },
);

test('a release of before there were workers knows its apps', () => {
  const { apps } = planOf(stack, 'swarm', {});
  expect(loggedIds({ name: 'shop', stack: 'shop', target: 'swarm', apps, secrets: [], volumes: [] })).toEqual(['api']);
});
