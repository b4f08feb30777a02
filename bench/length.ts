// How many lines the three targets of a stack take when they are written by hand, against its stack file:
// `npx jiti bench/length.ts [STACK FILE]`.
//
// Counted are lines that say something: no comment, no blank line. Left out is what nobody has to write by hand: pages for operators,
// .dockerignore files, and the programs that we bring along, though whoever writes by hand needs something in their place. Left out as
// well is what a second target has alike, for that can be copied.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { targets } from '../src/targets/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const LEFT_OUT = /(^|\/)(README\.md|\.asgi-synth\.json)$|\.dockerignore$|(^|\/)runtime\//;
const PROGRAM = /\.(py|sh)$/;

/** Lines that say something. */
export interface Length {
  readonly stackFile: number;
  /** By target, without what a target before has alike. */
  readonly byHand: Readonly<Record<string, number>>;
  readonly times: number;
}

/** Measures a stack file, and what it becomes on every target. @param stackFile relative to the root of this project */
export function lengthOf(stackFile: string): Length {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-length-'));
  try {
    const words = [join(root, 'bin/synth.mjs'), '--stack', stackFile, '--target', 'all', '--out', folder];
    execFileSync(process.execPath, words, { cwd: root, stdio: 'ignore' });
    const seen = new Set<string>();
    const byHand = Object.fromEntries(
      targets.map(({ name }) => {
        const texts = writtenByHand(join(folder, name)).filter((text) => !seen.has(text));
        for (const text of texts) seen.add(text);
        return [name, texts.reduce((sum, text) => sum + text.split('\n').length, 0)];
      }),
    );
    const own = telling(readFileSync(join(root, stackFile), 'utf8')).split('\n').length;
    return { stackFile: own, byHand, times: Object.values(byHand).reduce((sum, lines) => sum + lines) / own };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The telling lines of each file of an output that somebody would have to write. */
function writtenByHand(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !LEFT_OUT.test(path.slice(folder.length + 1)))
    .toSorted()
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      return telling(path.endsWith('.yaml') ? withoutPrograms(text) : text);
    });
}

function telling(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(#|\/\/|$)/.test(line))
    .join('\n');
}

/** YAML without the programs that a ConfigMap carries. */
function withoutPrograms(text: string): string {
  return parseAllDocuments(text)
    .map((document) => {
      const { data = {} } = document.toJS() as { data?: Readonly<Record<string, string>> };
      for (const key of Object.keys(data).filter((name) => PROGRAM.test(name))) document.deleteIn(['data', key]);
      return document.toString({ lineWidth: 0 });
    })
    .join('');
}

function print(stackFile: string): void {
  const { stackFile: own, byHand, times } = lengthOf(stackFile);
  const rows = [[stackFile, own] as const, ...Object.entries(byHand)];
  for (const [name, lines] of rows) console.log(`${name.padEnd(24)} ${String(lines).padStart(6)}`);
  console.log(`${'by hand / stack file'.padEnd(24)} ${times.toFixed(1).padStart(6)}`);
}

if (import.meta.url === `file://${process.argv[1]}` || process.argv[1] === fileURLToPath(import.meta.url))
  print(process.argv[2] ?? 'stacks/full.ts');
