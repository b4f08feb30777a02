import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../src/cli/program.js';
import { printCli, run, type Printed } from '../unit/support/cli.js';
import { build, isChanged } from './checkout.js';
import { NOT_RUN } from './not-run.js';
import type { Command } from './shell.js';

const root = join(import.meta.dirname, '../..');

/** Commands of `synth` that reach nothing but files. */
const RUN = ['completion', 'import', 'init', 'list', 'report'];

/** Runs a command in a folder where no engine and no registry is needed for it; else looks whether it could be run. */
export async function runCommand(command: Command, folder: string): Promise<Printed | { readonly notRun: string }> {
  const words = command.words[0] === 'npx' && command.words[1] === 'synth' ? command.words.slice(1) : command.words;
  if (words[0] === 'synth' && isRun(words) && !command.isPiped) return synth(words.slice(1), folder);
  const name = Object.keys(NOT_RUN).find((known) => `${words.join(' ')} `.startsWith(`${known} `));
  if (name === undefined) throw new Error(`${command.line}: nobody knows whether it works; see test/docs/not-run.ts`);
  if (words[0] === 'synth') await parse(words.slice(1));
  const missing = [...missingFiles(words, folder), ...missingScripts(words)];
  if (missing.length > 0) throw new Error(`${command.line}: ${missing.join(', ')} is not there`);
  return { notRun: name };
}

function isRun(words: readonly string[]): boolean {
  const first = words.slice(1).find((word) => !word.startsWith('-'));
  const commands = createProgram().commands.map((one) => one.name());
  return (
    words.includes('--help') ||
    words.includes('--write-only') ||
    first === undefined ||
    !commands.includes(first) ||
    RUN.includes(first)
  );
}

/** A checkout of ours that a page has changed runs its own sources; everything else runs what is tested here. */
async function synth(args: readonly string[], folder: string): Promise<Printed> {
  if (!isChanged(folder)) return printCli(undefined, folder, ...args);
  // Sources that change after it are newer than the build, so that the command runs those.
  if (!existsSync(join(folder, 'dist'))) build(folder);
  const done = await run(folder, [process.execPath, join(folder, 'bin/synth.mjs'), ...args]);
  return { ...done, printed: `${done.stdout}${done.stderr}` };
}

/** Parses a command as the command line does, and does nothing else. Throws where an option or a command is not there. */
async function parse(args: readonly string[]): Promise<void> {
  const program = createProgram();
  for (const command of [program, ...program.commands]) command.action(() => undefined);
  const [first = ''] = args;
  if (!program.commands.some((one) => one.name() === first)) throw new Error(`synth has no command ${first}`);
  await program.parseAsync([...args], { from: 'user' });
}

/** Files of an output or of the project that a command names. */
function missingFiles(words: readonly string[], folder: string): string[] {
  return words
    .flatMap((word) => /^(?:out|bench|test|stacks|docs)\/[\w./-]+$/.exec(word) ?? [])
    .filter((path) => !existsSync(join(folder, path)) && !existsSync(join(root, path)));
}

function missingScripts(words: readonly string[]): string[] {
  if (words[0] !== 'npm' || words[1] !== 'run') return [];
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  return Object.hasOwn(scripts, words[2] ?? '') ? [] : [`the script ${words[2]}`];
}
