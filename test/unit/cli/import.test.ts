import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { contentsOf, makeProject, type Project } from '../support/project.js';
import { transcript } from './transcript.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/compose');
const NAMES = readdirSync(FIXTURES);

/** A folder with a project that has a Compose file. */
function projectOf(name: string): Project & { readonly compose: string } {
  const project = makeProject({ 'package.json': '{}' }, name);
  cpSync(join(FIXTURES, name), project.directory, { recursive: true });
  const compose = Object.keys(project.contents()).find((path) => /(^|\/)(docker-)?compose\.ya?ml$/.test(path)) ?? '';
  return { ...project, [Symbol.dispose]: () => project[Symbol.dispose](), compose };
}

describe('synth import', () => {
  test.each(NAMES)('writes a stack that every target takes: %s', async (name) => {
    using project = projectOf(name);
    const result = await runCli(project.directory, 'import', project.compose);
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/import-${name}.txt`);
    const made = await runCli(project.directory, '--target', 'all', '--out', 'out/made');
    expect(made).toMatchObject({ code: 0 });
  });

  test.each(NAMES)('writes it as prettier would: %s', async (name) => {
    using project = projectOf(name);
    const { stdout } = await runCli(project.directory, 'import', project.compose);
    const text = project.contents()[stdout.split('\n')[0] ?? ''] ?? '';
    expect(text).toBe(await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
  });
});

/** Values in the Compose files and what they name that nobody may read elsewhere. */
const SECRETS = ['changethis', 's3cret-of-the-shop', '8f2c6a0e9b7d4c3f', 'guest:guest', '0123456789abcdef'];

describe('no value of a secret', () => {
  test('is missing in the files that are read', () => {
    const texts = NAMES.flatMap((name) => Object.values(contentsOf(join(FIXTURES, name)))).join('\n');
    expect(SECRETS.filter((value) => !texts.includes(value))).toEqual([]);
  });

  test.each(NAMES)('is printed or written: %s', async (name) => {
    using project = projectOf(name);
    const before = project.contents();
    const { stdout, stderr } = await runCli(project.directory, 'import', project.compose);
    const written = Object.entries(project.contents()).filter(([path]) => before[path] === undefined);
    const text = [stdout, stderr, ...written.flat()].join('\n');
    expect(written.length).toBeGreaterThan(1);
    expect(SECRETS.filter((value) => text.includes(value))).toEqual([]);
  });
});

const MAIN = 'from fastapi import FastAPI\n\napp = FastAPI()\n';
const API = 'services:\n  api:\n    build: .\n    command: uvicorn main:app\n';

/** What may be met, as it is said: the files, and the word behind `import`. */
const MET: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  'no such file': [{}, 'compose.yaml'],
  'a file above': [{}, '../compose.yaml'],
  'what is no YAML': [{ 'compose.yaml': 'services:\n  api: [\n  web: "x\n' }, 'compose.yaml'],
  'what is no Compose file': [{ 'compose.yaml': '- a\n' }, 'compose.yaml'],
  'no services': [{ 'compose.yaml': 'name: shop\nservices: {}\n' }, 'compose.yaml'],
  'no application': [{ 'compose.yaml': 'services:\n  web:\n    image: nginx\n' }, 'compose.yaml'],
  'a stack file of that name': [
    { 'compose.yaml': API, 'main.py': MAIN, 'stacks/project.ts': 'export default 1;\n' },
    'compose.yaml',
  ],
  'no lock file': [{ 'compose.yaml': API, 'main.py': MAIN }, 'compose.yaml'],
  'versions that nobody pinned': [
    { 'compose.yaml': API, 'main.py': MAIN, 'requirements.txt': 'fastapi[standard]\n' },
    'compose.yaml',
  ],
  'an image without a command': [
    { 'compose.yaml': `${API}  other:\n    build: ./other\n`, 'main.py': MAIN, 'other/main.py': MAIN },
    'compose.yaml',
  ],
  'an example that is there': [
    { 'compose.yaml': `${API}    environment: [API_TOKEN, MODE]\n`, 'main.py': MAIN, '.env.example': 'MODE=fast\n' },
    'compose.yaml',
  ],
};

describe('what synth import says', () => {
  test.each(Object.entries(MET))('of %s', async (title, [files, file]) => {
    using project = makeProject({ 'package.json': '{}', ...files });
    const result = await runCli(project.directory, 'import', file);
    const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/import-of-${name}.txt`);
    if (result.code !== 0) expect(Object.keys(project.contents())).toEqual(Object.keys(contentsWithFolders(files)));
  });

  test('without a file, or with too many words, is how it is called', async () => {
    using project = makeProject({});
    expect(await runCli(project.directory, 'import')).toMatchObject({
      code: 2,
      stderr: 'the Compose file is missing; name it: synth import compose.yaml\n',
    });
    expect(await runCli(project.directory, 'import', 'a.yaml', 'b.yaml')).toMatchObject({
      code: 2,
      stderr: 'unexpected "b.yaml"; --help lists what may stand there\n',
    });
  });

  test('as JSON is what became of each service, and what is left with its place', async () => {
    using project = projectOf('plain');
    const { code, stdout, stderr } = await runCli(project.directory, 'import', 'docker-compose.yml', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as { left: unknown[] };
    expect(result).toMatchObject({
      schemaVersion: 1,
      ok: true,
      stack: 'plain',
      from: 'docker-compose.yml',
      services: [
        { service: 'api', file: 'docker-compose.yml', line: 4, column: 3, becomes: 'AsgiApp api' },
        { service: 'db', line: 17, becomes: 'Postgres db' },
      ],
      secrets: ['DB_PASSWORD'],
      standIns: [],
      toDo: [],
      written: ['stacks/plain.ts', '.env.example', '.gitignore'],
      next: ['npx synth --target bare-metal'],
    });
    expect(result.left).toContainEqual({
      file: 'docker-compose.yml',
      line: 19,
      column: 5,
      path: 'services.db.ports',
      message: 'not published: only what has it in connections reaches a database; synth run gets you in',
      kind: 'left',
    });
  });
});

function contentsWithFolders(files: Readonly<Record<string, string>>): Record<string, string> {
  using project = makeProject({ 'package.json': '{}', ...files });
  return project.contents();
}
