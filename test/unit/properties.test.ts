import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { NginxParser } from 'nginx-conf';
import {
  AsgiApp,
  Compose,
  ConfigFile,
  Secret,
  Stack,
  Swarm,
  synthesize,
  targets,
  UserError,
  Volume,
  type AsgiAppProps,
  type ConfigFileProps,
  type OutputFile,
  type StackProps,
  type TargetName,
  type VolumeProps,
} from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { CONFIG_MAP_LIMIT } from '../../src/targets/kubernetes/config-file.js';
import { parse, parseAllDocuments } from 'yaml';
import { formatComplaint, oneLine } from '../../src/errors.js';
import { composeFile, withoutTemplates } from '../../src/formats/compose.js';
import { code, inline, markdownPage } from '../../src/formats/markdown.js';
import { literalText, yamlComment, yamlDocument, yamlDocuments } from '../../src/formats/yaml.js';
import { sourceReader, synthesizeFrom } from '../../src/synthesize.js';
import { shellWord } from '../../src/targets/context.js';
import { hostileText, hostileUnicode, hostileValue, hostileVariable, runs } from './support/hostile.js';
import { composeText, swarmVariable, kubernetesVariable } from './support/readers.js';

const TARGETS = targets.map(({ name }) => name as TargetName);

/** A stack in which one value comes from elsewhere. */
interface Values {
  readonly stackName?: unknown;
  readonly stack?: unknown;
  readonly appId?: unknown;
  readonly app?: unknown;
  readonly secretId?: unknown;
  readonly secret?: unknown;
  readonly volumeId?: unknown;
  readonly volume?: unknown;
  readonly configFile?: unknown;
}

function build({
  stackName = 'shop',
  stack: stackProps = {},
  appId = 'api',
  app = {},
  secretId = 'key',
  secret = {},
  volumeId = 'data',
  volume = {},
  configFile = { content: 'x' },
}: Values): Stack {
  const accept = {
    'secret-in-environment': 'x',
    'http-port': 'x',
    'hosts-without-edge': 'x',
    'network-policy': 'x',
    'processes-range': 'x',
    'path-prefix': 'x',
    'body-limit': 'x',
    'edge-timeout': 'x',
    'access-log': 'x',
    'request-id': 'x',
    'metrics-public': 'x',
    'metrics-scraper': 'x',
    'rate-limit': 'x',
    'response-headers': 'x',
    redirects: 'x',
    'edge-network': 'x',
    'volume-driver': 'x',
  };
  const stack = new Stack(stackName as string, { edge: 'nginx', accept, ...(stackProps as StackProps) });
  const secrets = [new Secret(stack, secretId as string, secret as object)];
  const volumes = { '/data': new Volume(stack, volumeId as string, volume as VolumeProps) };
  new AsgiApp(stack, appId as string, {
    image: 'acme/api:1',
    module: 'main:app',
    secrets,
    volumes,
    files: { '/etc/app.toml': new ConfigFile(stack, 'settings', configFile as ConfigFileProps) },
    ...(app as Partial<AsgiAppProps>),
  });
  return stack;
}

const asKey = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(typeof value));

