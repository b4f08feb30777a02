import { AsgiApp, ConfigFile, Job, Schedule, Stack, synthesize, targets, Worker, type TargetName } from 'asgi-synth';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { reportOn } from '../../../src/report.js';

const TARGETS = targets.map(({ name }) => name as TargetName);
const FILES = ['settings', 'logging'] as const;
const PATH = '/etc/app/settings.toml';

/** An app with everything that runs beside it, and an app that has no file. */
function stackOf(texts: Partial<Record<(typeof FILES)[number], string>> = {}) {
  const stack = new Stack('shop', { edge: 'nginx' });
  const [settings, logging] = FILES.map(
    (id) => new ConfigFile(stack, id, { content: texts[id] ?? 'level = "info"\n' }),
  ) as [ConfigFile, ConfigFile];
  const image = { image: 'acme/api:1', module: 'main:app' };
  const files = { [PATH]: settings, '/etc/app/logging.toml': logging };
  const app = new AsgiApp(stack, 'api', { ...image, files });
  new AsgiApp(stack, 'admin', { ...image, pathPrefix: '/admin' });
  new Worker(stack, 'emails', { app, command: ['work'] });
  new Schedule(stack, 'nightly', { app, cron: '0 3 * * *', command: ['clean'] });
  new Job(stack, 'migrate', { app, command: ['migrate'], runBefore: app });
  return stack;
}

const contents = (stack: Stack, target: TargetName) =>
  Object.fromEntries(synthesize(stack, target).map(({ path, content }) => [path, content]));

interface Docker {
  readonly services: Record<string, { configs: object[]; labels: Record<string, string>; [key: string]: unknown }>;
  readonly configs: Record<string, { name?: string; file: string }>;
}

const docker = (stack: Stack, target: TargetName, path = target === 'swarm' ? 'stack.yaml' : 'compose.yaml') =>
  parse(contents(stack, target)[path]!) as Docker;

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

const objects = (stack: Stack, path: string) =>
  parseAllDocuments(contents(stack, 'kubernetes')[path]!).map((one) => one.toJS() as KubernetesObject);

const configMap = (stack: Stack) => objects(stack, 'settings.yaml')[0]!;

describe('a config file', () => {
  test.each(['bare-metal', 'swarm'] as const)('is a config of each container of its app on %s', (target) => {
    const { services, configs } = docker(stackOf(), target);
    for (const id of ['api', 'emails', 'nightly'])
      expect(services[id]!.configs).toEqual(
        expect.arrayContaining([
          { source: 'file_settings', target: PATH },
          { source: 'file_logging', target: '/etc/app/logging.toml' },
        ]),
      );
    expect(JSON.stringify(services['admin'])).not.toContain('file_');
    expect(configs['file_settings']!.file).toBe('./files/settings');
    expect(contents(stackOf(), target)['files/settings']).toBe('level = "info"\n');
  });

  test('is a config of the stack that runs a job on a Swarm, with a name for each of two files of one text', () => {
    const { services, configs } = docker(stackOf(), 'swarm', 'jobs/migrate.yaml');
    expect(services['job']!.configs).toContainEqual({ source: 'file_settings', target: PATH });
    expect(configs['file_settings']!.file).toBe('../files/settings');
    const names = Object.values(configs).map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
  });

  test('is a ConfigMap that cannot be changed, mounted at its own path beside what the image has there', () => {
    const config = configMap(stackOf());
    expect(config).toMatchObject({ kind: 'ConfigMap', immutable: true, data: { settings: 'level = "info"\n' } });
    for (const path of ['api.yaml', 'emails.yaml', 'nightly.yaml', 'migrate.yaml']) {
      const pod = JSON.stringify(objects(stackOf(), path));
      expect(pod).toContain(`{"name":"file-settings","mountPath":"${PATH}","readOnly":true,"subPath":"settings"}`);
      expect(pod).toContain(`{"name":"file-settings","configMap":{"name":"${config.metadata.name}"}}`);
    }
    expect(JSON.stringify(objects(stackOf(), 'admin.yaml'))).not.toContain('file-');
  });

  test('that is mounted twice is one volume of a pod', () => {
    const stack = new Stack('shop');
    const file = new ConfigFile(stack, 'settings', { content: 'x' });
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', files: { '/etc/a': file, '/etc/b': file } });
    expect(JSON.stringify(objects(stack, 'api.yaml')).match(/"configMap":/g)).toHaveLength(2);
  });

  test('that changes rolls what has it and nothing else', () => {
    const [before, after] = [stackOf(), stackOf({ settings: 'level = "debug"\n' })];
    const hashes = (stack: Stack) =>
      Object.entries(docker(stack, 'bare-metal').services).map(([id, { labels }]) => [id, labels['asgi-synth.config']]);
    expect(differing(hashes(before), hashes(after))).toEqual(['api', 'emails', 'migrate', 'nightly']);

    const names = (stack: Stack) => Object.entries(docker(stack, 'swarm').configs).map(([id, { name }]) => [id, name]);
    expect(differing(names(before), names(after))).toEqual(['file_settings']);

    const manifests = (stack: Stack) =>
      Object.entries(contents(stack, 'kubernetes')).filter(([path]) => path !== 'README.md');
    expect(differing(manifests(before), manifests(after))).toEqual(
      ['api.yaml', 'emails.yaml', 'migrate.yaml', 'nightly.yaml', 'settings.yaml'].toSorted(),
    );
  });

  test('has a name that a Swarm takes, however it is deployed', () => {
    const named = (id: string) => {
      const stack = new Stack('s'.repeat(20));
      new ConfigFile(stack, id, { content: 'x' });
      new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
      return stack;
    };
    const names = Object.values(docker(named('f'.repeat(25)), 'swarm').configs).map(({ name }) => name!.length);
    expect(Math.max(...names)).toBe(64);
    expect(() => synthesize(named('f'.repeat(26)), 'bare-metal')).toThrow('has 47 characters, at most 46 are possible');
  });

  test('leaves what has none as it was', () => {
    const stack = new Stack('shop');
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
    const hash = docker(stack, 'bare-metal').services['api']!.labels['asgi-synth.config'];
    new ConfigFile(stack, 'settings', { content: 'x' });
    expect(docker(stack, 'bare-metal').services['api']!.labels['asgi-synth.config']).toBe(hash);
  });
});

