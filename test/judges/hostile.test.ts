import { AsgiApp, Secret, Stack, synthesize, Volume, type TargetName } from 'asgi-synth';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dockerEngine, type DockerEngine } from '../harness/engines.js';
import { run } from '../harness/process.js';
import { hostileVariable, runs } from '../unit/support/hostile.js';
import { addApp } from '../unit/support/outputs.js';
import { writeFiles } from '../unit/support/project.js';
import { swarmVariable } from '../unit/support/readers.js';

// Values that hurt, many in one document, read back by the programs that will read the real ones.

const values = fc.sample(hostileVariable, { numRuns: 400, seed: runs(1).seed! }).filter(({ length }) => length < 5000);
const environment = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
const words = values.filter((value) => value !== '' && !/\p{Cc}/u.test(value));
const out = mkdtempSync(join(tmpdir(), 'asgi-synth-hostile-'));
let engine: DockerEngine;

beforeAll(async () => {
  engine = await dockerEngine();
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

function write(stack: Stack, target: TargetName): string {
  const folder = join(out, `${stack.name}-${target}`);
  writeFiles(folder, Object.fromEntries(synthesize(stack, target).map(({ path, content }) => [path, content])));
  return folder;
}

function hostileStack(): Stack {
  const stack = new Stack('shop', {
    edge: 'nginx',
    accept: { 'http-port': [...words.join(' ')].slice(0, 1000).join('') || 'x', 'secret-in-environment': 'x' },
  });
  const driverOptions = Object.fromEntries(words.map((value, index) => [`o${index}`, value]));
  const volume = new Volume(stack, 'data', { driver: 'local', storageClass: 'standard', driverOptions });
  addApp(stack, 'api', {
    environment,
    command: ['run', ...words],
    volumes: { '/data': volume },
    secrets: [new Secret(stack, 'key', { file: words[0] ?? 'x' })],
  });
  return stack;
}

interface Compose {
  readonly services: Record<
    string,
    { readonly environment: Record<string, string>; readonly command: readonly string[] }
  >;
  readonly volumes: Record<string, { readonly driver_opts: Record<string, string> }>;
}

// What Go prints without quotes is a text for Go, even where another reader would see a number: 1e400.
const TEXTS = { schema: 'failsafe', maxAliasCount: 0 } as const;

const options = Object.fromEntries(words.map((value, index) => [`o${index}`, value]));

// Go has no half of a surrogate pair and JSON no other spelling of a character, so that what is equal here is the same text.
test('docker compose reads every value as it was meant', async () => {
  const folder = write(hostileStack(), 'bare-metal');
  const { stdout } = await run('docker', ['compose', '-f', 'compose.yaml', 'config', '--no-interpolate', '--quiet'], {
    cwd: folder,
    env: engine.env,
  });
  expect(stdout).toBe('');
  const { stdout: json, stderr } = await run(
    'docker',
    ['compose', '-f', 'compose.yaml', 'config', '--format', 'json'],
    { cwd: folder, env: engine.env },
  );
  const read = JSON.parse(json) as Compose;
  // `config` writes a file that can be read again: it doubles dollars.
  const single = (text: string) => text.replaceAll('$$', '$');
  expect(stderr).toBe('');
  expect(
    Object.fromEntries(Object.entries(read.services['api']!.environment).map(([name, value]) => [name, single(value)])),
  ).toEqual(environment);
  expect(read.services['api']!.command.map(single)).toEqual(['run', ...words]);
  expect(
    Object.fromEntries(Object.entries(read.volumes['data']!.driver_opts).map(([name, value]) => [name, single(value)])),
  ).toEqual(options);
});

test('docker stack reads every value as it was meant', async () => {
  const folder = write(hostileStack(), 'swarm');
  const { stdout, stderr } = await run('docker', ['stack', 'config', '--compose-file', 'stack.yaml'], {
    cwd: folder,
    env: engine.env,
  });
  const read = parse(stdout, TEXTS) as Compose;
  expect(stderr).toBe('');
  // What it prints lacks a line break at the start of a text (go-yaml); what it deploys does not.
  const texts = (variables: Record<string, string>, how: (text: string) => string) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, how(value).replace(/^\n+/, '')]));
  expect(texts(read.services['api']!.environment, swarmVariable)).toEqual(texts(environment, (text) => text));
  expect(read.services['api']!.command).toEqual(['run', ...words]);
  expect(
    Object.fromEntries(
      Object.entries(read.volumes['data']!.driver_opts).map(([name, value]) => [name, swarmVariable(value)]),
    ),
  ).toEqual(options);
});