/** Every place in which a user can write a text. */
const FIELDS: Readonly<Record<string, (value: unknown) => Values>> = {
  'stack name': (stackName) => ({ stackName }),
  'app id': (appId) => ({ appId }),
  'secret id': (secretId) => ({ secretId }),
  'volume id': (volumeId) => ({ volumeId }),
  ...Object.fromEntries(
    [
      'directory',
      'registry',
      'httpPort',
      'httpsPort',
      'tls',
      'edge',
      'ingress',
      'gateway',
      'trustedProxies',
      'namespace',
      'allowFrom',
      'allowTo',
      'imagePullSecrets',
      'labels',
      'accept',
      'images',
      'redirects',
      'accessLog',
      'requestId',
      'nginx',
    ].map((prop) => [`stack ${prop}`, (value: unknown): Values => ({ stack: { [prop]: value } })]),
  ),
  ...Object.fromEntries(
    [
      'source',
      'image',
      'module',
      'factory',
      'processes',
      'memory',
      'cpu',
      'port',
      'health',
      'hosts',
      'pathPrefix',
      'environment',
      'secrets',
      'volumes',
      'requestTimeout',
      'bodyLimit',
      'routes',
      'responseHeaders',
      'rateLimit',
      'logs',
      'metrics',
      'otel',
      'sentry',
      'static',
      'sticky',
      'nginx',
      'command',
      'build',
    ].map((prop) => [`app ${prop}`, (value: unknown): Values => ({ app: { [prop]: value } })]),
  ),
  ...Object.fromEntries(
    ['file', 'external', 'as'].map((prop) => [
      `secret ${prop}`,
      (value: unknown): Values => ({ secret: { [prop]: value } }),
    ]),
  ),
  ...Object.fromEntries(
    ['size', 'shared', 'storageClass', 'driver', 'driverOptions'].map((prop) => [
      `volume ${prop}`,
      (value: unknown): Values => ({ volume: { [prop]: value } }),
    ]),
  ),
  'trusted proxy': (value) => ({ stack: { trustedProxies: [value] } }),
  'edge network': (value) => ({ stack: { edge: { network: value } } }),
  'ingress class': (value) => ({ stack: { ingress: { className: value } } }),
  gateway: (value) => ({ stack: { gateway: { name: value, namespace: value } } }),
  listener: (value) => ({ stack: { gateway: { name: 'public', listener: value }, tls: { secretName: 'a' } } }),
  'certificate file': (value) => ({ stack: { tls: { certificate: { file: value }, key: { external: value } } } }),
  'certificate name': (value) => ({ stack: { tls: { secretName: value } } }),
  issuer: (value) => ({ stack: { tls: { clusterIssuer: value, hsts: value, redirect: value, http3: value } } }),
  'namespace name': (value) => ({ stack: { namespace: { name: value } } }),
  'label value': (value) => ({ stack: { labels: { team: value } } }),
  'label key': (value) => ({ stack: { labels: { [asKey(value)]: 'x' } } }),
  'accept key': (value) => ({ stack: { accept: { [asKey(value)]: 'x' } } }),
  'third-party image': (value) => ({ stack: { images: { nginx: value } } }),
  'third-party name': (value) => ({ stack: { images: { [asKey(value)]: 'a/b:1' } } }),
  'pull secret': (value) => ({ stack: { imagePullSecrets: [value] } }),
  peer: (value) => ({ stack: { allowFrom: [{ cidr: value }, { pods: { a: value } }, { namespace: value }] } }),
  host: (value) => ({ app: { hosts: [value] } }),
  'environment value': (value) => ({ app: { environment: { A: value } } }),
  'environment name': (value) => ({ app: { environment: { [asKey(value)]: 'x' } } }),
  'health paths': (value) => ({ app: { health: { readiness: value, liveness: value } } }),
  'config file': (value) => ({ configFile: { file: value } }),
  'text of a config file': (value) => ({ configFile: { content: value } }),
  'path of a config file': (value) => ({ app: { files: { [asKey(value)]: value } } }),
  'header of answers': (value) => ({ app: { responseHeaders: { 'X-Test': value } } }),
  'name of a header': (value) => ({ app: { responseHeaders: { [asKey(value)]: 'x' } } }),
  'path of a route': (value) => ({ app: { routes: { [asKey(value)]: { requestTimeout: 5 } } } }),
  'path of metrics': (value) => ({ app: { metrics: { path: value, from: [{ namespace: value }] } } }),
  collector: (value) => ({ app: { otel: { endpoint: value } }, stack: { allowTo: [] } }),
  'name of telemetry': (value) => ({ app: { otel: { endpoint: 'http://c', serviceName: value, headers: value } } }),
  'attribute of telemetry': (value) => ({ app: { otel: { endpoint: 'http://c', attributes: { a: value } } } }),
  'name of an attribute': (value) => ({ app: { otel: { endpoint: 'http://c', attributes: { [asKey(value)]: 'x' } } } }),
  release: (value) => ({ app: { sentry: { dsn: value, release: value, environment: value } } }),
  'directives of nginx': (value) => ({ stack: { edge: 'nginx', nginx: { http: value, server: value } } }),
  'directives of nginx for an app': (value) => ({ stack: { edge: 'nginx' }, app: { nginx: { location: value } } }),
  'path of static files': (value) => ({ app: { static: { [asKey(value)]: '/srv/x' } } }),
  'folder of static files': (value) => ({
    app: { static: { '/static': { folder: value, command: [value], maxAge: value } } },
  }),
  'static files of a source': (value) => ({
    app: {
      image: undefined,
      source: './images/fastapi',
      static: { '/static': { folder: 'x', command: ['sh', '-c', value] } },
    },
  }),
  redirect: (value) => ({ stack: { redirects: { [asKey(value)]: value } } }),
  'mount path': (value) => ({ app: { volumes: { [asKey(value)]: value } } }),
  word: (value) => ({ app: { command: ['run', value] } }),
  'unknown prop': (value) => ({ app: { [asKey(value)]: value } }),
  'driver option': (value) => ({ volume: { driver: 'local', driverOptions: { o: value } } }),
  'driver option name': (value) => ({ volume: { driver: 'local', driverOptions: { [asKey(value)]: 'x' } } }),
  'build argument': (value) => ({
    app: { image: undefined, source: './images/fastapi', build: { arguments: { A: value } } },
  }),
  'build secret': (value) => ({
    app: { image: undefined, source: './images/fastapi', build: { secrets: { A: { file: value, target: value } } } },
  }),
  'system package': (value) => ({
    app: { image: undefined, source: './images/fastapi', build: { systemPackages: [value] } },
  }),
  dockerfile: (value) => ({ app: { image: undefined, source: './images/fastapi', build: { dockerfile: value } } }),
};

