import { AsgiApp, Kubernetes, Stack, synthesize, targets } from 'asgi-synth';
import { expect, test } from 'vitest';
import { explainLines } from '../../../src/explanation/lines.js';
import { stackNamed } from '../support/every-stack.js';

const linesOf = (stack: Stack, name: 'bare-metal' | 'swarm' | 'kubernetes') => {
  const target = targets.find((one) => one.name === name)!;
  return synthesize(stack, name).flatMap((file) =>
    explainLines({ stack, target, placeOf: () => undefined }, file).map((line) => ({ ...line, file: file.path })),
  );
};

test('directives of the stack file are not read as ours, and the lines behind them are', async () => {
  const lines = linesOf(await stackNamed('static'), 'swarm').filter(({ file }) => file === 'nginx/nginx.conf');
  const tenant = lines.filter(({ value }) => value?.includes('$tenant') ?? false);
  expect(tenant.map(({ path }) => path)).toEqual([
    'http.snippet',
    'http.server.location.snippet',
    'http.server.location.@anew.snippet',
  ]);
  expect(tenant.map(({ from }) => from.map(({ construct, prop }) => `${construct} ${prop}`))).toEqual([
    ['static nginx'],
    ['static/site nginx'],
    ['static/site nginx'],
  ]);
  expect(lines.at(-1)?.path).toBe('http');
});

test('a patch of an app is not said to have written what its static files have', () => {
  const stack = new Stack('shop', { edge: 'nginx' });
  const app = new AsgiApp(stack, 'api', { image: 'i:1', module: 'm:app', static: { '/static': '/app/static' } });
  Kubernetes.of(app).patch({ op: 'replace', path: '/spec/revisionHistoryLimit', value: 3 });
  const patched = linesOf(stack, 'kubernetes').filter(({ patch }) => patch !== undefined);
  expect(patched.map(({ file }) => file)).toEqual(['api.yaml']);
});
