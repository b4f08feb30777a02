import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Stack } from '../../src/index.js';
import { loadStackFile } from '../../src/cli/load-stack.js';
import { commandsPage } from './commands.js';
import { lengthText } from './length.js';
import { fillIn } from './markers.js';
import { filesOf, processesOf, timeoutsOn, type Stacks } from './outputs.js';
import { procfileSupport } from './procfile.js';
import { referencePage } from './reference.js';

/** A page as it is, and as the code would have it. */
export interface MadePage {
  /** Path from the root of the project. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
}

/** Pages that are made as a whole. */
const WHOLE: Readonly<Record<string, () => string>> = {
  'docs/commands.md': commandsPage,
  'docs/reference.md': referencePage,
};

/** Parts of pages, by the first word of their marker. */
const PARTS: Readonly<Record<string, (target: string, stacks: Stacks) => string>> = {
  files: filesOf,
  processes: processesOf,
  timeouts: timeoutsOn,
  procfile: procfileSupport,
  length: lengthText,
};

/** Every page with what the code says now. */
export async function made(root: string): Promise<MadePage[]> {
  const stacks = await stacksOf(root);
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const paths = [...new Set([...names.map((name) => `docs/${name}`), ...Object.keys(WHOLE), 'README.md'])].toSorted();
  return Promise.all(
    paths.map(async (path) => {
      const file = join(root, path);
      const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      const raw = WHOLE[path]?.() ?? fillIn(before ?? '', (what) => makePart(what, stacks));
      const options = await resolveConfig(file, { editorconfig: false });
      return { path, before, after: await format(raw, { ...options, filepath: file }) };
    }),
  );
}

async function stacksOf(root: string): Promise<Stacks> {
  const found = readdirSync(join(root, 'stacks')).toSorted();
  // The smallest one comes first: examples are taken from the first that has one.
  const names = ['hello.ts', ...found.filter((name) => name !== 'hello.ts')];
  const stacks = new Map<string, Stack>();
  for (const name of names)
    stacks.set(name.replace(/\.ts$/, ''), (await loadStackFile(join(root, 'stacks', name), {})).stack);
  return stacks;
}

function makePart(what: string, stacks: Stacks): string {
  const [word = '', target = ''] = what.split(' ');
  const make = PARTS[word];
  if (!make) throw new Error(`nothing makes ${JSON.stringify(what)}; known are ${Object.keys(PARTS).join(', ')}`);
  return make(target, stacks);
}
