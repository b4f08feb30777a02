import { cpSync, existsSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { AsgiApp, Secret, Stack, synthesize, targets, Volume, type TargetName } from 'asgi-synth';
import { beforeAll, describe, expect, test } from 'vitest';
import { BIN, run, runCli } from './support/cli.js';
import { contentsOf, makeProject, type Project } from './support/project.js';
import { richStack } from './support/stacks.js';

const root = join(import.meta.dirname, '../..');

/** A copy of this project's stacks and apps. */
function copyOfShop(name?: string): Project {
  const project = makeProject({}, name);
  for (const folder of ['stacks', 'images'])
    cpSync(join(root, folder), join(project.directory, folder), { recursive: true });
  return project;
}

const ARGS = [
  '--stack',
  'stacks/shop.ts',
  '--target',
  'all',
  '--stage',
  'staging',
  '--image',
  'nginx=mirror.example.com/nginx:1.30.4',
];

async function outputOf(
  project: Project,
  { node = process.execPath, env = process.env, umask = '022' } = {},
): Promise<Record<string, string>> {
  // `sh` alone can set a umask; the words go to it as arguments.
  const result = await run(project.directory, ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', node, BIN, ...ARGS], env);
  expect(result).toMatchObject({ code: 0 });
  return contentsOf(join(project.directory, 'out'));
}

/** Node of another version, from its npm package, kept outside the repository. */
async function nodeOf(major: number): Promise<string | undefined> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'asgi-synth/node', String(major));
  const name = `node-${process.platform}-${process.arch}`;
  const binary = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const { code } = await run(folder, [
    'npm',
    'install',
    '--prefix',
    '.',
    '--no-save',
    '--no-audit',
    '--no-fund',
    `${name}@${major}`,
  ]);
  return code === 0 && existsSync(binary) ? binary : undefined;
}

describe('the same bytes', () => {
  let expected: Record<string, string>;

  beforeAll(async () => {
    using project = copyOfShop();
    expected = await outputOf(project);
  });

  test('are written at all', () => {
    expect(Object.keys(expected)).toEqual(
      expect.arrayContaining([
        'shop-staging/bare-metal/compose.yaml',
        'shop-staging/swarm/stack.yaml',
        'shop-staging/kubernetes/api.yaml',
      ]),
    );
  });

  // Other processes, so they may run beside one another.
  test.concurrent('in another folder, time zone and locale, with another umask and no home', async () => {
    using project = copyOfShop('ein anderer Ordner (İı)');
    const { HOME: _, ...env } = process.env;
    const elsewhere = {
      ...env,
      TZ: 'Pacific/Kiritimati',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
      NO_COLOR: '1',
      CI: '1',
    };
    expect(await outputOf(project, { env: elsewhere, umask: '077' })).toEqual(expected);
  });

  test.concurrent.for([22, 24])('with Node %i', async (major, { skip }) => {
    const node = await nodeOf(major);
    if (node === undefined) return skip(`npm cannot install Node ${major} for ${process.platform}-${process.arch}`);
    using project = copyOfShop();
    expect(await outputOf(project, { node })).toEqual(expected);
  });

  test('hold no time, host name, user or path of this machine', () => {
    const text = Object.entries(expected).flat().join('\n');
    expect(text).not.toMatch(/\b20[2-9]\d-\d\d-\d\d\b/);
    expect(text).not.toMatch(/asgi-synth-\w{6}\/project/);
    for (const word of [root, `${hostname()}:`, `@${hostname()}`]) expect(text).not.toContain(word);
  });
});

test('a second run writes nothing', async () => {
  using project = copyOfShop();
  await runCli(project.directory, ...ARGS);
  const paths = Object.entries(project.contents()).flatMap(([path, content]) =>
    path.startsWith('out/') && content !== 'folder' ? [join(project.directory, path)] : [],
  );
  const long = new Date('2001-01-01');
  for (const path of paths) utimesSync(path, long, long);

  const { stdout } = await runCli(project.directory, ...ARGS, '--json');

  expect(paths.length).toBeGreaterThan(25);
  expect(paths.filter((path) => statSync(path).mtime.getTime() !== long.getTime())).toEqual([]);
  expect((JSON.parse(stdout) as { outputs: { written: string[] }[] }).outputs.map(({ written }) => written)).toEqual([
    [],
    [],
    [],
  ]);
});

