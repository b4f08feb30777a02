import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { CliResult } from '../support/cli.js';

/** Something that a user met: how it came about, and what was printed. */
export interface Met extends CliResult {
  readonly title: string;
  readonly args: readonly string[];
  /** What it was said of. */
  readonly shown?: string;
}

/** The pages with all that a user can meet, one for each flow: they are there to be read. */
const PAGES = fileURLToPath(new URL('../../golden/messages/', import.meta.url));

export async function expectPage(name: string, met: readonly Met[]): Promise<void> {
  await expect(met.map(entry).join('\n')).toMatchFileSnapshot(`${PAGES}${name}.txt`);
}

function entry({ title, args, shown = '', stdout, stderr, code }: Met): string {
  return [
    `# ${JSON.stringify(title).slice(1, -1).replaceAll('\\"', '"')}`,
    ...linesOf('', shown),
    `$ ${['synth', ...args.map(quoted)].join(' ')}`,
    ...linesOf('stdout', stdout),
    ...linesOf('stderr', stderr),
    `exit code ${code}`,
    '',
  ].join('\n');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}

function linesOf(stream: string, text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (stream === '' ? `    ${line}` : `${stream}: ${line}`));
}