type Result = readonly OutputFile[] | string[];

/** For each target the output, or the lines with which it is refused. Anything else that is thrown fails the test. */
function attempt(values: Values, options = {}): Result[] {
  const stack = build(values);
  // As `--target all` does it: to make the stack and to read its sources takes longer than all the rest.
  const readOnce = sourceReader(stack, options);
  return TARGETS.map((target) => outcome(() => synthesizeFrom(readOnce, stack, target, options)));
}

function outcome(make: () => readonly OutputFile[]): Result {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return error.complaints.map(formatComplaint);
    // What is passed as a scope or a getter may throw itself; a TypeError about it has a sentence of ours.
    throw error;
  }
}

const isOutput = (result: Result): result is readonly OutputFile[] => typeof result[0] === 'object';

describe('whatever is written into a stack', () => {
  test.each(Object.keys(FIELDS))(
    '%s: it becomes an output that can be written, or short lines that say why not',
    (field) => {
      fc.assert(
        fc.property(hostileValue, (value) => {
          for (const result of attempt(FIELDS[field]!(value))) {
            if (isOutput(result))
              for (const { content } of result) expect(content.replaceAll('\0', '\ud800')).not.toMatch(/\p{Cs}/u);
            else for (const line of result) expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{10,1000}$/u);
          }
        }),
        runs(60),
      );
    },
  );

  test('options of the command too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('stage', 'tag', 'image', 'image name', 'digest', 'stackFile'),
        hostileText,
        (option, value) => {
          const options = {
            stage: { stage: value },
            tag: { tag: value },
            image: { images: { api: value, nginx: value } },
            'image name': { images: { [value]: 'a/b:1' } },
            digest: { digests: { 'acme/api:1': value, [value]: 'x' } },
            stackFile: { stackFile: value },
          }[option];
          for (const result of attempt({}, options)) {
            if (!isOutput(result))
              for (const line of result) expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{10,1000}$/u);
          }
        },
      ),
      runs(300),
    );
  });
});

