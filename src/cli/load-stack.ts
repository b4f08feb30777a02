import * as cdk8s from 'cdk8s';
import * as constructs from 'constructs';
import { createJiti } from 'jiti';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError, userError, type Position } from '../errors.js';
import * as library from '../index.js';
import { show } from '../model/values.js';
import { Usage } from './usage.js';

/** What a stack file is told when its default export is a function. */
export interface StackArguments {
  readonly stage?: string | undefined;
}

/** A stack, and the file that described it. */
export interface LoadedStack {
  readonly stack: library.Stack;
  /** Absolute path of the stack file. */
  readonly file: string;
  /** Runs `work`; the positions in a `UserError` that it throws become those of the file as it was written. */
  locate<T>(work: () => T): T;
}

/** Finds and loads the one stack file of a command. */
export async function loadStack(wanted: string | undefined, told: StackArguments): Promise<LoadedStack> {
  const files = findStackFiles(wanted);
  if (files.length > 1) {
    throw new Usage(`stacks/ holds ${files.map((file) => relative(resolve('stacks'), file)).join(', ')}; name one with --stack`);
  }
  return loadStackFile(files[0]!, told);
}

/** The stack files of a command: the one that is named, else those in `stacks/`, else `stack.ts`. */
export function findStackFiles(wanted: string | undefined): string[] {
  if (wanted !== undefined) return [existing(wanted)];
  const inFolder = existsSync('stacks') ? readdirSync('stacks').filter((name) => EXTENSION.test(name)).toSorted() : [];
  if (inFolder.length > 0) return inFolder.map((name) => resolve('stacks', name));
  const single = ['stack.ts', 'stack.mts', 'stack.js', 'stack.mjs'].find((name) => existsSync(name));
  if (single !== undefined) return [resolve(single)];
  throw userError('no stack file found in stacks/ and no stack.ts; write one, or name one with --stack');
}

const EXTENSION = /^(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]s$/;

function existing(name: string): string {
  if (!existsSync(name)) throw userError(`stack file ${show(name)} does not exist; name one with --stack`);
  if (!statSync(name).isFile()) throw userError(`stack file ${show(name)} is not a file; name one with --stack`);
  return resolve(name);
}

/** Loads a stack file. Its `asgi-synth`, `constructs` and `cdk8s` are the very ones that run here. */
export async function loadStackFile(file: string, told: StackArguments): Promise<LoadedStack> {
  const jiti = createJiti(file, {
    fsCache: false,
    moduleCache: false,
    sourceMaps: true,
    interopDefault: false,
    virtualModules: { 'asgi-synth': library, constructs, cdk8s },
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
    const exported = await readDefaultExport(jiti, file);
    const stack: unknown = typeof exported === 'function' && !isStack(exported) ? await exported(told) : exported;
    if (!isStack(stack)) throw notAStack(file, stack);
    return { stack, file, locate };
  } catch (error) {
    if (error instanceof UserError) throw withOriginalPositions(error, original);
    throw broken(file, error, original);
  }
}

type Jiti = ReturnType<typeof createJiti>;
type Mapper = (position: Position) => Position;

async function readDefaultExport(jiti: Jiti, file: string): Promise<((told: StackArguments) => unknown) | undefined> {
  const module = await jiti.import<Record<string, unknown>>(file);
  if (module['default'] === undefined) {
    throw userError(`${shortPath(file)} has no default export; end it with: export default stack`);
  }
  return module['default'] as (told: StackArguments) => unknown;
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
  const text = error instanceof Error ? error.message : String(error);
  const syntax = /^(?:ParseError: )?(.*?)\s*\n\s*(\/.*|[A-Za-z]:.*):(\d+):(\d+)/.exec(text);
  if (syntax) {
    const [, message = '', where = file, line, column] = syntax;
    return userError(`syntax error: ${message}`, { position: { file: shortPath(where), line: Number(line), column: Number(column) } }, { cause: error });
  }
  const frame = error instanceof Error ? frameIn(error, file) : undefined;
  const position = frame ? original(frame) : { file: shortPath(file), line: 1, column: 1 };
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  return userError(`${name}${text.split('\n')[0]}`, { position }, { cause: error });
}

function frameIn({ stack = '' }: Error, file: string): Position | undefined {
  const frames = [...stack.matchAll(/\(?((?:file:\/\/)?\/[^\s()]+):(\d+):(\d+)\)?$/gm)].map(([, where = '', line, column]) => ({
    file: where.startsWith('file:') ? fileURLToPath(where) : where,
    line: Number(line),
    column: Number(column),
  }));
  return frames.find((frame) => frame.file === file);
}

function withOriginalPositions({ complaints, cause }: UserError, original: Mapper): UserError {
  return new UserError(
    complaints.map((complaint) => (complaint.position ? { ...complaint, position: original(complaint.position) } : complaint)),
    { cause },
  );
}

/** Columns of the file as it was written: types are taken out before it runs, which moves what stands behind them. */
function mapper(jiti: Jiti): Mapper {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ file, line, column }) => {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    if (!maps.has(path)) maps.set(path, sourceMap(jiti, path));
    const entry = maps.get(path)?.findEntry(line - 1, column - 1);
    const found = entry && 'originalLine' in entry ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 } : { line, column };
    return { file: shortPath(path), ...found };
  };
}

function sourceMap(jiti: Jiti, file: string): SourceMap | undefined {
  try {
    const code = jiti.transform({ source: readFileSync(file, 'utf8'), filename: file, ts: /\.[cm]?ts$/.test(file), async: true });
    const inline = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,([A-Za-z0-9+/=]+)/.exec(code)?.[1];
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
