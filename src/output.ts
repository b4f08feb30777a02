import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { userError, UserError, type Complaint } from './errors.js';
import { show } from './model/values.js';
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

function reasonsToRefuse(output: PlannedOutput): Complaint[] {
  const nearest = nearestExisting(output.directory);
  if (!tryStat(statSync, nearest)?.isDirectory()) {
    return [
      {
        message: `cannot write to ${shown(output.directory)}: ${shown(nearest)} is not a folder; choose another with --out`,
      },
    ];
  }
  if (nearest !== output.directory) return [];
  const manifest = tryManifest(output.directory);
  if (manifest === 'unreadable') {
    return [
      {
        message: `${shown(join(output.directory, MANIFEST))} cannot be read, so it is not known whose files these are; delete the folder, or choose another with --out`,
      },
    ];
  }
  if (manifest && !sameOwner(manifest, output.owner)) {
    return [
      {
        message: `${shown(output.directory)} holds ${describeOwner(manifest)}, not ${describeOwner(output.owner)}; choose another folder with --out`,
      },
    ];
  }
  return output.files.flatMap((file) => refuseFile(output.directory, file, manifest));
}

function refuseFile(directory: string, { path, content }: OutputFile, manifest: Manifest | undefined): Complaint[] {
  const full = join(directory, ...path.split('/'));
  const blocked = parentsBelow(directory, path).find((parent) => tryStat(lstatSync, parent)?.isDirectory() === false);
  if (blocked) {
    const what = isLink(blocked) ? 'a link, and nothing is written through links' : 'a file where a folder should be';
    return [{ message: `${shown(blocked)} is ${what}; move it away or choose another folder with --out` }];
  }
  const there = tryRead(full);
  if (there === content || !tryStat(lstatSync, full)) return [];
  const known = manifest && Object.hasOwn(manifest.files, path) ? manifest.files[path] : undefined;
  if (known === undefined)
    return [
      {
        message: `${shown(full)} is not a file of ours and would be overwritten; move it away or choose another folder with --out`,
      },
    ];
  if (there === undefined || sha256(there) !== known) {
    return [
      {
        message: `${shown(full)} was changed by hand and would be overwritten; make the change in the stack file (patch), then delete this file`,
      },
    ];
  }
  return [];
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
  if (!tryStat(lstatSync, file)) return undefined;
  try {
    const manifest = JSON.parse(tryRead(file) ?? '') as Manifest;
    return manifest.schemaVersion === 1 && typeof manifest.files === 'object' && manifest.files !== null
      ? manifest
      : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function sameOwner(a: OutputOwner, b: OutputOwner): boolean {
  return a.stack === b.stack && a.stage === b.stage && a.target === b.target;
}

function describeOwner({ stack, stage, target }: OutputOwner): string {
  return `the output of stack ${show(stack)} for target ${show(target)}${stage === undefined ? '' : ` in stage ${show(stage)}`}`;
}

/** The folders between `directory` and the file, outermost first. */
function parentsBelow(directory: string, path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => join(directory, ...parts.slice(0, index + 1)));
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

function nearestExisting(path: string): string {
  return tryStat(lstatSync, path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function isLink(path: string): boolean {
  return tryStat(lstatSync, path)?.isSymbolicLink() ?? false;
}

/** What is at a path; undefined where nothing is, or nothing can be. */
function tryStat(how: typeof statSync, path: string): Stats | undefined {
  try {
    return how(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Text of a file; undefined where there is no file. To open a pipe would wait for ever. */
function tryRead(path: string): string | undefined {
  try {
    return tryStat(lstatSync, path)?.isFile() ? readFileSync(path, 'utf8') : undefined;
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

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
