import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Complaint } from './errors.js';
import { show } from './model/values.js';
import { MANIFEST } from './sources/outputs.js';
import type { OutputFile } from './targets/target.js';

/** To whom an output folder belongs. */
export interface OutputOwner {
  readonly stack: string;
  readonly stage?: string | undefined;
  readonly target: string;
}

export interface Manifest extends OutputOwner {
  readonly schemaVersion: 1;
  /** sha256 of each file as it was written, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** One folder and the files that it should hold. */
export interface PlannedOutput {
  /** Absolute path. */
  readonly directory: string;
  readonly owner: OutputOwner;
  readonly files: readonly OutputFile[];
}

export function reasonsToRefuse(output: PlannedOutput): Complaint[] {
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
        message: `${shown(full)} was not written by synth and would be overwritten; move it away or choose another folder with --out`,
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

export function manifestFile({ owner, files }: PlannedOutput): OutputFile {
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

export function tryManifest(directory: string): Manifest | 'unreadable' | undefined {
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

/** The files that the last synthesis left in a folder, as they are now; none where the folder holds no output of that owner. */
export function lastOutput(directory: string, owner: OutputOwner): OutputFile[] | undefined {
  const manifest = tryManifest(directory);
  if (manifest === undefined || manifest === 'unreadable' || !sameOwner(manifest, owner)) return undefined;
  return Object.keys(manifest.files).flatMap((path) => {
    if (parentsBelow(directory, path).some((parent) => isLink(parent)) || path.split('/').includes('..')) return [];
    const content = tryRead(join(directory, ...path.split('/')));
    return content === undefined ? [] : [{ path, content }];
  });
}

function sameOwner(a: OutputOwner, b: OutputOwner): boolean {
  return a.stack === b.stack && a.stage === b.stage && a.target === b.target;
}

function describeOwner({ stack, stage, target }: OutputOwner): string {
  return `the output of stack ${show(stack)} for target ${show(target)}${stage === undefined ? '' : ` in stage ${show(stage)}`}`;
}

/** The folders between `directory` and the file, outermost first. */
export function parentsBelow(directory: string, path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => join(directory, ...parts.slice(0, index + 1)));
}

function nearestExisting(path: string): string {
  return tryStat(lstatSync, path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

export function isLink(path: string): boolean {
  return tryStat(lstatSync, path)?.isSymbolicLink() ?? false;
}

/** What is at a path; undefined where nothing is, or nothing can be. */
export function tryStat(how: typeof statSync, path: string): Stats | undefined {
  try {
    return how(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Text of a file; undefined where there is no file. To open a pipe would wait for ever. */
export function tryRead(path: string): string | undefined {
  try {
    return tryStat(lstatSync, path)?.isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
}

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
