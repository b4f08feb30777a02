import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, run, runBin, runCli } from './support/cli.js';
import { makeProject } from './support/project.js';

const STACK = `import { AsgiApp, Stack } from 'asgi-synth';
const stack: Stack = new Stack('shop');
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
export default stack;
`;

const SWARM_FILES = [
  'stack.yaml',
  'nginx/nginx.conf',
  'runtime/edge.sh',
  'runtime/start.py',
  'runtime/health.py',
  'README.md',
];

describe('synth', () => {
  test('prints the files on stdout and the next command on stderr', async () => {
    using project = makeProject({ 'stacks/shop.ts': STACK });
    expect(await runCli(project.directory, '--target', 'swarm')).toEqual({
      code: 0,
      stdout: SWARM_FILES.map((path) => `out/shop/swarm/${path}\n`).join(''),
      stderr:
        'next: docker stack deploy -c out/shop/swarm/stack.yaml --detach=false shop   (out/shop/swarm/README.md has every step)\n',
    });
    expect(Object.keys(project.contents())).toEqual(
      expect.arrayContaining(SWARM_FILES.map((path) => `out/shop/swarm/${path}`)),
    );
  });

  test('prints the same as JSON', async () => {
    using project = makeProject({ 'stacks/shop.ts': STACK });
    const { stdout, stderr } = await runCli(project.directory, '--target', 'swarm', '--stage', 'staging', '--json');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      ok: true,
      stack: 'shop',
      name: 'shop-staging',
      outputs: [
        {
          target: 'swarm',
          directory: 'out/shop-staging/swarm',
          files: SWARM_FILES,
          written: SWARM_FILES,
          removed: [],
          next: 'docker stack deploy -c out/shop-staging/swarm/stack.yaml --detach=false shop-staging   (out/shop-staging/swarm/README.md has every step)',
        },
      ],
    });
  });

  test('writes every target with --target all', async () => {
    using project = makeProject({ 'stacks/shop.ts': STACK });
    await runCli(project.directory, '--target', 'all');
    const files = Object.keys(project.contents());
    expect(files).toEqual(
      expect.arrayContaining([
        'out/shop/bare-metal/compose.yaml',
        'out/shop/swarm/stack.yaml',
        'out/shop/kubernetes/kustomization.yaml',
      ]),
    );
  });

  test.each([
    ['relative', 'o', 'o/swarm/stack.yaml'],
    ['above the project', '../o', '../o/swarm/stack.yaml'],
    ['with a slash at its end', './o/', 'o/swarm/stack.yaml'],
  ])('writes where --out says, %s', async (_, out, expected) => {
    using project = makeProject({ 'stacks/shop.ts': STACK });
    expect((await runCli(project.directory, '--target', 'swarm', '--out', out)).code).toBe(0);
    expect(readFileSync(join(project.directory, expected), 'utf8')).toContain(
      `npx synth --stack stacks/shop.ts --target swarm --out ${out.replace(/^\.\/|\/$/g, '')}\n`,
    );
  });

  test('takes words with spaces and quotes into commands that a shell reads back', async () => {
    using project = makeProject({ "my stacks/it's.ts": STACK });
    const { stderr } = await runCli(
      project.directory,
      '--target',
      'swarm',
      '--stack',
      "my stacks/it's.ts",
      '--out',
      'my out',
    );
    expect(stderr).toContain("docker stack deploy -c 'my out/swarm'/stack.yaml ");
    const command = /^# {3}(npx synth .*)$/m.exec(project.contents()['my out/swarm/stack.yaml'] ?? '')?.[1] ?? '';
    const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${command.replace('npx synth', '')}`], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      '--stack',
      "my stacks/it's.ts",
      '--target',
      'swarm',
      '--out',
      'my out',
    ]);
  });

  test('uses the digests of the lock file', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    using project = makeProject({
      'stacks/shop.ts': STACK,
      'asgi-synth.lock.json': JSON.stringify({ schemaVersion: 1, images: { 'acme/api:1': digest } }),
    });
    await runCli(project.directory, '--target', 'swarm');
    expect(project.contents()['out/shop/swarm/stack.yaml']).toContain(`image: "acme/api:1@${digest}"`);
  });

  test('reads sources and the lock file below the directory that the stack names', async () => {
    using project = makeProject({ 'deploy/stack.ts': STACK.replace("'shop')", "'shop', { directory: '..' })"), x: '' });
    const { stdout } = await runCli(join(project.directory, 'deploy'), '--target', 'swarm');
    expect(stdout).toContain(`${project.directory}/out/shop/swarm/stack.yaml\n`);
  });
});

describe('stack files', () => {
  test.each([
    ['the only file in stacks/', 'stacks/any.ts', STACK],
    ['stack.ts', 'stack.ts', STACK],
    ['stack.mts', 'stack.mts', STACK],
    ['stack.js', 'stack.js', STACK.replace(': Stack', '')],
    ['stack.mjs', 'stack.mjs', STACK.replace(': Stack', '')],
    ['a function', 'stack.ts', STACK.replace('export default stack', 'export default () => stack')],
    ['an async function', 'stack.ts', STACK.replace('export default stack', 'export default async () => stack')],
    ['top-level await', 'stack.ts', STACK.replace('export default stack', 'await null;\nexport default stack')],
    [
      'types that need no building',
      'stack.ts',
      `interface A<T> { readonly a: T }\nconst a = { a: 1 } satisfies A<number>;\n${STACK.replace('export default stack', 'void (a as A<number>);\nexport default stack!')}`,
    ],
  ])('may be %s', async (_, path, content) => {
    using project = makeProject({ [path]: content });
    expect(await runCli(project.directory, '--target', 'swarm')).toMatchObject({ code: 0 });
  });

  test('are not what is beside them in stacks/', async () => {
    using project = makeProject({
      'stacks/shop.ts': STACK,
      'stacks/README.md': '',
      'stacks/types.d.ts': '',
      'stacks/lib/a.ts': '',
    });
    expect(await runCli(project.directory, '--target', 'swarm')).toMatchObject({ code: 0 });
  });

  test('may depend on the stage', async () => {
    using project = makeProject({
      'stack.ts': `import { AsgiApp, Stack } from 'asgi-synth';
export default ({ stage }: { stage?: string }) => {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes: stage === 'staging' ? 1 : 8 });
  return stack;
};
`,
    });
    await runCli(project.directory, '--target', 'swarm');
    await runCli(project.directory, '--target', 'swarm', '--stage', 'staging');
    expect(
      [project.contents()['out/shop/swarm/stack.yaml'], project.contents()['out/shop-staging/swarm/stack.yaml']].map(
        (text) => /replicas: (\d)/.exec(text ?? '')?.[1],
      ),
    ).toEqual(['8', '1']);
  });

  test('may import others, JSON and packages; asgi-synth, constructs and cdk8s are always ours', async () => {
    const fake = 'throw new Error("another copy");\n';
    using project = makeProject({
      'stack.ts': `import { Construct } from 'constructs';
