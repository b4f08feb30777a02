import { CommanderError } from 'commander';
import { formatComplaint, oneLine, UserError } from '../errors.js';
import { EXIT, Exit } from './exit.js';
import { createProgram } from './program.js';
import { Usage } from './usage.js';
import { WORLD, type World } from './world.js';

/** Runs one command line. Returns the exit code, one of `EXIT`; that of the command which `synth run` runs is its own. */
export async function main(args: readonly string[], world: World = WORLD): Promise<number> {
  const words = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  const json = words.includes('--json');
  try {
    await createProgram(world).parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return tell(error, json);
  }
}

/** Prints what went wrong. Returns the exit code for it. */
function tell(error: unknown, json: boolean): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? EXIT.done : report(new UserError([{ message: asOneLine(error) }]), json, EXIT.usage);
  if (error instanceof Usage) return report(new UserError([{ message: error.message }]), json, EXIT.usage);
  if (error instanceof UserError) return report(error, json, EXIT.fault);
  if (error instanceof Exit) {
    if (error.cause !== undefined) tell(error.cause, json);
    return error.code;
  }
  // A command of an engine's own tools that failed. Known by its name, since its module starts programs.
  if (error instanceof Error && error.name === 'CommandFailed')
    return report(new UserError([{ message: oneLine(error.message) }]), json, EXIT.fault);
  // Not the user's mistake: the stack trace is what we need to see.
  process.stderr.write(
    `this is a fault of asgi-synth, not of yours; please report it with these lines:\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.fault;
}

/** Commander's `error: unknown option '--tagret'\n(Did you mean --target?)` in our words, with what to do next. */
function asOneLine({ message, code }: CommanderError): string {
  const line = message.replace(/^error: /, '').replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, '; did you mean $1?');
  if (line.endsWith('?')) return line;
  return `${line}; ${code === 'commander.optionMissingArgument' ? 'give it one' : '--help lists what there is'}`;
}

function report({ complaints }: UserError, json: boolean, exitCode: number): number {
  for (const complaint of complaints) process.stderr.write(`${formatComplaint(complaint)}\n`);
  if (json) {
    const errors = complaints.map(({ position, path, message }) => ({ ...position, path, message }));
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ok: false, errors }, null, 2)}\n`);
  }
  return exitCode;
}
