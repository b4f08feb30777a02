import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../unit/support/cli.js';
import { makeProject, type Project } from '../unit/support/project.js';

const root = join(import.meta.dirname, '../..');
const minutes = 60_000;

/** What a clone of this repository holds, as far as the package needs it; the installed dependencies are shared. */
function copyOfCheckout(): Project {
  const project = makeProject({});
  for (const name of [
    'bin',
    'src',
    'stacks',
    'images',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
  ]) {
    cpSync(join(root, name), join(project.directory, name), {
      recursive: true,
      filter: (path) => !path.includes('__pycache__'),
    });
  }
  symlinkSync(join(root, 'node_modules'), join(project.directory, 'node_modules'));
  return project;
}

const STACK = `import { AsgiApp, Match, Stack, Template, type AsgiAppProps, type OutputFile, synthesize } from 'asgi-synth';
import { Construct } from 'constructs';

const props: AsgiAppProps = { image: 'acme/api:1', module: 'main:app' };
const stack: Stack = new Stack('shop');
new AsgiApp(new Construct(stack, 'group'), 'api', props);
export const files: readonly OutputFile[] = synthesize(stack, 'swarm');
Template.synthesize(stack, 'swarm').hasService('api', { deploy: Match.objectLike({ replicas: 2 }) });
export default stack;
`;

describe('the package', () => {
  let checkout: Project;
  let user: Project;
  let tarball: string;

  beforeAll(async () => {
    checkout = copyOfCheckout();
    user = makeProject({ 'package.json': '{"name":"shop","private":true,"type":"module"}\n', 'stack.ts': STACK });
    const { code, stderr, stdout } = await run(checkout.directory, ['npm', 'pack', '--json']);
    if (code !== 0) throw new Error(`npm pack failed:\n${stdout}${stderr}`);
    tarball = join(
      checkout.directory,
      readdirSync(checkout.directory).find((name) => name.endsWith('.tgz'))!,
    );
  }, 3 * minutes);

  afterAll(() => {
    checkout[Symbol.dispose]();
    user[Symbol.dispose]();
  });

  test('has no finding of publint', async () => {
    const buffer = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('holds the command, the library with its types and the scripts, and nothing of ours beside', async () => {
    const { stdout } = await run(checkout.directory, ['tar', '-tzf', tarball]);
    const files = stdout
      .split('\n')
      .filter(Boolean)
      .map((path) => path.replace(/^package\//, ''));
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'bin/synth.mjs',
        'bin/is-built.mjs',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/cli/main.js',
        'dist/formats/python/start.py',
        'dist/formats/python/health.py',
        'dist/formats/python/logs.py',
      ]),
    );
    expect(
      files.filter(
        (path) =>
          !/^(package\.json|README\.md|LICENSE|bin\/(synth|is-built)\.mjs|dist\/.*\.(js|js\.map|d\.ts|py))$/.test(path),
      ),
    ).toEqual([]);
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    expect(files.filter((path) => path.startsWith('dist/') && path.endsWith('.js')).toSorted()).toEqual(
      sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`).toSorted(),
    );
  });

  describe('installed into an empty project', () => {
    beforeAll(async () => {
      const { code, stderr } = await run(user.directory, [
        'npm',
        'install',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--loglevel',
        'error',
        tarball,
      ]);
      if (code !== 0) throw new Error(`npm install failed:\n${stderr}`);
    }, 3 * minutes);

    test('writes the outputs of a TypeScript stack', async () => {
      const result = await run(user.directory, ['npx', '--no-install', 'synth', '--target', 'all']);
      expect(result).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('next: docker compose -f out/shop/bare-metal/compose.yaml') as string,
      });
      expect(Object.keys(user.contents())).toEqual(
        expect.arrayContaining([
          'out/shop/bare-metal/runtime/start.py',
          'out/shop/swarm/stack.yaml',
          'out/shop/kubernetes/api.yaml',
        ]),
      );
      expect(await run(user.directory, ['node_modules/.bin/asgi-synth', 'list'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('shop/group/api  AsgiApp') as string,
      });
    });

    test('says where a mistake is', async () => {
      writeFileSync(join(user.directory, 'bad.ts'), STACK.replace("module: 'main:app'", "module: 'main'"));
      expect(await run(user.directory, ['node_modules/.bin/synth', '--target', 'swarm', '--stack', 'bad.ts'])).toEqual({
        code: 1,
        stdout: '',
        stderr: 'bad.ts:6:1 shop/group/api: module must be an import string such as "main:app", got "main"\n',
      });
    });

    test('has types that a strict compiler takes', async () => {
      const options = [
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        '--typeRoots',
        join(root, 'node_modules/@types'),
        '--skipLibCheck',
        'false',
      ];
      const { stdout } = await run(user.directory, [
        process.execPath,
        join(root, 'node_modules/typescript/bin/tsc'),
        ...options,
        'stack.ts',
      ]);
      expect(stdout.split('\n').filter((line) => !/^node_modules\/(?!asgi-synth)|^\s|^$/.test(line))).toEqual([]);
    });

    test('runs as a library of plain Node', async () => {
      const script =
        "import { AsgiApp, Stack, synthesize } from 'asgi-synth'; const s = new Stack('shop'); new AsgiApp(s, 'api', { image: 'a', module: 'a:b' }); console.log(synthesize(s, 'swarm').length);";
      expect(await run(user.directory, [process.execPath, '--input-type=module', '-e', script])).toEqual({
        code: 0,
        stdout: '6\n',
        stderr: '',
      });
    });
  });
});

describe('a clone', () => {
  test('runs without being built, and built, and again when a source is newer than the build', async () => {
    using checkout = copyOfCheckout();
    const args = ['--stack', 'stacks/hello.ts', '--target', 'bare-metal'];
    const synth = () => run(checkout.directory, ['bin/synth.mjs', ...args]);

    expect(await run(checkout.directory, ['npx', '--no-install', 'synth', ...args])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('out/hello/bare-metal/compose.yaml\n') as string,
    });

    const main = join(checkout.directory, 'dist/cli/main.js');
    mkdirSync(dirname(main), { recursive: true });
    writeFileSync(main, "export async function main(args) { console.log('built', args.length); return 0; }\n");
    expect(await synth()).toMatchObject({ code: 0, stdout: 'built 4\n' });

    writeFileSync(join(checkout.directory, 'src/errors.ts'), readFileSync(join(root, 'src/errors.ts')));
    expect(await synth()).toMatchObject({ code: 0, stdout: expect.stringContaining('compose.yaml') as string });
  });

  test('says what to do where the dependencies are not installed', async () => {
    using checkout = copyOfCheckout();
    rmSync(join(checkout.directory, 'node_modules'));
    expect(await run(checkout.directory, [process.execPath, 'bin/synth.mjs', '--version'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'asgi-synth is not installed completely; run `npm ci` in its folder\n',
    });
  });
});

test('every package that the sources import is a dependency, and every dependency is imported', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const names = [...sources.map((path) => join(root, 'src', path)), join(root, 'bin/synth.mjs')].flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/(?:from|import\() ?'((?:@[\w-]+\/)?[a-z][\w.-]*)[^']*'/g)].map(
      ([, name]) => ({ name: name!, path: relative(root, path) }),
    ),
  );
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const missing = names.filter(({ name }) => name !== 'node' && name !== 'asgi-synth' && !(name in dependencies));
  expect(missing).toEqual([]);
  expect(Object.keys(dependencies).filter((name) => !names.some((one) => one.name === name))).toEqual([]);
});