import { ApiObject } from 'cdk8s';
import { add } from './lib/apps.js';
import data from './lib/data.json';
import { word } from 'words';
import { Stack } from 'asgi-synth';
const stack = new Stack(data.name + word);
add(new Construct(stack, 'group'));
if (!(stack instanceof Construct) || typeof ApiObject !== 'function') throw new Error('another copy');
export default stack;
`,
      'lib/apps.ts':
        "import { AsgiApp } from 'asgi-synth';\nimport type { Construct } from 'constructs';\nexport const add = (scope: Construct) => new AsgiApp(scope, 'api', { image: 'a', module: 'a:b' });\n",
      'lib/data.json': '{"name":"shop"}',
      'node_modules/words/package.json': '{"name":"words","type":"module","exports":"./index.js"}',
      'node_modules/words/index.js': "export const word = 'x';\n",
      ...Object.fromEntries(
        ['asgi-synth', 'constructs', 'cdk8s'].flatMap((name) => [
          [`node_modules/${name}/package.json`, `{"name":"${name}","main":"index.js"}`],
          [`node_modules/${name}/index.js`, fake],
        ]),
      ),
    });
    expect(await runCli(project.directory, '--target', 'swarm')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(' shopx ') as string,
    });
  });

  test('are read anew each time', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    await runCli(project.directory, '--target', 'swarm');
    writeFileSync(join(project.directory, 'stack.ts'), STACK.replace("'main:app'", "'main:app', processes: 7"));
    await runCli(project.directory, '--target', 'swarm');
    expect(project.contents()['out/shop/swarm/stack.yaml']).toContain('replicas: 7');
  });

  test('leave nothing behind in their folder', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    mkdirSync(join(project.directory, 'node_modules'));
    await runCli(project.directory, 'list');
    expect(Object.keys(project.contents())).toEqual(['node_modules', 'stack.ts']);
  });
});

describe('list', () => {
  const files = {
    'stacks/a.ts': STACK,
    'stacks/b.ts': STACK.replace("'shop'", "'blog'").replace(
      'new AsgiApp',
      "import { Secret, Volume } from 'asgi-synth';\nnew Secret(stack, 'key', { as: 'environment' });\nnew Volume(stack, 'data', { shared: true, size: '5Gi' });\nnew AsgiApp",
    ),
  };

  test('shows what runs beside an app', async () => {
    using project = makeProject({
      'stack.ts': STACK.replace('new AsgiApp', 'const app = new AsgiApp').replace(
        'export default',
        "import { Postgres, Worker } from 'asgi-synth';\nnew Worker(stack, 'emails', { app, command: ['celery', 'worker'], processes: 3 });\nnew Postgres(stack, 'db', { version: '18' });\nexport default",
      ),
    });
    const { stdout } = await runCli(project.directory, 'list');
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^shop\/emails +Worker +celery worker of api, 3 processes$/),
        expect.stringMatching(/^shop\/db +Postgres +postgresql:\/\/db:5432\/db$/),
      ]),
    );
  });

  test('shows every stack of the project', async () => {
    using project = makeProject(files);
    expect(await runCli(project.directory, 'list')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'shop       Stack',
        'shop/api   AsgiApp  main:app from acme/api:1, 2 processes',
        'blog       Stack',
        'blog/key   Secret   /run/secrets/key and KEY',
        'blog/data  Volume   5Gi, shared by nodes',
        'blog/api   AsgiApp  main:app from acme/api:1, 2 processes',
        '',
      ].join('\n'),
    });
  });

  test('shows one as JSON', async () => {
    using project = makeProject(files);
    const { stdout } = await runCli(project.directory, 'list', '--stack', 'stacks/a.ts', '--json');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      ok: true,
      stacks: [
        {
          name: 'shop',
          file: 'stacks/a.ts',
          constructs: [
            { path: 'shop', kind: 'Stack', what: '' },
            { path: 'shop/api', kind: 'AsgiApp', what: 'main:app from acme/api:1, 2 processes' },
          ],
        },
      ],
    });
  });

  test('takes its options before its name as well', async () => {
    using project = makeProject(files);
    expect(JSON.parse((await runCli(project.directory, '--json', 'list')).stdout)).toMatchObject({
      ok: true,
      stacks: [{ name: 'shop' }, { name: 'blog' }],
    });
  });
});

describe('the command itself', () => {
  test('helps on stdout, with every option', async () => {
    using project = makeProject({});
    const { code, stdout, stderr } = await runCli(project.directory, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of [
      '--target',
      '--stack',
      '--out',
      '--stage',
      '--tag',
      '--image',
      '--json',
      '--version',
      'list',
      'Exit codes',
    ])
      expect(stdout).toContain(word);
    expect(stdout).not.toContain('[object');
    expect(stdout).not.toContain('{}');
  });

  test('knows its version', async () => {
    using project = makeProject({});
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(project.directory, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('prints no colour, asks nothing and forgives who stops reading', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    const script = `"$0" "$1" --target all | head -n 1; "$0" "$1" --target all >/dev/full; echo $?`;
    const { stdout, stderr } = await run(project.directory, ['sh', '-c', script, process.execPath, BIN], {
      ...process.env,
      FORCE_COLOR: '1',
    });
    expect(stdout).toBe('out/shop/bare-metal/compose.yaml\n1\n');
    expect(stderr.split('\n').filter((line) => !line.startsWith('next: '))).toEqual([
      'cannot print the result: the disk is full',
      '',
    ]);
    expect(stderr + stdout).not.toContain('\u001b');
  });

  test('runs from a link to it, as npm makes one', async () => {
    using project = makeProject({ 'stack.ts': STACK });
    spawnSync('ln', ['-s', BIN, join(project.directory, 'synth')]);
    expect((await run(project.directory, ['./synth', '--version'])).code).toBe(0);
    expect((await runBin(project.directory, '--version')).code).toBe(0);
  });
});
