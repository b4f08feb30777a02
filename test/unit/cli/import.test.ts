import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { runCli, type CliResult } from '../support/cli.js';
import { makeProject, type Project } from '../support/project.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/compose');
const NAMES = readdirSync(FIXTURES);

/** A folder with a project that has a Compose file. */
function projectOf(name: string): Project & { readonly compose: string } {
  const project = makeProject({ 'package.json': '{}' }, name);
  cpSync(join(FIXTURES, name), project.directory, { recursive: true });
  const compose = Object.keys(project.contents()).find((path) => /(^|\/)(docker-)?compose\.ya?ml$/.test(path)) ?? '';
  return { ...project, [Symbol.dispose]: () => project[Symbol.dispose](), compose };
}

/** All that is printed, and every file that is written. */
function transcript(project: Project, { code, stdout, stderr }: CliResult): string {
  const written = stdout.split('\n').filter((path) => project.contents()[path] !== undefined);
  const texts = written.map((path) => `--- ${path}\n${project.contents()[path]}`);
  return [`exit code ${code}\n`, '--- stderr\n', stderr, '--- stdout\n', stdout, ...texts].join('');
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