function differing(before: (string | undefined)[][], after: (string | undefined)[][]): (string | undefined)[] {
  const was = new Map(before.map(([id, value]) => [id, value]));
  return after
    .filter(([id, value]) => was.get(id) !== value)
    .map(([id]) => id)
    .toSorted();
}

describe('a text that a reader of YAML could change', () => {
  test.each([
    ['a carriage return', 'a\r\nb\r\n'],
    ['a byte order mark', '\ufeffa\n'],
    ['a line separator', 'a\u2028b\u0085c\n'],
    ['a control character', 'a\u001b[0m\u007f\n'],
  ])('is base64 in the ConfigMap: %s', (_, text) => {
    const config = configMap(stackOf({ settings: text }));
    expect(config['data']).toBeUndefined();
    const { settings } = config['binaryData'] as { settings: string };
    expect(Buffer.from(settings, 'base64').toString()).toBe(text);
  });
});

describe('a config file of the project', () => {
  const directory = mkdtempSync(join(tmpdir(), 'asgi-synth-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const content = '\ufeff[x]\r\na = "$HOME ${X} {{ y }} \'é😀\'"  \n\tno end';
  writeFileSync(join(directory, 'settings.toml'), content);

  const stackWith = () => {
    const stack = new Stack('shop', { directory });
    const files = { [PATH]: new ConfigFile(stack, 'settings', { file: './settings.toml' }) };
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', files });
    return stack;
  };

  test.each(['bare-metal', 'swarm'] as const)('arrives byte for byte on %s', (target) => {
    expect(contents(stackWith(), target)['files/settings']).toBe(content);
  });

  test('arrives byte for byte on Kubernetes', () => {
    const { settings } = configMap(stackWith())['binaryData'] as { settings: string };
    expect(Buffer.from(settings, 'base64').toString()).toBe(content);
  });
});

describe('a text that is too large', () => {
  const sizes = (text: string) =>
    Object.fromEntries(
      TARGETS.map((target) => {
        const stack = stackOf({ settings: text });
        const rows = reportOn(stack, [target]).portability;
        const row = rows.find(({ construct, prop }) => construct.node.id === 'settings' && prop === 'content');
        return [target, row?.targets[target]?.how];
      }),
    );

  test('is a problem for the target that cannot hold it', () => {
    expect(sizes('x'.repeat(200_000))).toEqual({ 'bare-metal': 'native', swarm: 'native', kubernetes: 'native' });
    expect(sizes('x'.repeat(300_000))).toEqual({ 'bare-metal': 'native', swarm: 'native', kubernetes: 'problem' });
    expect(sizes('x'.repeat(512_000))).toEqual({ 'bare-metal': 'native', swarm: 'problem', kubernetes: 'problem' });
  });

  test('is counted as kubectl writes it down', () => {
    expect(sizes('<'.repeat(50_000))['kubernetes']).toBe('problem');
  });

  test('says how large it is and why that is too much', () => {
    expect(() => synthesize(stackOf({ settings: 'x'.repeat(512_000) }), 'swarm')).toThrow(
      'content takes 512000 bytes, but a Swarm keeps less than 500 KiB in a config',
    );
  });
});
