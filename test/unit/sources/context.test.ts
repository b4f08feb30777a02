import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestContext } from '../../../src/sources/digest.js';
import { parseIgnore } from '../../../src/sources/ignore.js';
import { sourceCache } from '../../../src/sources/cache.js';
import { readSource } from '../../../src/sources/read-source.js';
import { folder, messages, read, UV, write } from './folder.js';

const readFolder = (directory: string, request = {}) =>
  readSource({ directory, source: '.', module: 'main:app', ...request });
const digestOf = (directory: string, request = {}) => readFolder(directory, request).source?.digest;

describe('the digest of a build context', () => {
  test('is pinned: another one would rebuild every image', () => {
    const directory = folder({ 'é/ü.txt': 'x', 'z.txt': '', 'run.sh': '#!/bin/sh\n', ignored: '' });
    chmodSync(join(directory, 'run.sh'), 0o755);
    symlinkSync('z.txt', join(directory, 'link'));
    expect(digestContext(directory, parseIgnore('ignored')).digest).toBe(
      '3a8a9a36605634d5bfcfdeaa24a42c8998024c359c2c826d76006abb835eab47',
    );
  });

  test('depends on no date and no umask', () => {
    const directory = folder(UV);
    const before = digestOf(directory);
    utimesSync(join(directory, 'main.py'), 1, 1);
    chmodSync(join(directory, 'main.py'), 0o600);
    expect(digestOf(directory)).toBe(before);
  });

  test.each<[string, (directory: string) => void]>([
    ['a content', (directory) => write(directory, 'main.py', 'app = 1')],
    ['a name', (directory) => renameSync(join(directory, 'data.txt'), join(directory, 'data2.txt'))],
    ['a new file', (directory) => write(directory, 'new.txt', '')],
    ['the right to execute', (directory) => chmodSync(join(directory, 'data.txt'), 0o755)],
    ['a link', (directory) => symlinkSync('main.py', join(directory, 'link.py'))],
  ])('changes with %s', (_, change) => {
    const directory = folder({ ...UV, 'data.txt': 'x' });
    const before = digestOf(directory);
    change(directory);
    expect(digestOf(directory)).not.toBe(before);
  });

  test.each([
    '.git/HEAD',
    '.venv/bin/python',
    'venv/x',
    'a/__pycache__/x.pyc',
    'a/x.pyc',
    '.env',
    'a/.env.production',
    'a/.netrc',
    'secrets/token',
    'node_modules/x.js',
    '.pytest_cache/x',
    'out/shop/swarm/stack.yaml',
    'tests/test_main.py',
    'stacks/shop.ts',
    'asgi-synth.lock.json',
    'package.json',
    'shop.egg-info/PKG-INFO',
  ])('does not change with %s', (path) => {
    const directory = folder(UV);
    const before = digestOf(directory);
    write(directory, path, 'x');
    expect(digestOf(directory)).toBe(before);
  });

  test('does not change with where the output goes', () => {
    const directory = folder(UV);
    const before = digestOf(directory, { exclude: ['deploy/shop'] });
    write(directory, 'deploy/shop/swarm/stack.yaml', 'x');
    expect(digestOf(directory, { exclude: ['deploy/shop'] })).toBe(before);
  });

  test('does not change with an output of ours, whatever --out it was written with', () => {
    const directory = folder({ ...UV, 'deploy/notes.txt': 'x' });
    const before = digestOf(directory);
    write(directory, 'deploy/old/swarm/.asgi-synth.json', '{}');
    write(directory, 'deploy/old/swarm/nginx/nginx.conf', 'x');
    write(directory, 'bare-metal/.asgi-synth.json', '');
    write(directory, 'bare-metal/secrets/db_password', 'x');
    expect(digestOf(directory)).toBe(before);
    write(directory, 'deploy/notes.txt', 'y');
    expect(digestOf(directory)).not.toBe(before);
  });

  test('knows an output by its manifest alone: a folder named like one counts', () => {
    const directory = folder({ ...UV, 'swarm/__init__.py': '' });
    const before = digestOf(directory);
    write(directory, 'swarm/__init__.py', 'x');
    expect(digestOf(directory)).not.toBe(before);
  });

  test('is read once for all apps of a folder', () => {
    const directory = folder(UV);
    const cache = sourceCache();
    const first = readSource({ directory, source: '.', module: 'main:app' }, cache).source?.digest;
    write(directory, 'later.txt', 'x');
    expect(readSource({ directory, source: '.', module: 'main:app' }, cache).source?.digest).toBe(first);
  });

  test('does not depend on the order in which a file system lists', () => {
    const names = ['b', 'a', 'Z', '_', 'é', 'a-', 'a/b', '\u{1F600}', '\uFFFD'];
    const files = (names: readonly string[]) => ({
      ...UV,
      ...Object.fromEntries(names.map((name) => [`d/${name.replace('/', '_/')}`, name])),
    });
    expect(digestOf(folder(files(names)))).toBe(digestOf(folder(files(names.toReversed()))));
  });
});