describe('whatever a patch brings in', () => {
  const keys = [
    'services',
    'image',
    'command',
    'ports',
    'volumes',
    'deploy',
    'replicas',
    'labels',
    'networks',
    'driver',
  ];
  const places = ['', '/services/api', '/services/api/environment', '/services/api/deploy', '/networks/default'];

  test('it becomes an output that can be written, or short lines that say why not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.oneof(hostileText, fc.constantFrom(...keys)),
        hostileValue,
        (place, key, value) => {
          for (const [target, of] of [
            ['bare-metal', Compose],
            ['swarm', Swarm],
          ] as const) {
            const stack = build({});
            const path = `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
            of.of(stack).patch({ op: 'add', path, value });
            const result = outcome(() => synthesize(stack, target));
            if (isOutput(result)) expect(() => documents(result)).not.toThrow();
            else for (const line of result) expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{10,1000}$/u);
          }
        },
      ),
      runs(150),
    );
  });
});

/** Path of every leaf of a document. */
function shape(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}/${key}`));
}

const documents = (files: readonly OutputFile[]) =>
  files
    .filter(({ path }) => path.endsWith('.yaml'))
    .flatMap(({ content }) => parseAllDocuments(content).map((document) => document.toJS() as unknown));

const contents = (files: readonly OutputFile[]) =>
  Object.fromEntries(files.map(({ path, content }) => [path, content]));

/** Shape of each YAML file, by path. */
const shapeOf = (files: readonly OutputFile[]) =>
  Object.fromEntries(
    files.filter(({ path }) => path.endsWith('.yaml')).map((file) => [file.path, shape(documents([file]))]),
  );

/** What begins each line of the README: its lines, headings and fences are ours alone. */
const linesOf = (files: readonly OutputFile[]) =>
  files
    .find(({ path }) => path === 'README.md')!
    .content.split('\n')
    .map((line) => /^(#+ |```|\|)?/.exec(line)![0]);

describe('a value changes one leaf and nothing else', () => {
  const LEAVES = [
    'environment value',
    'secret file',
    'driver option',
    'word',
    'build argument',
    'host',
    'app pathPrefix',
    'app health',
    'label value',
    'third-party image',
    'app module',
    'trusted proxy',
  ];

  test.each(LEAVES)('%s', (field) => {
    const tame =
      {
        'app pathPrefix': '/x',
        'app health': '/x',
        host: 'x',
        'third-party image': 'a/b:1',
        'app module': 'a:b',
        'trusted proxy': '10.0.0.0/8',
      }[field] ?? 'x';
    const tames = attempt(FIELDS[field]!(tame)).filter(isOutput);
    expect(tames).toHaveLength(TARGETS.length);
    const expected = tames.map((files) => ({ files: contents(files), shape: shapeOf(files), lines: linesOf(files) }));
    fc.assert(
      fc.property(hostileVariable, (value) => {
        attempt(FIELDS[field]!(value)).forEach((result, index) => {
          if (!isOutput(result)) return;
          const { files, shape, lines } = expected[index]!;
          expect(result.map(({ path }) => path)).toEqual(Object.keys(files));
          // A file of the same bytes has the same shape.
          const changed = result.filter(({ path, content }) => content !== files[path]);
          expect({ ...shape, ...shapeOf(changed) }).toEqual(shape);
          expect(linesOf(result)).toEqual(lines);
        });
      }),
      runs(40),
    );
  });
});

describe('YAML', () => {
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      hostileUnicode,
      fc.integer(),
      fc.integer().map((number) => number / 8 || 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        hostileUnicode.filter((key) => key !== '__proto__' && key.length < 100),
        tie('value'),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value;

  test.each(['1.1', '1.2'] as const)('reads back as it was meant, by YAML %s', (version) => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parse(yamlDocument(value), { version, maxAliasCount: 0, uniqueKeys: true })).toEqual(value);
      }),
      runs(500),
    );
  });

  test('keeps a line that is only a space', () => {
    const value = `${'x'.repeat(40)}\n \ny\n`;
    for (const version of ['1.1', '1.2'] as const)
      expect(parse(yamlDocument({ value }), { version })).toEqual({ value });
  });

  test('keeps documents apart', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1, maxLength: 4 }), (values) => {
        expect(parseAllDocuments(yamlDocuments(values)).map((document) => document.toJS() as unknown)).toEqual(values);
      }),
      runs(300),
    );
  });

  test('a text of several lines reads back as it was meant', () => {
    const text = fc.oneof(
      hostileUnicode,
      fc
        .array(fc.constantFrom('a', ' a', '  b: c', '# d', '', '-', '|', '\t', ' ', 'x '), { maxLength: 6 })
        .map((lines) => `${lines.join('\n')}\n`),
    );
    fc.assert(
      fc.property(text, (value) => {
        for (const version of ['1.1', '1.2'] as const)
          expect(parse(yamlDocument({ data: { file: literalText(value) } }), { version })).toEqual({
            data: { file: value },
          });
      }),
      runs(500),
    );
  });

  test('a comment stays a comment', () => {
    fc.assert(
      fc.property(fc.array(hostileText), (lines) => {
        for (const version of ['1.1', '1.2'] as const)
          expect(parse(`${yamlComment(lines)}\na: 1\n`, { version })).toEqual({ a: 1 });
      }),
      runs(300),
    );
  });

  test('is ASCII where a reader of YAML 1.1 would see a line break or refuse', () => {
    fc.assert(
      fc.property(hostileUnicode, (value) => {
        expect(yamlDocument({ value })).not.toMatch(
          // eslint-disable-next-line no-control-regex
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/,
        );
      }),
      runs(300),
    );
  });

  test('reads back as it was meant, by PyYAML', ({ skip }) => {
    const script = 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin.buffer)), sys.stdout)';
    const values = fc.sample(json, { numRuns: 1000, seed: runs(1).seed! });
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script], {
      input: yamlDocuments(values.map((value) => ({ value }))),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (/No module named 'yaml'/.test(stderr) || status === null) return skip('needs python3 with PyYAML');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(values.map((value) => ({ value })));
  });
});

