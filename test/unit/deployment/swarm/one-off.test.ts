import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Release } from '../../../../src/deployment/ledger.js';
import { oneOffStack } from '../../../../src/deployment/swarm/one-off.js';
import { pinningLabels, stackYaml } from '../../../../src/deployment/swarm/stack-yaml.js';
import { AsgiApp, Secret, Stack, synthesize, Volume } from '../../../../src/index.js';
import { plan } from './support.js';

const stack = new Stack('shop', { edge: { network: 'public' } });
new AsgiApp(stack, 'api', {
  image: 'api:1',
  module: 'main:app',
  environment: { PRICE: '5 $' },
  secrets: [new Secret(stack, 'key', { as: 'environment' }), new Secret(stack, 'other', { external: 'shared' })],
  volumes: { '/data': new Volume(stack, 'data') },
});
new AsgiApp(stack, 'admin', {
  image: 'admin:1',
  module: 'main:app',
  secrets: [new Secret(stack, 'admin_key')],
});
const files = synthesize(stack, 'swarm');

const command = ['alembic', 'upgrade', '$HOME'];
const text = oneOffStack({ plan: plan() } as Release, stackYaml(files), 'api', command);
const job = parse(text) as Record<string, Record<string, Record<string, unknown>>>;

test('a command runs as a job of the app, under its shim, with all that the app has', () => {
  expect(Object.keys(job['services']!)).toEqual(['run']);
  const { run } = job['services']!;
  expect(run).toMatchObject({
    image: 'api:1',
    command: ['alembic', 'upgrade', '$$HOME'],
    environment: { PRICE: '5 $$' },
    user: '10001:10001',
    read_only: true,
    deploy: { mode: 'replicated-job', restart_policy: { condition: 'none' } },
  });
  expect(run?.['entrypoint']).toContain('--secret');
  expect((run?.['secrets'] as { source: string }[]).map(({ source }) => source)).toEqual(['key', 'other']);
});

test('no request finds it', () => {
  const { run } = job['services']!;
  expect(run?.['networks']).toEqual(['default', 'edge']);
  expect(run).not.toHaveProperty('labels');
  expect(run).not.toHaveProperty('ports');
  expect(run?.['healthcheck']).toEqual({ disable: true });
  expect(text).not.toContain('aliases');
});

test('everything that it uses is there already', () => {
  expect(job['networks']).toEqual({
    default: { external: true, name: 'shop_default' },
    edge: { external: true, name: 'public' },
  });
  expect(job['configs']?.['start']).toMatchObject({ external: true, name: expect.stringMatching(/^shop_start_/) });
  expect(job['secrets']).toEqual({
    key: { external: true, name: 'shop_key_${KEY_REVISION:-1}' },
    other: { external: true, name: 'shared' },
  });
  expect(job['volumes']?.['data']).toMatchObject({ name: 'shop_data' });
});

test('it runs where the volume of the app is', () => {
  expect(job['services']?.['run']?.['deploy']).toMatchObject({
    placement: { constraints: ['node.labels.shop.data == true'] },
  });
  expect(pinningLabels(files)).toEqual(['shop.data']);
});
