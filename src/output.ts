import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { userError, UserError } from './errors.js';
import {
  isLink,
  manifestFile,
  parentsBelow,
  reasonsToRefuse,
  sha256,
  shown,
  tryManifest,
  tryRead,
  tryStat,
  type Manifest,
  type PlannedOutput,
} from './output-owner.js';

/** What `writeOutput` did, by path. */
export interface WrittenOutput {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
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
  return outputs.map((output, index) => orUndo(output, undo, () => commit(output, staged[index]!)));
}

/** What has been put into its place stays; what stands beside its place goes. */
function orUndo<T>({ directory }: PlannedOutput, undo: readonly (() => void)[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    for (const step of undo) step();
    throw userError(
      `cannot write to ${shown(directory)}: ${reason(error)}; choose another with --out`,
      {},
      { cause: error },
    );
  }
}

/** An output on the disk, but not yet in its place. */
interface Staged {
  readonly previous: Manifest | undefined;
  /** Paths of the files that differ from what is there. */
  readonly changed: ReadonlySet<string>;
  /** Puts them into their place. */
  replace(): void;
}

/** Writes everything beside its place, so that a full disk or a missing permission shows before anything is replaced. */
function stage(output: PlannedOutput, undo: (() => void)[]): Staged {
  return orUndo(output, undo, () =>
    tryStat(lstatSync, output.directory) ? stageFiles(output, undo) : stageFolder(output, undo),
  );
}

function stageFiles(output: PlannedOutput, undo: (() => void)[]): Staged {
  const temporary = new Map<string, string>();
  for (const { path, content } of [...output.files, manifestFile(output)]) {
    const full = join(output.directory, ...path.split('/'));
    if (tryRead(full) === content) continue;
    for (const folder of makeFolder(dirname(full))) undo.unshift(() => tryRemoveFolder(folder));
    const beside = `${full}.${randomUUID()}.tmp`;
    undo.unshift(() => rmSync(beside, { force: true }));
    writeReadable(beside, content);
    temporary.set(path, beside);
  }
  return {
    previous: tryManifest(output.directory) as Manifest | undefined,
    changed: new Set(temporary.keys()),
    // The manifest goes last: if we are stopped before it, every file is still one that the old manifest or the new content explains.
    replace: () => temporary.forEach((beside, path) => renameSync(beside, join(output.directory, ...path.split('/')))),
  };
}

/** A folder that is not there yet appears with all of its files at once. */
function stageFolder(output: PlannedOutput, undo: (() => void)[]): Staged {
  for (const folder of makeFolder(dirname(output.directory))) undo.unshift(() => tryRemoveFolder(folder));
  const beside = `${output.directory}.${randomUUID()}.tmp`;
  makeFolder(beside);
  undo.unshift(() => rmSync(beside, { recursive: true, force: true }));
  const folders = new Set([beside]);
  for (const { path, content } of [...output.files, manifestFile(output)]) {
    const full = join(beside, ...path.split('/'));
    if (!folders.has(dirname(full))) makeFolder(dirname(full));
    folders.add(dirname(full));
    writeReadable(full, content);
  }
  return {
    previous: undefined,
    changed: new Set(output.files.map(({ path }) => path)),
    replace: () => renameSync(beside, output.directory),
  };
}

/** A file of the user's own: new, or with what was in it before. */
export interface OwnFile {
  readonly path: string;
  readonly before: string | undefined;
  readonly content: string;
}

/** Writes files that are the user's from then on. None is overwritten that is not as it was when it was read. */
export function writeOwnFiles(directory: string, files: readonly OwnFile[]): void {
  for (const { path, before, content } of files) {
    const full = join(directory, ...path.split('/'));
    try {
      if (tryRead(full) !== before) throw userError(`${path} changed in the meantime and stays as it is; try again`);
      makeFolder(dirname(full));
      if (before === undefined) writeFileSync(full, content, { flag: 'wx' });
      else replaceFile(full, content);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw userError(`cannot write ${path}: ${reason(error)}; mend that and try again`, {}, { cause: error });
    }
  }
}

function replaceFile(file: string, content: string): void {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(beside, content, { flag: 'wx', mode: statSync(file).mode });
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

function writeReadable(file: string, content: string): void {
  writeFileSync(file, content, { flag: 'wx' });
  // Containers read these files as uid 10001, whatever the umask of whoever runs us.
  chmodSync(file, 0o644);
}

function commit(output: PlannedOutput, { previous, changed, replace }: Staged): WrittenOutput {
  const paths = output.files.map(({ path }) => path);
  const stale = Object.keys(previous?.files ?? {}).filter((path) => !paths.includes(path));
  replace();
  return {
    written: paths.filter((path) => changed.has(path)),
    unchanged: paths.filter((path) => !changed.has(path)),
    removed: stale.filter((path) => removeOwned(output.directory, path, previous?.files[path])),
  };
}

/** Removes a file that is still as we wrote it, and the folders that it leaves empty. */
function removeOwned(directory: string, path: string, known: string | undefined): boolean {
  const full = join(directory, ...path.split('/'));
  if (relative(directory, full).startsWith('..') || parentsBelow(directory, path).some((parent) => isLink(parent)))
    return false;
  const there = tryRead(full);
  if (there === undefined || sha256(there) !== known) return false;
  rmSync(full);
  for (const parent of parentsBelow(directory, path).toReversed()) tryRemoveFolder(parent);
  return true;
}

/** Makes a folder with all that lead to it. Returns those that it made, outermost first. */
function makeFolder(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !tryStat(statSync, at); at = dirname(at)) missing.unshift(at);
  // One by one: where the kernel answers that nothing can be made, as in /proc, Node's own recursion never ends.
  return missing.filter((made) => {
    try {
      mkdirSync(made);
      chmodSync(made, 0o755);
      return true;
    } catch (error) {
      // Another run may have made it just now.
      if (tryStat(statSync, made)?.isDirectory()) return false;
      throw error;
    }
  });
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
    ENOENT: 'no folder can be made there',
    EROFS: 'the file system is read-only',
    EEXIST: 'a file is where a folder should be',
    ENOTEMPTY: 'another run is writing there',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of the path is not a folder',
    EISDIR: 'a folder is where a file should be',
    ENAMETOOLONG: 'the path is too long',
  };
  return words[code ?? ''] ?? code ?? String(error);
}