describe('Compose and Swarm', () => {
  test('a dollar that is meant is a dollar', () => {
    fc.assert(
      fc.property(hostileUnicode, (value) => {
        const read = parse(composeFile({ services: { [`x${value}`.slice(0, 50)]: [value] } }, [value])) as {
          services: Record<string, string[]>;
        };
        expect(Object.entries(read.services).map(([key, [text = '']]) => [key, composeText(text)])).toEqual([
          [`x${value}`.slice(0, 50), value],
        ]);
      }),
      runs(500),
    );
  });

  test('braces that are meant are braces', () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        expect(swarmVariable(withoutTemplates(value))).toBe(value);
      }),
      runs(500),
    );
  });
});

test('a config file arrives byte for byte, on every target', () => {
  fc.assert(
    fc.property(
      hostileUnicode.filter(
        (content) =>
          content !== '' && !content.includes('\0') && CONFIG_MAP_LIMIT.size(content) <= CONFIG_MAP_LIMIT.bytes,
      ),
      (content) => {
        const [bareMetal, swarm, kubernetes] = attempt({ configFile: { content } }).map((result) => {
          if (!isOutput(result)) throw new Error(result.join('\n'));
          return result;
        });
        expect(contents(bareMetal!)['files/settings']).toBe(content);
        expect(contents(swarm!)['files/settings']).toBe(content);
        const [config] = documents(kubernetes!.filter(({ path }) => path === 'settings.yaml')) as [ConfigMap];
        const { data, binaryData } = config;
        expect(data?.settings ?? Buffer.from(binaryData!.settings, 'base64').toString()).toBe(content);
      },
    ),
    runs(100),
  );
});

interface ConfigMap {
  readonly data?: { readonly settings: string };
  readonly binaryData?: { readonly settings: string };
}