test('kustomize reads every value as it was meant', async () => {
  const folder = write(hostileStack(), 'kubernetes');
  const { stdout } = await run('kubectl', ['kustomize', '.'], { cwd: folder, env: engine.env });
  const pod = stdout.split(/^---$/m).map(
    (text) =>
      parse(text, TEXTS) as {
        kind: string;
        metadata: { name: string };
        spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
      },
  );
  const container = pod.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'shop-api')!.spec
    .template.spec.containers[0]!;
  expect(
    Object.fromEntries(
      container.env
        .filter(({ name }) => name in environment)
        .map(({ name, value = '' }) => [name, value.replaceAll('$$', '$')]),
    ),
  ).toEqual(environment);
});

describe('nginx takes', () => {
  const app = (stack: Stack, id: string, props: object) =>
    new AsgiApp(stack, id, { image: 'a/b:1', module: 'm:a', ...props });
  const label = 'abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz';

  test.each<[string, (stack: Stack) => void, object?]>([
    [
      'the longest host',
      (stack) => app(stack, 'api', { hosts: [[label, label, label, label.slice(0, 61)].join('.'), 'a', '1.2.3.4'] }),
    ],
    [
      'the longest id, with a prefix',
      (stack) => app(stack, 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t', { pathPrefix: '/x' }),
    ],
    [
      'ids that are names of its own',
      (stack) =>
        ['string', 'uri', 'args', 'host', 'default', 'http', 'server'].forEach(
          (id) => id !== 'default' && app(stack, id, { pathPrefix: `/${id}` }),
        ),
    ],
    ['ids that are numbers', (stack) => ['0', '1', '00'].forEach((id) => app(stack, id, { pathPrefix: `/${id}` }))],
    [
      'the longest prefix, and those that look like patterns',
      (stack) =>
        [`/${'x'.repeat(254)}`, '/a.b', '/a~b', '/-', '/...', '/_'].forEach((pathPrefix, index) =>
          app(stack, `a${index}`, { pathPrefix }),
        ),
    ],
    [
      '200 apps with hosts and prefixes',
      (stack) =>
        Array.from({ length: 200 }, (_, index) =>
          app(stack, `app-${index}`, {
            pathPrefix: `/p${index}`,
            hosts: [`host-${index}.example.com`, 'all.example.com'],
          }),
        ),
    ],
    [
      'directives of the user',
      (stack) =>
        app(stack, 'api', {
          pathPrefix: '/api',
          responseHeaders: { 'X-Frame-Options': 'DENY' },
          rateLimit: { requestsPerSecond: 1 },
          nginx: {
            location:
              'limit_req zone=mine burst=5;\nlimit_req_status 503;\nadd_header X-Id $request_id always; # "{\nproxy_set_header X-Tenant $tenant;\nproxy_request_buffering off;',
          },
        }),
      {
        nginx: {
          http: 'map $http_x_tenant $tenant {\n    default "a;b}";\n    "~^(?<who>[a-z]{1,8})$" $who;\n}\nlimit_req_zone $tenant zone=mine:1m rate=5r/s;',
          server: 'location = /robots.txt {\n    return 204;\n}\nif ($tenant = "") {\n    return 403;\n}',
        },
      },
    ],
    [
      'every kind of trusted proxy',
      (stack) => app(stack, 'api', {}),
      { trustedProxies: ['10.0.0.0/8', '192.0.2.1', '0.0.0.0/0', 'fd00::/8', '::1', '::/0', '::ffff:10.0.0.0/104'] },
    ],
    [
      'the largest and the smallest body',
      (stack) => [
        app(stack, 'a', { bodyLimit: '1Ti' }),
        app(stack, 'b', { bodyLimit: '1k', pathPrefix: '/b', requestTimeout: 60 }),
      ],
    ],
  ])('%s', async (title, fill, props = {}) => {
    const stack = new Stack(`n${title.length}`, props);
    fill(stack);
    for (const target of ['bare-metal', 'swarm'] as const) {
      const mount = `${write(stack, target)}/nginx:/etc/asgi-synth/nginx:ro`;
      const command = ['-t', '-e', 'stderr', '-p', '/etc/nginx/', '-c', '/etc/asgi-synth/nginx/nginx.conf'];
      const { stderr } = await run(
        'docker',
        [
          'run',
          '--rm',
          '--network',
          'none',
          '--volume',
          mount,
          '--entrypoint',
          'nginx',
          engine.images.nginx,
          ...command,
        ],
        { env: engine.env, check: false },
      );
      expect(stderr).toMatch(/test is successful/);
      expect(stderr).not.toMatch(/\[(warn|emerg|alert|error)\]/);
    }
  });
});