describe('a build context', () => {
  test('may hold links within itself, but none that lead out', () => {
    const directory = folder(UV);
    symlinkSync('main.py', join(directory, 'inside'));
    expect(messages(readFolder(directory))).toEqual([]);
    symlinkSync('../elsewhere', join(directory, 'outside'));
    symlinkSync('/etc/passwd', join(directory, 'absolute'));
    expect(messages(readFolder(directory))).toEqual([
      '"absolute" links to "/etc/passwd", outside of the build context; replace it with a copy, or name it in .dockerignore',
      '"outside" links to "../elsewhere", outside of the build context; replace it with a copy, or name it in .dockerignore',
    ]);
    write(directory, '.dockerignore', 'absolute\noutside\n');
    expect(messages(readFolder(directory))).toEqual([]);
  });

  test.runIf(process.getuid?.() !== 0)('must be readable', () => {
    const directory = folder({ ...UV, 'closed.txt': 'x' });
    chmodSync(join(directory, 'closed.txt'), 0);
    mkdirSync(join(directory, 'closed'), { mode: 0 });
    expect(messages(readFolder(directory))).toEqual([
      'folder "closed" cannot be read; change its mode, or name it in .dockerignore',
      'file "closed.txt" cannot be read; change its mode, or name it in .dockerignore',
    ]);
    chmodSync(join(directory, 'closed'), 0o700);
  });

  test('must not hide what its build needs', () => {
    expect(messages(read({ ...UV, '.dockerignore': '*\n!main.py\n' }))).toEqual([
      '.dockerignore keeps uv.lock out of the build, which needs it; add a line !uv.lock at its end',
      '.dockerignore keeps pyproject.toml out of the build, which needs it; add a line !pyproject.toml at its end',
    ]);
  });
});

describe('the ignore file', () => {
  test('ends with that of the user, which has the last word', () => {
    const { source } = read({ ...UV, '.dockerignore': '# mine\n!tests\n*.md\n' });
    expect(source?.dockerignore.endsWith('\n\n# From .dockerignore\n# mine\n!tests\n*.md\n')).toBe(true);
    const ignore = parseIgnore(source?.dockerignore ?? '');
    expect(['tests/x', 'README.md', 'a/README.md', '.env'].map((path) => ignore.ignores(path))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test('keeps what a build may need: readme, licence, certificates, packages named like our folders', () => {
    const ignore = parseIgnore(read(UV).source?.dockerignore ?? '');
    const kept = [
      'README.md',
      'LICENSE',
      'certs/ca.pem',
      'shop/secrets/__init__.py',
      'shop/out/x.py',
      'shop/tests/x.py',
      'alembic.ini',
      'Main.PY',
    ];
    expect(kept.filter((path) => ignore.ignores(path))).toEqual([]);
  });

  test('names the outputs of ours that are in the source, after all else: nothing lets them in', () => {
    const old = { 'deploy/old/swarm/.asgi-synth.json': '{}', 'b/.asgi-synth.json': '{}', 'b/c/.asgi-synth.json': '{}' };
    const { source } = read({ ...UV, ...old, '.dockerignore': '!deploy\n!**/*.yaml\n' });
    expect(source?.dockerignore.endsWith('\n!deploy\n!**/*.yaml\n\n# Outputs\nb\ndeploy/old/swarm\n')).toBe(true);
    const ignore = parseIgnore(source?.dockerignore ?? '');
    const paths = ['deploy/old/swarm/stack.yaml', 'b/c/x', 'deploy/old/notes.txt', 'deploy/old/x.yaml'];
    expect(paths.map((path) => ignore.ignores(path))).toEqual([true, true, false, false]);
  });

  test('is the same before and after its output is there', () => {
    const directory = folder({ ...UV, '.dockerignore': '!**/*.yaml\n' });
    const textOf = () => readFolder(directory, { exclude: ['deploy/swarm', 'deploy/kubernetes'] }).source?.dockerignore;
    const before = textOf();
    write(directory, 'deploy/swarm/.asgi-synth.json', '{}');
    expect(before).toMatch(/\n# Outputs\ndeploy\/swarm\ndeploy\/kubernetes\n$/);
    expect(textOf()).toBe(before);
  });

  test.each(['#1', '!a', 'a b ', ' a', 'a[b]c', 'a*', '(a|b)+', 'a\\b', 'a\nb', 'é😀', '$x{1}', '**'])(
    'keeps out an output in a folder named %j, and no other folder',
    (name) => {
      const files = { [`${name}/.asgi-synth.json`]: '{}', [`${name}/x.yaml`]: '', [`x${name}/x.yaml`]: '' };
      const ignore = parseIgnore(read({ ...UV, ...files }).source?.dockerignore ?? '');
      expect([`${name}/x.yaml`, `x${name}/x.yaml`].map((path) => ignore.ignores(path))).toEqual([true, false]);
    },
  );

  test('does not name the source folder itself, even where it is an output', () => {
    const { source } = read({ ...UV, '.asgi-synth.json': '{}' });
    expect(source?.dockerignore).toBe(read(UV).source?.dockerignore);
  });

  test('for a Dockerfile of the user is theirs, by that name first', () => {
    const files = { 'docker/Dockerfile': 'FROM x', '.dockerignore': 'a\n', 'docker/Dockerfile.dockerignore': 'b\n' };
    const text = read(files, { build: { dockerfile: 'docker/Dockerfile' } }).source?.dockerignore;
    expect(text?.trimEnd().endsWith('\nb')).toBe(true);
  });

  test.each([
    ['!src/a', 'src', true],
    ['!src/a', 'other', false],
    ['!src/a', 'src/b', false],
    ['!**/a', 'other', true],
    ['!s*/a', 'src', true],
    ['!/src/a/', 'src', true],
  ])('with %s: whether %s must be looked into, though ignored, is %s', (pattern, path, expected) => {
    expect(parseIgnore(`*\n${pattern}`).mayReturnBelow(path)).toBe(expected);
  });
});
