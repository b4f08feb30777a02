import { createHash, randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { userError, UserError, type Complaint } from './errors.js';
import type { OutputFile } from './targets/target.js';

/** Name of the file that says which files of a folder are ours. */
const MANIFEST = '.asgi-synth.json';

/** To whom an output folder belongs. */
export interface OutputOwner {
  readonly stack: string;
  readonly stage?: string | undefined;
  readonly target: string;
}

interface Manifest extends OutputOwner {
  readonly schemaVersion: 1;
  /** sha256 of each file as it was written, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** What `writeOutput` did, by path. */
export interface WrittenOutput {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
}

/** One folder and the files that it should hold. */
export interface PlannedOutput {
  /** Absolute path. */
  readonly directory: string;
  readonly owner: OutputOwner;
  readonly files: readonly OutputFile[];
}

/**
 * Writes whole outputs, all or none of them: every reason to refuse is found before the first file changes.
 * Files that we wrote earlier and that are not part of the output any more are removed; nothing else is touched.
 * Throws a `UserError` when a folder belongs to another stack or stage, or holds files that are not as we wrote them.
 */
export function writeOutputs(outputs: readonly PlannedOutput[]): WrittenOutput[] {
  const complaints = outputs.flatMap((output) => reasonsToRefuse(output));
  if (complaints.length > 0) throw new UserError(complaints);
  const undo: (() => void)[] = [];
  const staged = outputs.map((output) => stage(output, undo));
  return outputs.map((output, index) => commit(output, staged[index]!));
}

function reasonsToRefuse(output: PlannedOutput): Complaint[] {
  const blocked = nearestExisting(output.directory);
  if (!lstatFollowing(blocked)?.isDirectory()) {
    return [{ message: `cannot write to ${shown(output.directory)}: ${shown(blocked)} is not a folder; choose another with --out` }];
  }
  const manifest = tryManifest(output.directory);
  if (manifest === 'unreadable') {
    return [{ message: `${shown(join(output.directory, MANIFEST))} cannot be read, so it is not known whose files these are; delete the folder or choose another with --out` }];
  }
  if (manifest && !sameOwner(manifest, output.owner)) {
    return [{ message: `${shown(output.directory)} holds ${describeOwner(manifest)}, not ${describeOwner(output.owner)}; choose another folder with --out` }];
  }
  return output.files.flatMap((file) => refuseFile(output.directory, file, manifest));
}

function refuseFile(directory: string, { path, content }: OutputFile, manifest: Manifest | undefined): Complaint[] {
  const full = join(directory, ...path.split('/'));
  const linked = parentsBelow(directory, path).find((parent) => isLink(parent));
  if (linked) return [{ message: `${shown(linked)} is a link; nothing is written through links` }];
  if (!existsAtAll(full)) return [];
  const there = tryRead(full);
  if (there === content) return [];
  const known = manifest && Object.hasOwn(manifest.files, path) ? manifest.files[path] : undefined;
  if (known === undefined) return [{ message: `${shown(full)} is not a file of ours and would be overwritten; move it away or choose another folder with --out` }];
  if (there === undefined || sha256(there) !== known) {
    return [{ message: `${shown(full)} was changed by hand and would be overwritten; make the change in the stack file (patch), then delete this file` }];
  }
  return [];
}

interface Staged {
  readonly previous: Manifest | undefined;
  readonly temporary: ReadonlyMap<string, string>;
}

/** Writes each changed file beside its place, so that a full disk or a missing permission shows before anything is replaced. */
function stage(output: PlannedOutput, undo: (() => void)[]): Staged {
  const temporary = new Map<string, string>();
  try {
    for (const { path, content } of [...output.files, manifestFile(output)]) {
      const full = join(output.directory, ...path.split('/'));
      if (tryRead(full) === content) continue;
      for (const folder of makeFolder(dirname(full))) undo.unshift(() => tryRemoveFolder(folder));
      const beside = `${full}.${randomUUID()}.tmp`;
      undo.unshift(() => rmSync(beside, { force: true }));
      writeFileSync(beside, content, { mode: 0o644, flag: 'wx' });
      temporary.set(path, beside);
    }
    return { previous: tryManifest(output.directory) as Manifest | undefined, temporary };
  } catch (error) {
    for (const step of undo) step();
    throw userError(`cannot write to ${shown(output.directory)}: ${reason(error)}; choose another with --out`, {}, { cause: error });
  }
}

function commit(output: PlannedOutput, { previous, temporary }: Staged): WrittenOutput {
  const paths = output.files.map(({ path }) => path);
  const removed = Object.keys(previous?.files ?? {}).filter((path) => !paths.includes(path));
  // The manifest goes last: if we are stopped before it, every file is still one that the old manifest or the new content explains.
  for (const [path, beside] of temporary) renameSync(beside, join(output.directory, ...path.split('/')));
  const deleted = removed.filter((path) => removeOwned(output.directory, path, previous?.files[path]));
  return {
    written: paths.filter((path) => temporary.has(path)),
    unchanged: paths.filter((path) => !temporary.has(path)),
    removed: deleted,
  };
}

/** Removes a file that is still as we wrote it, and the folders that it leaves empty. */
function removeOwned(directory: string, path: string, known: string | undefined): boolean {
  const full = join(directory, ...path.split('/'));
  if (relative(directory, full).startsWith('..') || parentsBelow(directory, path).some((parent) => isLink(parent))) return false;
  const there = tryRead(full);
  if (there === undefined || sha256(there) !== known) return false;
  rmSync(full);
  for (const parent of parentsBelow(directory, path).toReversed()) tryRemoveFolder(parent);
  return true;
}

function manifestFile({ owner, files }: PlannedOutput): OutputFile {
  const manifest: Manifest = {
    schemaVersion: 1,
    stack: owner.stack,
    ...(owner.stage === undefined ? {} : { stage: owner.stage }),
    target: owner.target,
    files: Object.fromEntries(
      files.map(({ path, content }) => [path, sha256(content)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
  return { path: MANIFEST, content: `${JSON.stringify(manifest, null, 2)}\n` };
}

function tryManifest(directory: string): Manifest | 'unreadable' | undefined {
  const file = join(directory, MANIFEST);
  if (!existsAtAll(file)) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    return manifest.schemaVersion === 1 && typeof manifest.files === 'object' && manifest.files !== null ? manifest : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function sameOwner(a: OutputOwner, b: OutputOwner): boolean {
  return a.stack === b.stack && a.stage === b.stage && a.target === b.target;
}

function describeOwner({ stack, stage, target }: OutputOwner): string {
  return `the ${target} output of stack ${JSON.stringify(stack)}${stage === undefined ? '' : ` in stage ${JSON.stringify(stage)}`}`;
}

/** The folders between `directory` and the file, outermost first. */
function parentsBelow(directory: string, path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => join(directory, ...parts.slice(0, index + 1)));
}

function makeFolder(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
  mkdirSync(folder, { recursive: true });
  return missing;
}

function nearestExisting(path: string): string {
  return existsAtAll(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function lstatFollowing(path: string) {
  return existsSync(path) ? lstatSync(path.endsWith(sep) ? path : path + sep, { throwIfNoEntry: false }) : undefined;
}

function existsAtAll(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function tryRead(path: string): string | undefined {
  try {
    return isLink(path) ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function tryRemoveFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty: somebody keeps something there.
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of the path is not a folder',
    EISDIR: 'a folder is where a file should be',
    ENAMETOOLONG: 'the path is too long',
  };
  return words[code ?? ''] ?? code ?? String(error);
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
