import * as cdk8s from 'cdk8s';
import * as constructs from 'constructs';
import { createJiti } from 'jiti';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError, userError, type Position } from '../errors.js';
import * as library from '../index.js';
import type { StackArguments } from '../model/stages.js';
import { isClass, show } from '../model/values.js';
import { libraryFor, type ChosenDefaults } from './dated-library.js';
import { whatPythonMeant } from './python-words.js';
import { Usage } from './usage.js';

/** A stack, and the file that described it. */
export interface LoadedStack {
  readonly stack: library.Stack;
  /** Absolute path of the stack file. */
  readonly file: string;
  /** Runs `work`; the positions in a `UserError` that it throws become those of the file as it was written. */
  locate<T>(work: () => T): T;
  /** The position in the file as it was written, of one in what runs. */
  original(position: Position): Position;
}

/** Finds and loads the one stack file of a command. */
export async function loadStack(
  wanted: string | undefined,
  told: StackArguments,
  defaults: ChosenDefaults = {},
): Promise<LoadedStack> {
  const files = findStackFiles(wanted);
  if (files.length > 1) {
    throw new Usage(
      `stacks/ holds ${files.map((file) => relative(resolve('stacks'), file)).join(', ')}; name one with --stack`,
    );
  }
  return loadStackFile(files[0]!, told, defaults);
}

/** The stack files of a command: the one that is named, else those in `stacks/`, else `stack.ts`. */
export function findStackFiles(wanted: string | undefined): string[] {
  if (wanted !== undefined) return [existing(wanted)];
  const inFolder = isFolder('stacks')
    ? readdirSync('stacks')
        .filter((name) => EXTENSION.test(name) && isFile(join('stacks', name)))
        .toSorted()
    : [];
  if (inFolder.length > 0) return inFolder.map((name) => resolve('stacks', name));
  const single = ['stack.ts', 'stack.mts', 'stack.js', 'stack.mjs'].find(isFile);
  if (single !== undefined) return [resolve(single)];
  throw userError(
    'no stack file found in stacks/ and no stack.ts; npx synth init writes one, and --stack names one that is elsewhere',
  );
}

const EXTENSION = /^(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]s$/;

function existing(name: string): string {
  if (!existsSync(name)) throw userError(`stack file ${show(name)} does not exist; name one with --stack`);
  if (!isFile(name)) throw userError(`stack file ${show(name)} is not a file; name one with --stack`);
  if (!EXTENSION.test(name))
    throw userError(
      `stack file ${show(name)} must be TypeScript or JavaScript; name one that ends in .ts, .mts, .js or .mjs`,
    );
  return resolve(name);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Loads a stack file. Its `asgi-synth`, `constructs` and `cdk8s` are the very ones that run here. */
export async function loadStackFile(
  file: string,
  told: StackArguments,
  defaults: ChosenDefaults = {},
): Promise<LoadedStack> {
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    sourceMaps: true,
    interopDefault: false,
    virtualModules: { 'asgi-synth': libraryFor(defaults), constructs, cdk8s },
  });
  const original = mapper(jiti);
  const locate = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof UserError ? withOriginalPositions(error, original) : error;
    }
  };
  try {
    const stack = await settled(file, readStack(jiti, file, told));
    if (!isStack(stack)) throw notAStack(file, stack);
    return { stack, file, locate, original };
  } catch (error) {
    if (error instanceof UserError) throw withOriginalPositions(error, original);
    throw broken(file, error, original);
  }
}

type Jiti = ReturnType<typeof createJiti>;
type Mapper = (position: Position) => Position;

async function readStack(jiti: Jiti, file: string, told: StackArguments): Promise<unknown> {
  const { default: exported } = await jiti.import<{ default?: unknown }>(file);
  if (exported === undefined)
    throw userError(`${shortPath(file)} has no default export; end it with: export default stack`);
  if (typeof exported !== 'function' || isClass(exported)) return exported;
  return (exported as (told: StackArguments) => unknown)(told);
}

/** The result of `work`; an error also for what goes wrong beside it, and when Node has nothing left to do and it is still not there. */
async function settled<T>(file: string, work: Promise<T>): Promise<T> {
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const stuck = () =>
    fail(userError(`${shortPath(file)} waits for something that never happens; look for a promise without an end`));
  process.on('beforeExit', stuck).on('unhandledRejection', fail).on('uncaughtException', fail);
  try {
    const result = await Promise.race([work, failed]);
    // A rejection that nobody awaits is known only when Node comes round again.
    await Promise.race([nextTurn(), failed]);
    return result;
  } finally {
    process.off('beforeExit', stuck).off('unhandledRejection', fail).off('uncaughtException', fail);
  }
}

