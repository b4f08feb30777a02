import { AsgiApp, Stack, synthesize, type TargetName } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { compareOutputs } from '../../../../src/deployment/diff/outputs.js';
import { compareTrees } from '../../../../src/deployment/diff/trees.js';
import { redacted, redactedLine } from '../../../../src/deployment/diff/redact.js';
import { diffText } from '../../../../src/cli/diff-text.js';
import { paint } from '../../../../src/cli/colour.js';

function outputs(target: TargetName, MODE = 'a', stackFile = 'stacks/shop.ts') {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', environment: { MODE } });
  return synthesize(stack, target, { stackFile });
}

describe('two outputs', () => {
  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)('are the same whoever made them: %s', (target) => {
    expect(compareOutputs(outputs(target), outputs(target, 'a', 'elsewhere/shop.ts'))).toEqual([]);
  });

  test.each([
    ['bare-metal', 'api', 'environment.MODE'],
    ['swarm', 'api', 'environment.MODE'],
    ['kubernetes', 'Deployment/shop-api', 'spec.template.spec.containers[api].env[MODE].value'],
  ] as const)('differ in one field where one variable does: %s', (target, of, field) => {
    expect(compareOutputs(outputs(target), outputs(target, 'b'))).toEqual([{ of, field, before: 'a', after: 'b' }]);
  });

  test('have objects that come and go as a whole', () => {
    const without = outputs('kubernetes').filter(({ path }) => path !== 'nginx.yaml');
    const object = { path: 'api.yaml', content: 'kind: "Service"\nmetadata: { name: "shop-web" }\n' };
    expect(compareOutputs(without, [...without, object])).toEqual([
      { of: 'Service/shop-web', after: { kind: 'Service', metadata: { name: 'shop-web' } } },
    ]);
    expect(compareOutputs([...without, object], without)).toEqual([
      { of: 'Service/shop-web', before: { kind: 'Service', metadata: { name: 'shop-web' } } },
    ]);
  });

  test('are told apart line by line where a file is text', () => {
    const file = (content: string) => [{ path: 'api/Dockerfile', content }];
    expect(compareOutputs(file('FROM a\nRUN b\nCMD c\n'), file('FROM a\nRUN x\nRUN y\nCMD c\n'))).toEqual([
      { of: 'api/Dockerfile', field: 'line 2', before: 'RUN b', after: 'RUN x\nRUN y' },
    ]);
  });

  test('may hold a file that somebody broke', () => {
    const file = (content: string) => [{ path: 'compose.yaml', content }];
    expect(compareOutputs(file('a: ['), file('a: [1]\n')).length).toBe(1);
  });
});

describe('two objects', () => {
  test('have items of lists by their names, wherever they stand', () => {
    const before = {
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
    };
    const after = {
      ports: [
        { name: 'c', port: 3 },
        { name: 'b', port: 2 },
        { name: 'a', port: 9 },
      ],
    };
    expect(compareTrees('x', before, after)).toEqual([
      { of: 'x', field: 'ports[c]', after: { name: 'c', port: 3 } },
      { of: 'x', field: 'ports[a].port', before: 1, after: 9 },
    ]);
  });

  test('have lists of words as a whole, keys with dots in brackets, and empty objects', () => {
    expect(compareTrees('x', { c: ['a'], l: { 'a.b/c': 1 } }, { c: ['a', 'b'], l: { 'a.b/c': 2 }, e: {} })).toEqual([
      { of: 'x', field: 'c', before: ['a'], after: ['a', 'b'] },
      { of: 'x', field: 'l[a.b/c]', before: 1, after: 2 },
      { of: 'x', field: 'e', after: {} },
    ]);
  });

  test('have files inside of them line by line', () => {
    expect(compareTrees('ConfigMap/x', { data: { f: 'a\nb\n' } }, { data: { f: 'a\nc\n' } })).toEqual([
      { of: 'ConfigMap/x', field: 'data.f line 2', before: 'b', after: 'c' },
    ]);
  });
});

