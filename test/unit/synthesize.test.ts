import { AsgiApp, Secret, Stack, synthesize, targets, UserError, Volume, type TargetName } from 'asgi-synth';
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { ComposeFile } from '../../src/formats/compose.js';
import { PROBLEMS } from '../../src/targets/problems.js';
import { runCli } from './support/cli.js';
import { addApp, outputOf, stackOf } from './support/outputs.js';
import { makeProject } from './support/project.js';
import { richStack } from './support/stacks.js';

const TARGETS = targets.map(({ name }) => name as TargetName);

const complaints = (stack: Stack, target: TargetName, options = {}) => {
  try {
    synthesize(stack, target, options);
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.complaints.map(({ path, message }) => `${path ?? ''}: ${message}`);
    throw error;
  }
};

test('the targets are those that the command knows', () => {
  expect(TARGETS).toEqual(['bare-metal', 'swarm', 'kubernetes']);
  expect(() => synthesize(stackOf(), 'heroku' as TargetName)).toThrow(
    'unknown target "heroku"; known are bare-metal, swarm, kubernetes',
  );
});

describe.each(TARGETS)('an output for %s', (target) => {
  test('is text files with relative POSIX paths, each once, each ending with a line break', () => {
    const files = synthesize(richStack(), target);
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    for (const { path, content } of files) {
      expect(path).toMatch(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/);
      expect(content).toMatch(/\n$/);
      expect(content).not.toMatch(/\r|\t(?! )| +\n|\n\n$/);
    }
  });

  test('says in every file of ours what made it, and how to remake it', () => {
    const files = synthesize(richStack(), target, { stackFile: 'stacks/shop.ts' });
    const command = `npx synth --stack stacks/shop.ts --target ${target}`;
    // What Swarm keeps under a name of its content cannot change with a comment.
    const fixed = target === 'swarm' ? /^(runtime|nginx)\/|\.dockerignore$/ : /^runtime\/|\.dockerignore$/;
    for (const { path, content } of files.filter(({ path: name }) => !fixed.test(name))) {
      expect(content.slice(0, 400), path).toContain('Made by asgi-synth from stacks/shop.ts. Do not edit');
      expect(content.slice(0, 400), path).toContain(command);
    }
  });

  test('holds no anchor, no alias and no tag, and the same data for YAML 1.1 and 1.2', () => {
    for (const { path, content } of synthesize(richStack(), target).filter(({ path: name }) =>
      name.endsWith('.yaml'),
    )) {
      const [old, now] = (['1.1', '1.2'] as const).map((version) =>
        parseAllDocuments(content, { version }).map((document) => document.toJS({ maxAliasCount: 0 }) as unknown),
      );
      expect(old, path).toEqual(now);
      expect(content).not.toMatch(/^\s*(- )?[^"#\s]+: [&*!]/m);
    }
  });

  test('quotes every text', () => {
    for (const { content } of synthesize(richStack(), target).filter(({ path }) => path.endsWith('.yaml'))) {
      const plain = content
        .replace(/^( +)[\w.-]+: \|\n(?:\1 .*\n|\n)+/gm, '')
        .split('\n')
        .filter((line) => !/^\s*#|^---$|^$/.test(line));
      expect(
        plain.filter(
          (line) =>
            !/^\s*(- )*("(?:[^"\\]|\\.)*"|\{\}|[A-Za-z_][\w./-]*)?(: ?|$)(\[\]|\{\}|null|true|false|-?\d+(\.\d+)?|"(?:[^"\\]|\\.)*")?$/.test(
              line,
            ),
        ),
      ).toEqual([]);
    }
  });

  test('changes no file for the sake of another target', () => {
    expect(synthesize(richStack(), target)).toEqual(synthesize(richStack(), target));
  });
});

test('a range of processes that is accepted is its largest number where nobody counts', () => {
  const stack = () => {
    const one = new Stack('shop', { accept: { 'processes-range': 'there is room' } });
    addApp(one, 'api', { processes: { min: 2, max: 6 } });
    return one;
  };
  const compose = (parse(outputOf(stack(), 'bare-metal')['compose.yaml'] ?? '') as ComposeFile).services['api']!;
  const swarm = (parse(outputOf(stack(), 'swarm')['stack.yaml'] ?? '') as ComposeFile).services['api']!;
  expect(compose.command?.[compose.command.indexOf('-w') + 1]).toBe('6');
  expect(swarm.deploy.replicas).toBe(6);
  expect(outputOf(stack(), 'kubernetes')['api.yaml']).toContain('kind: "HorizontalPodAutoscaler"');
});

test('a prop means the same on every target', () => {
  const props = {
    processes: 3,
    port: 9000,
    health: { readiness: '/ready', liveness: '/live', startup: 30 },
    environment: { A: '1', B: 'two' },
    hosts: ['a.example.com'],
  };
  const compose = (parse(outputOf(stackOf(props), 'bare-metal')['compose.yaml'] ?? '') as ComposeFile).services['api']!;
  const swarm = (parse(outputOf(stackOf(props), 'swarm')['stack.yaml'] ?? '') as ComposeFile).services['api']!;
  const objects = parseAllDocuments(outputOf(stackOf(props), 'kubernetes')['api.yaml'] ?? '').map(
    (document) => document.toJS() as KubernetesObject,
  );
  const { replicas, template } = objects.find(({ kind }) => kind === 'Deployment')!.spec;
  const [container] = template.spec.containers;

  const processes = [Number(compose.command?.[compose.command.indexOf('-w') + 1]), swarm.deploy.replicas, replicas];
  expect(processes).toEqual([3, 3, 3]);
  expect([
    compose.user,
    swarm.user,
    `${template.spec.securityContext.runAsUser}:${template.spec.securityContext.runAsGroup}`,
  ]).toEqual(Array(3).fill('10001:10001'));
  expect([
    compose.environment,
    swarm.environment,
    Object.fromEntries(container!.env.map(({ name, value }) => [name, value])),
  ]).toEqual(Array(3).fill(props.environment));
  for (const service of [compose, swarm])
    expect(service.healthcheck.test).toEqual(
      expect.arrayContaining([
        '--port',
        '9000',
        '--readiness',
        '/ready',
        '--liveness',
        '/live',
        '--host',
        'a.example.com',
      ]),
    );
  expect([
    container!.readinessProbe.httpGet.path,
    container!.livenessProbe.httpGet.path,
    container!.ports[0]!.containerPort,
  ]).toEqual(['/ready', '/live', 9000]);
});

interface KubernetesObject {
  readonly kind: string;
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
        readonly containers: {
          readonly env: { readonly name: string; readonly value: string }[];
          readonly ports: { readonly containerPort: number }[];
          readonly readinessProbe: { readonly httpGet: { readonly path: string } };
          readonly livenessProbe: { readonly httpGet: { readonly path: string } };
        }[];
      };
    };
  };
}