test('a variable arrives as it was written, on every target', () => {
  fc.assert(
    fc.property(
      fc.array(
        hostileVariable.filter(({ length }) => length < 5000),
        { minLength: 1, maxLength: 20 },
      ),
      (values) => {
        const environment = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
        const outputs = attempt({ app: { environment } }).map((result) => {
          if (!isOutput(result)) throw new Error(result.join('\n'));
          return documents(result);
        });
        const read = (target: TargetName) => outputs[TARGETS.indexOf(target)]!;
        const compose = (read('bare-metal')[0] as ComposeFile).services['api']!.environment;
        const swarm = (read('swarm')[0] as ComposeFile).services['api']!.environment;
        const pod = read('kubernetes').find(
          (document) =>
            (document as Deployment).kind === 'Deployment' && (document as Deployment).metadata.name === 'shop-api',
        ) as Deployment;
        const kubernetes = pod.spec.template.spec.containers[0]!.env.filter(({ name }) => name in environment);

        expect(decode(compose, composeText)).toEqual(environment);
        expect(decode(swarm, (text) => swarmVariable(composeText(text)))).toEqual(environment);
        expect(Object.fromEntries(kubernetes.map(({ name, value }) => [name, kubernetesVariable(value)]))).toEqual(
          environment,
        );
      },
    ),
    runs(60),
  );
});

interface ComposeFile {
  readonly services: Record<string, { readonly environment: Record<string, string> }>;
}

interface Deployment {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: { readonly env: { readonly name: string; readonly value: string }[] }[] };
    };
  };
}

function decode(variables: Record<string, string>, how: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, how(value)]));
}

describe('nginx', () => {
  /** Names of the directives, nested as they are. */
  const directives = (text: string): unknown => {
    const parser = new NginxParser();
    let tree: unknown;
    parser.parse(text, (error, parsed) => {
      if (error) throw error;
      const walk = (node: { name: string; children?: { name: string }[] }): unknown => [
        node.name.replace(/^".*"$/, 'a pattern'),
        (node.children ?? []).map(walk as never),
      ];
      tree = walk(parsed as never);
    });
    return tree;
  };

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
  const prefix = fc.oneof(fc.constant('/'), fc.stringMatching(/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,8}){1,3}$/));

  test('has the same directives whatever the names, hosts, prefixes and headers are', () => {
    const conf = (id: string, host: string, path: string, stackFile: string) =>
      synthesize(build({ appId: id, app: { hosts: [host], pathPrefix: path } }), 'swarm', { stackFile }).find(
        (file) => file.path === 'nginx/nginx.conf',
      )!.content;
    const plain = directives(conf('api', 'x', '/', 'x'));
    const stripped = directives(conf('api', 'x', '/x', 'x'));
    fc.assert(
      fc.property(
        label.filter((id) => id.length <= 30 && !RESERVED.includes(id)),
        label,
        prefix,
        hostileText,
        (id, host, path, stackFile) => {
          expect(directives(conf(id, host, path, stackFile))).toEqual(path === '/' ? plain : stripped);
        },
      ),
      runs(300),
    );
  });
});

const RESERVED = [
  'nginx',
  'python',
  'runtime',
  'secrets',
  'namespace',
  'kustomization',
  'stack',
  'compose',
  'default',
  'constructor',
  'data',
  'settings',
];

describe('Markdown', () => {
  test('a value stays in its cell, its code and its line', () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        const page = markdownPage(value, [
          [
            `x${value}`,
            {
              rows: [
                ['a', 'b'],
                [code(value), inline(value)],
              ],
            },
          ],
        ]);
        const lines = page.split('\n');
        expect(lines.length).toBe(8);
        expect(lines.slice(4, 7).map((line) => line.replace(/\\./g, '').split('|').length)).toEqual([4, 4, 4]);
        expect(code(value)).toMatch(/^`[\x20-\x5f\x61-\x7e]*`$/);
      }),
      runs(500),
    );
  });
});

describe('a line of an error', () => {
  test('is one line without control characters, and short', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (path, message) => {
        expect(formatComplaint({ path, message, position: { file: path, line: 1, column: 1 } })).toMatch(
          /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{0,1000}$/u,
        );
      }),
      runs(500),
    );
  });

  test('leaves what a person can read', () => {
    expect(oneLine('Grüße, 世界 😀 "x" \\ $')).toBe('Grüße, 世界 😀 "x" \\ $');
  });
});

test('a word of a command is one word for a shell', () => {
  const words = fc.sample(
    hostileUnicode.filter((word) => !word.includes('\0') && word.length < 1000),
    { numRuns: 300, seed: runs(1).seed! },
  );
  const script = `for word in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(stdout.split('\0').slice(0, -1)).toEqual(words);
});