describe('values that look like secrets', () => {
  test.each([
    [{ environment: { DB_PASSWORD: 'x' } }, { environment: { DB_PASSWORD: '(redacted)' } }],
    [{ environment: { DB_PASSWORD: '/run/secrets/x' } }, { environment: { DB_PASSWORD: '/run/secrets/x' } }],
    [{ env: [{ name: 'API_KEY', value: 'x' }] }, { env: [{ name: 'API_KEY', value: '(redacted)' }] }],
    [
      { apiKey: 'x', 'client-secret': 'y' },
      { apiKey: '(redacted)', 'client-secret': '(redacted)' },
    ],
    [{ environment: ['TOKEN=x', 'MODE=y'] }, { environment: ['TOKEN=(redacted)', 'MODE=y'] }],
    [{ URL: 'postgres://a:b@c/d' }, { URL: '(redacted)' }],
    [
      ['--dsn', 'at postgres://a:b@c/d'],
      ['--dsn', 'at postgres://a:(redacted)@c/d'],
    ],
    [{ automountServiceAccountToken: false }, { automountServiceAccountToken: false }],
  ])('are not shown: %j', (value, shown) => {
    expect(redacted(['Deployment'], value)).toEqual(shown);
  });

  test('are all values of a Kubernetes Secret', () => {
    expect(redacted(['Secret'], { data: { a: 'eA==' }, stringData: { b: 'x' }, type: 'Opaque' })).toEqual({
      data: { a: '(redacted)' },
      stringData: { b: '(redacted)' },
      type: 'Opaque',
    });
  });

  test.each([
    ['ENV API_TOKEN=abc', 'ENV API_TOKEN=(redacted)'],
    ['docker buildx build --build-arg NPM_TOKEN="a b" .', 'docker buildx build --build-arg NPM_TOKEN=(redacted) .'],
    ['proxy_set_header Authorization "Basic abc";', 'proxy_set_header Authorization (redacted);'],
    ['password: "abc"', 'password: (redacted)'],
    ['printf %s "${DB_PASSWORD:?}" | x', 'printf %s "${DB_PASSWORD:?}" | x'],
    ['--secret API_KEY=/run/secrets/api_key', '--secret API_KEY=/run/secrets/api_key'],
    [
      'a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----',
      'a\n-----BEGIN RSA PRIVATE KEY-----(redacted)-----END RSA PRIVATE KEY-----',
    ],
  ])('are not shown in text: %j', (text, shown) => {
    expect(redactedLine(text)).toBe(shown);
  });

  test('still show that they differ', () => {
    expect(compareTrees('api', { environment: { TOKEN: 'a' } }, { environment: { TOKEN: 'b' } })).toEqual([
      { of: 'api', field: 'environment.TOKEN', before: '(redacted)', after: '(redacted, another value)' },
    ]);
  });
});

describe('what is printed', () => {
  const differences = {
    release: 3,
    running: [
      { of: 'api', field: 'image', before: 'a', after: 'x'.repeat(200) },
      { of: 'volume data', after: {} },
      { of: 'config old', before: {} },
      { of: 'README.md', field: 'line 1', before: 'a', after: Array.from({ length: 30 }, (_, i) => i).join('\n') },
      { of: 'api', field: 'labels.x', before: '\u001b[31m\n' },
    ],
    drift: [],
  };

  test('is grouped, cut, and never breaks out of its line', () => {
    expect(diffText(differences, 'out', paint(false)).split('\n').slice(0, 8)).toEqual([
      'from release 3, which serves:',
      '  api',
      `    image: "a" -> "${'x'.repeat(78)}…`,
      String.raw`    labels.x: "\u001b[31m\n" -> (none)`,
      '  volume data: new',
      '  config old: removed',
      '  README.md',
      '    line 1',
    ]);
    expect(diffText(differences, 'out', paint(false))).toContain('      … and 10 more lines\n'.replace('…', '+ …'));
  });

  test('has colours only where it may', () => {
    expect(diffText(differences, 'out', paint(true))).toContain('\u001b[32mvolume data: new\u001b[0m');
  });
});
