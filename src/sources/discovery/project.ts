import { posix } from 'node:path';

/** A folder as data: the texts of its files that tell something, by path. */
export interface Project {
  /** Name of the folder. */
  readonly name: string;
  /** By path, relative to the folder, with slashes. */
  readonly files: ReadonlyMap<string, string>;
  /** Names of the folder and of those above it, outermost first, as far as each is a Python package; empty where it is none. */
  readonly outerPackages: readonly string[];
}

/** Something that was found: what, and where it is written. */
export interface Finding<T = string> {
  readonly value: T;
  /** `backend/app/main.py:12`, or what else says so. */
  readonly from: string;
}

/** A path inside a folder of the project; `.` is the project itself. */
export function inside(folder: string, path: string): string {
  return posix.join(folder, path);
}

export function folderOf(path: string): string {
  return posix.dirname(path);
}

/** The folder and every folder above it, up to the project. */
export function upwards(folder: string): string[] {
  return folder === '.' ? ['.'] : [folder, ...upwards(folderOf(folder))];
}

export function isBelow(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** Path from a folder to something below it; `.` for itself. */
export function pathFrom(folder: string, path: string): string {
  return posix.relative(folder, path) || '.';
}

/** `file:12` for the first line that matches, else the file. */
export function placeIn(project: Project, file: string, pattern: RegExp): string {
  const lines = (project.files.get(file) ?? '').split('\n');
  const index = lines.findIndex((line) => pattern.test(line));
  return index === -1 ? file : `${file}:${index + 1}`;
}

/** Whether a file belongs to the tests, and not to what runs. */
export function isTest(path: string): boolean {
  return (
    /(^|\/)(tests?|testing|docs?|docs_src|examples?)\//.test(path) ||
    /(^|\/)(test_[^/]*|[^/]*_test|conftest)\.py$/.test(path)
  );
}
