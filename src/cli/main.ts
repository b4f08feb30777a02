import { CommanderError } from 'commander';
import { formatComplaint, UserError } from '../errors.js';
import { createProgram } from './program.js';
import { Usage } from './usage.js';

/** Runs one command line. Returns the exit code: 0 done, 1 the stack or the machine is at fault, 2 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? 0 : report(new UserError([{ message: asOneLine(error) }]), json, 2);
    if (error instanceof Usage) return report(new UserError([{ message: error.message }]), json, 2);
    if (error instanceof UserError) return report(error, json, 1);
    // Not the user's mistake: the stack trace is what we need to see.
    process.stderr.write(
      `this is a fault of asgi-synth, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
    );
    return 1;
  }
}

/** Commander's `error: unknown option '--tagret'\n(Did you mean --target?)` in our words. */
function asOneLine({ message }: CommanderError): string {
  return message.replace(/^error: /, '').replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, '; did you mean $1?');
}

function report({ complaints }: UserError, json: boolean, exitCode: number): number {
  for (const complaint of complaints) process.stderr.write(`${formatComplaint(complaint)}\n`);
  if (json) {
    const errors = complaints.map(({ position, path, message }) => ({ ...position, path, message }));
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ok: false, errors }, null, 2)}\n`);
  }
  return exitCode;
}