test.each(['.', 'build/deploy', 'api/out'])(
  'outputs inside of a source folder are no part of it: --out %s',
  async (out) => {
    using project = makeProject({
      'stack.ts':
        "import { AsgiApp, Stack } from 'asgi-synth';\nconst stack = new Stack('shop');\nnew AsgiApp(stack, 'api', { source: '.', module: 'main:app' });\nexport default stack;\n",
    });
    cpSync(join(root, 'images/fastapi'), project.directory, { recursive: true });
    const once = async () => {
      const { stdout, stderr } = await runCli(project.directory, '--target', 'all', '--out', out, '--json');
      expect(stderr).toBe('');
      return (JSON.parse(stdout) as { outputs: { written: string[] }[] }).outputs.map(({ written }) => written.length);
    };
    expect(Math.min(...(await once()))).toBeGreaterThan(3);
    expect(await once()).toEqual([0, 0, 0]);
  },
);

test('an output that was written elsewhere inside of a source folder changes no image', async () => {
  using project = makeProject({
    'stack.ts':
      "import { AsgiApp, Stack } from 'asgi-synth';\nconst stack = new Stack('shop');\nnew AsgiApp(stack, 'api', { source: '.', module: 'main:app' });\nexport default stack;\n",
  });
  cpSync(join(root, 'images/fastapi'), project.directory, { recursive: true });
  const written = async (out: string) => {
    expect(await runCli(project.directory, '--target', 'all', '--out', out)).toMatchObject({ code: 0 });
    const files = contentsOf(join(project.directory, out));
    // The one file that must tell what else is there.
    return Object.fromEntries(Object.entries(files).filter(([path]) => !/\.dockerignore$|\.json$/.test(path)));
  };
  const before = await written('b/deploy');
  await written('a/deploy');
  await written('c/deploy');
  expect(await written('b/deploy')).toEqual(before);
  expect(project.contents()['b/deploy/swarm/api/Dockerfile.dockerignore']).toMatch(
    /\na\/deploy\/bare-metal\na\/deploy\/kubernetes\na\/deploy\/swarm\nc\/deploy\/bare-metal\n/,
  );
});

test('the order of keys in props changes nothing', () => {
  const build = (order: (keys: string[]) => string[]) => {
    const stack = richStack((props) => shuffled(props, order) as typeof props);
    return targets.map(({ name }) => synthesize(stack, name as TargetName));
  };
  const expected = build((keys) => keys);
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      expect(
        build((keys) =>
          keys
            .map((key) => [numbers.next().value as number, key] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, key]) => key),
        ),
      ).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

function shuffled(value: unknown, order: (keys: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, order));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    order(Object.keys(value)).map((key) => [key, shuffled((value as Record<string, unknown>)[key], order)]),
  );
}

test('a stack can be synthesized again, for any target, and after props were changed from outside', () => {
  const environment: Record<string, string> = { A: '1' };
  const hosts = ['a.example.com'];
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', {
    image: 'acme/api:1',
    module: 'main:app',
    environment,
    hosts,
    secrets: [new Secret(stack, 'key')],
    volumes: { '/d': new Volume(stack, 'd') },
  });
  const first = targets.map(({ name }) => synthesize(stack, name as TargetName, { images: { nginx: 'a/b:1' } }));

  environment['B'] = '2';
  hosts.push('not a host');

  expect(targets.map(({ name }) => synthesize(stack, name as TargetName, { images: { nginx: 'a/b:1' } }))).toEqual(
    first,
  );
});

test('an app more changes no file of the others, but those that name every app', () => {
  const build = (more: boolean) => {
    const stack = new Stack('shop', { edge: 'nginx' });
    new AsgiApp(stack, 'api', { source: './images/fastapi', module: 'main:app', hosts: ['a.example.com'] });
    if (more)
      new AsgiApp(stack, 'more', { source: './images/starlette', module: 'main:app', hosts: ['b.example.com'] });
    return stack;
  };
  for (const { name } of targets) {
    const after = new Map(synthesize(build(true), name as TargetName).map(({ path, content }) => [path, content]));
    const changed = synthesize(build(false), name as TargetName).filter(
      ({ path, content }) => after.get(path) !== content,
    );
    const shared = {
      'bare-metal': ['compose.yaml', 'nginx/nginx.conf', 'README.md'],
      swarm: ['stack.yaml', 'nginx/nginx.conf', 'README.md'],
      kubernetes: ['kustomization.yaml', 'nginx.yaml', 'README.md'],
    }[name];
    expect(shared).toEqual(expect.arrayContaining(changed.map(({ path }) => path)));
  }
});
