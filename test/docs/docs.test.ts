import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { made } from '../../docs/tools/pages.js';
import { brokenLinks, missingPaths } from './links.js';
import { NOT_RUN } from './not-run.js';
import { partsOf, readPage } from './page.js';
import { Reader } from './reader.js';
import { typeErrors } from './typescript.js';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const readers = new Map<string, Reader>();

afterAll(() => readers.forEach((reader) => reader.forget()));

// A page may change a copy of the project and run its sources, which nothing has compiled.
describe('what the pages show', { timeout: 5 * 60_000 }, () => {
  test.each(pages)('%s does what it says', async (path) => {
    const page = readPage(root, path);
    const reader = new Reader();
    readers.set(path, reader);
    await reader.read(page);
    expect(reader.failures.join('\n\n')).toBe('');
    expect(brokenLinks(root, page), 'links').toEqual([]);
    expect(missingPaths(root, page, reader.folders), 'paths').toEqual([]);
  });

  test('compiles', () => {
    expect(typeErrors([...readers.values()].flatMap(({ typed }) => typed))).toEqual([]);
  });

  test('is what the code says now; else `npm run docs` and read the difference', async () => {
    for (const { path, before, after } of await made(root)) expect(before, path).toBe(after);
  });

  test('is run, but for what is listed with a reason', () => {
    const seen = [...readers.values()].flatMap(({ notRun }) => [...notRun]);
    expect(Object.keys(NOT_RUN).filter((name) => !seen.includes(name))).toEqual([]);
  });
});

describe('a page that is wrong fails', () => {
  const failuresOf = async (text: string) => {
    const reader = new Reader();
    readers.set(text, reader);
    await reader.read({ path: 'page.md', text, parts: partsOf(text, 'page.md') });
    return { said: reader.failures.join('\n'), typed: reader.typed };
  };
  const block = (language: string, ...lines: readonly string[]) => ['```' + language, ...lines, '```', ''].join('\n');
  const STACK = "new AsgiApp(stack, 'api', { source: './api', module: 'main:app' });";

  test.each([
    ['a language that nobody knows', block('perl', 'print 1'), 'nothing knows how to check a block of "perl"'],
    ['no language', block('', 'out/'), 'nothing knows how to check a block of ""'],
    ['a command that nobody knows', block('sh', 'make install'), 'nobody knows whether it works'],
    ['a part of a shell that nobody knows', block('sh', 'synth list > file'), 'cannot tell what'],
    ['an option that is not there', block('sh', 'synth deploy --traget swarm'), "unknown option '--traget'"],
    ['a target that is not there', block('sh', 'npx synth deploy --target nomad'), 'nomad'],
    ['a command that is not there', block('sh', 'synth depoly --target swarm'), 'exit code 2, not 0'],
    ['a script that is not there', block('sh', 'npm run nothing'), 'the script nothing is not there'],
    [
      'a file of an output that is not there',
      block('sh', 'docker compose -f out/x/compose.yaml up'),
      'out/x/compose.yaml is not there',
    ],
    ['another output', block('sh', 'npx synth --version') + block('text', '99'), 'printed\n'],
    ['an output of nothing', block('text', 'hello'), 'shows what no command before it printed'],
    ['a wrong type', block('ts', STACK.replace("'./api'", '5')), 'page.md:1: on bare-metal'],
    ['a mistake that types do not see', block('ts', STACK.replace("'main:app'", "'main'")), 'module must be'],
    [
      'a problem that it does not name',
      block('ts', STACK.replace('{ ', '{ rateLimit: { requestsPerSecond: 1 }, ')),
      'on kubernetes: expected no problem',
    ],
    [
      'a problem that is none',
      '<!-- problems: swarm: rate-limit -->\n\n' + block('ts', STACK),
      'on swarm: expected rate-limit',
    ],
    ['a module that throws', block('ts', "import 'asgi-synth';", "throw new Error('wrong');"), 'page.md:1: wrong'],
    ['no Python', '`main.py`:\n\n' + block('python', 'def :'), 'no Python at character'],
    ['a file without a name', block('yaml', 'a: 1'), 'must name its file'],
    ['no YAML', '`a.yaml`:\n\n' + block('yaml', 'a: [1'), 'page.md:3: '],
    [
      'an excerpt of another file',
      'From `settings.toml`:\n\n' + block('toml', 'x = 1'),
      'settings.toml does not have that',
    ],
    [
      'a patch that does not fit',
      '`settings.toml`:\n\n' + block('diff', '-x = 1', '+x = 2'),
      'cannot be applied to settings.toml',
    ],
  ])('%s', async (_, text, message) => {
    expect((await failuresOf(text)).said).toContain(message);
  });

  test('types that do not fit', async () => {
    const text = block('ts', "import { Stack } from 'asgi-synth';", "export const stack: Stack = 'shop';");
    expect(typeErrors((await failuresOf(text)).typed)[0]).toContain("Type 'string' is not assignable to type 'Stack'");
  });

  test('a link or a path to nothing', () => {
    const text = 'See [this](nowhere.md), [that](README.md#nothing), [those](README.md#tests) and `src/nothing.ts`.';
    const page = { path: 'page.md', text, parts: [] };
    expect(brokenLinks(root, page)).toEqual(['nowhere.md', 'README.md#nothing']);
    expect(missingPaths(root, page, [])).toEqual(['src/nothing.ts']);
  });
});