function isStack(value: unknown): value is library.Stack {
  return value instanceof library.Stack;
}

function notAStack(file: string, got: unknown): UserError {
  const foreign = (got as { constructor?: { name?: string } } | undefined)?.constructor?.name === 'Stack';
  const message = foreign
    ? 'the stack was made by another copy of asgi-synth; import { Stack } from "asgi-synth" alone'
    : `the default export must be a Stack or a function that returns one, got ${show(got)}`;
  return userError(`${shortPath(file)}: ${message}`);
}

/** An error that the stack file threw, or a syntax error in it, at its place. */
function broken(file: string, error: unknown, original: Mapper): UserError {
  const syntax =
    error instanceof Error
      ? /^(?:ParseError: )?(.*?)\.?\s*\n\s*(\/.*|[A-Za-z]:.*):(\d+):(\d+)/.exec(error.message)
      : null;
  if (syntax) {
    const [, message = '', where = file, line, column] = syntax;
    const position = { file: shortPath(where), line: Number(line), column: Number(column) + 1 };
    return userError(`syntax error: ${message}${hint(message, position)}`, { position }, { cause: error });
  }
  const frame = error instanceof Error ? frameIn(error, file) : undefined;
  const position = frame ? original(frame) : { file: shortPath(file), line: 1, column: 1 };
  const message = whatWasThrown(error);
  return userError(`${message}${hint(message, position)}`, { position }, { cause: error });
}

function hint(message: string, { file, line }: Position): string {
  const lines = isFile(file) ? readFileSync(file, 'utf8').split('\n').slice(0, line) : [];
  const above = lines.slice(0, -1).findLast((one) => one.trim() !== '') ?? '';
  return whatPythonMeant({ message, line: lines.at(-1) ?? '', above });
}

function whatWasThrown(error: unknown): string {
  if (!(error instanceof Error)) return `the stack file threw ${show(error)}; throw an Error to say what is wrong`;
  // The compiler's name for an import is none that the user wrote.
  const message = error.message.split('\n')[0]!.replace(/\b_(asgiSynth|constructs|cdk8s)\d*\./g, '');
  if (message === '') return `the stack file threw an error without a message (${error.name}); give it one`;
  return error.name === 'Error' ? message : `${error.name}: ${message}`;
}

/** The first place inside `file` in a stack trace; a path may hold spaces and brackets. */
function frameIn({ stack = '' }: Error, file: string): Position | undefined {
  const names = [file, pathToFileURL(file).href];
  const found = stack.split('\n').flatMap((frame) => {
    const [, where = '', line, column] = /^\s+at .*?((?:file:\/\/)?\/.*):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    return names.some((name) => where.endsWith(name)) ? [{ file, line: Number(line), column: Number(column) }] : [];
  });
  return found[0];
}

function withOriginalPositions({ complaints, cause }: UserError, original: Mapper): UserError {
  return new UserError(
    complaints.map((complaint) =>
      complaint.position ? { ...complaint, position: original(complaint.position) } : complaint,
    ),
    { cause },
  );
}

/** Columns of the file as it was written: types are taken out before it runs, which moves what stands behind them. */
function mapper(jiti: Jiti): Mapper {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ file, line, column }) => {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (!maps.has(path)) maps.set(path, sourceMap(jiti, path));
    const entry = maps.get(path)?.findEntry(line - 1, line === 1 ? Math.max(0, column - 1 - WRAPPER) : column - 1);
    const found =
      entry && 'originalLine' in entry
        ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
        : { line, column };
    return { file: shortPath(path), ...found };
  };
}

/** What jiti puts in front of the first line. */
const WRAPPER = '(async function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) { '
  .length;

function sourceMap(jiti: Jiti, file: string): SourceMap | undefined {
  try {
    const code = jiti.transform({
      source: readFileSync(file, 'utf8'),
      filename: file,
      ts: /\.[cm]?ts$/.test(file),
      async: true,
    });
    const inline = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]+)/.exec(
      code,
    )?.[1];
    return inline === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(inline, 'base64').toString('utf8')));
  } catch {
    // Without a map the position is still the right line.
    return undefined;
  }
}

function shortPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}
