import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../../../src/cli/main.js';
import type { World } from '../../../src/cli/world.js';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command did, and what it printed as a terminal shows it. */
export interface Printed extends CliResult {
  /** stdout and stderr, as they come one after the other. */
  readonly printed: string;
}

/** Runs a command line inside this process, in another folder. */
export function runCli(directory: string, ...args: readonly string[]): Promise<CliResult> {
  return runCliWith(undefined, directory, ...args);
}

/** The same with another world beside it: engines that a test made up. */
export async function runCliWith(
  world: World | undefined,
  directory: string,
  ...args: readonly string[]
): Promise<CliResult> {
  const { code, stdout, stderr } = await printCli(world, directory, ...args);
  return { code, stdout, stderr };
}

/** The same as a terminal shows it. */
export async function printCli(
  world: World | undefined,
  directory: string,
  ...args: readonly string[]
): Promise<Printed> {
  const home = process.cwd();
  const { write: writeOut } = process.stdout;
  const { write: writeError } = process.stderr;
  let stdout = '';
  let stderr = '';
  let printed = '';
  process.stdout.write = (chunk) => Boolean(((printed += String(chunk)), (stdout += String(chunk))));
  process.stderr.write = (chunk) => Boolean(((printed += String(chunk)), (stderr += String(chunk))));
  process.chdir(directory);
  try {
    const code = await main(args, world);
    return { code, stdout, stderr, printed };
  } finally {
    process.chdir(home);
    process.stdout.write = writeOut;
    process.stderr.write = writeError;
  }
}

/** The command as a user runs it. */
export const BIN = fileURLToPath(new URL('../../../bin/synth.mjs', import.meta.url));

/** Runs a program in a folder, without a terminal. */
export async function run(
  directory: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CliResult> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  return { code, stdout, stderr };
}

/** Runs `node bin/synth.mjs`. */
export function runBin(directory: string, ...args: readonly string[]): Promise<CliResult> {
  return run(directory, [process.execPath, BIN, ...args]);
}