describe('secrets', () => {
  const canary = '5ca1ab1e0ddba11c0ffee5ca1ab1e0dd';
  const spellings = [
    canary,
    Buffer.from(canary).toString('base64').replace(/=+$/, ''),
    Buffer.from(canary).toString('hex'),
    encodeURIComponent(canary),
  ];

  test('put their value nowhere, wherever it is at hand', async () => {
    using project = makeProject({
      'stack.ts': `import { AsgiApp, Secret, Stack } from 'asgi-synth';
const stack = new Stack('shop', { edge: 'nginx', accept: { 'http-port': 'x' } });
const secrets = [new Secret(stack, 'db_password'), new Secret(stack, 'api_key', { as: 'environment', file: 'keys/api_key' })];
new AsgiApp(stack, 'api', { source: './api', module: 'main:app', secrets, build: { secrets: { TOKEN: {}, PIP: { file: 'keys/pip', target: '/etc/pip.conf' } } } });
export default stack;
`,
      'keys/api_key': canary,
      'keys/pip': canary,
      'secrets/db_password': canary,
      'out/shop/bare-metal/secrets/db_password': canary,
      '.env': `DB_PASSWORD=${canary}`,
      'api/main.py': 'app = None\n',
      'api/requirements.txt':
        'fastapi==0.136.0\nuvicorn[standard]==0.51.0\nstarlette==1.0.1\nh11==0.16.0\nuvloop==0.22.1\nhttptools==0.7.1\n',
      'api/.env': `DB_PASSWORD=${canary}`,
    });
    const names = ['DB_PASSWORD', 'API_KEY', 'TOKEN', 'PIP'];
    for (const name of names) process.env[name] = canary;
    const { code, stdout, stderr } = await runCli(project.directory, '--target', 'all').finally(() =>
      names.forEach((name) => delete process.env[name]),
    );

    expect({ code, stderr: stderr.replace(/^next: .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
    const output = Object.entries(project.contents()).filter(
      ([path]) => path.startsWith('out/') && !path.startsWith('out/shop/bare-metal/secrets'),
    );
    expect(output.length).toBeGreaterThan(20);
    for (const spelling of spellings) expect(`${stdout}${stderr}${output.flat().join('\n')}`).not.toContain(spelling);
  });

  test('are not in the words of a mistake either', () => {
    const value = `${canary}\0`;
    const stack = new Stack('shop');
    addApp(stack, 'api', {
      environment: { A: value, [canary.replace(/^/, '-')]: 'x' } as never,
      command: [value],
      build: { arguments: { A: value }, secrets: { B: canary as never } },
    });
    const lines = complaints(stack, 'swarm').map((line) => line.replace(`environment["-${canary}"]`, ''));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toContain(canary);
  });

  test('in variables are found by name and by value, without showing it', () => {
    const stack = stackOf({ environment: { DB_PASSWORD: canary, URL: `postgres://shop:${canary}@db/shop` } });
    expect(complaints(stack, 'swarm')).toHaveLength(2);
    expect(complaints(stack, 'swarm').join('\n')).not.toContain(canary);
  });
});

describe('problems', () => {
  test('are accepted by id, for that stack alone', () => {
    const timeout = { requestTimeout: 600 };
    expect(complaints(stackOf(timeout), 'swarm')).toHaveLength(1);
    expect(complaints(stackOf(timeout, { accept: { 'request-timeout': 'uploads are retried' } }), 'swarm')).toEqual([]);
    expect(complaints(stackOf(timeout), 'bare-metal')).toEqual([]);
  });

  test('that are accepted and are not there do no harm, since another target may have them', () => {
    expect(
      complaints(
        stackOf({}, { accept: Object.fromEntries(Object.keys(PROBLEMS).map((id) => [id, 'why'])) }),
        'bare-metal',
      ),
    ).toEqual([]);
  });

  test('need a reason', () => {
    expect(complaints(stackOf({}, { accept: { 'http-port': '' } }), 'swarm')).toEqual([
      'shop: accept["http-port"] must be a text of 1 to 30000 characters without control characters, got ""',
    ]);
  });

  test('that Object has by itself are not accepted', () => {
    expect(complaints(stackOf({ requestTimeout: 600 }, { accept: { toString: 'x' } }), 'swarm')[0]).toMatch(
      /accept names an unknown problem "toString"/,
    );
  });

  test.each([
    ['hosts', { hosts: ['a.example.com'] }],
    ['pathPrefix', { pathPrefix: '/x' }],
    ['bodyLimit', { bodyLimit: '10Mi' }],
  ])('without an edge name %s, where it was asked for', (prop, props) => {
    for (const target of ['bare-metal', 'swarm'] as const) {
      expect(complaints(stackOf(props, { edge: 'none' }), target)[0]).toMatch(
        new RegExp(`^shop/api: ${prop} is what an edge does`),
      );
      expect(complaints(stackOf({}, { edge: 'none' }), target)).toEqual([]);
    }
  });

  test('name a port that nothing listens on', () => {
    const two = new Stack('shop', { edge: 'none', httpPort: 8080, accept: { 'hosts-without-edge': 'x' } });
    addApp(two, 'api');
    addApp(two, 'admin', { port: 8001, pathPrefix: '/admin' });
    expect(complaints(two, 'swarm')[0]).toMatch(
      /^shop: httpPort asks for port 8080, but with edge: "none" each of the 2 apps is published on its own port/,
    );
  });
});

describe('options', () => {
  test('of the command are those of the library', () => {
    expect(
      complaints(stackOf(), 'swarm', { stage: 'Bad', tag: 'latest', images: { nope: 'a/b:1', nginx: 'Bad' } }),
    ).toEqual([
      ': the stage must be lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), got "Bad"',
      ': the tag must not be latest: what runs could not be told from what ran before; leave it out for a hash of the content',
      ': image "nginx" must be an image reference such as "ghcr.io/acme/api:1.4.2", got "Bad"',
      ': image "nope" belongs to nothing in the stack; known are api, certbot, nginx, postgres, python, redis',
    ]);
  });

  test('that make a name too long for an engine are refused', () => {
    const stack = new Stack('s'.repeat(30));
    addApp(stack, 'a'.repeat(40), { secrets: [new Secret(stack, 'k'.repeat(10))] });
    expect(complaints(stack, 'swarm')).toEqual([
      `: the name "${'s'.repeat(30)}-${'a'.repeat(29)}…" has 71 characters, at most 60 are possible; shorten the id, the stack's name or the stage`,
    ]);
    expect(complaints(stackOf(), 'swarm', { stage: 'x'.repeat(40) })[0]).toMatch(
      /^: the deployed name .* has 45 characters, at most 44 are possible/,
    );
  });
});

test('200 apps with hosts, prefixes, secrets and volumes are written for every target', () => {
  const stack = new Stack('big', { edge: 'nginx', accept: { 'http-port': 'x' } });
  for (let number = 0; number < 200; number++) {
    new AsgiApp(stack, `app-${number}`, {
      image: 'acme/api:1',
      module: 'main:app',
      hosts: [`host-${number}.example.com`, 'all.example.com'],
      pathPrefix: `/p${number}`,
      secrets: [new Secret(stack, `secret_${number}`)],
      volumes: { '/data': new Volume(stack, `data-${number}`) },
    });
  }
  for (const target of TARGETS) expect(synthesize(stack, target).length).toBeGreaterThan(4);
  const { services } = parse(outputOf(stack, 'swarm')['stack.yaml'] ?? '', { maxAliasCount: 0 }) as ComposeFile;
  expect(Object.keys(services)).toHaveLength(201);
});

test('a project may be anywhere', () => {
  const stack = new Stack('shop', { directory: join(import.meta.dirname, '../..') });
  addApp(stack, 'api', { source: './images/fastapi' });
  expect(synthesize(stack, 'swarm')).toEqual(synthesize(stackOf({ source: './images/fastapi' }), 'swarm'));
});
