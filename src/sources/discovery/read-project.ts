import { readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isFile, tryRead } from '../files.js';
import type { Project } from './project.js';

/** Reads the files of a folder that tell something of its application. */
export function readProject(directory: string): Project {
  const files = new Map<string, string>();
  readInto(files, directory, '');
  return { name: basename(directory), files, outerPackages: outerPackages(directory) };
}

/** An application lies no deeper; what does is data, or somebody else's. */
const DEEPEST = 8;
const MOST_FILES = 5000;
const LARGEST = 1_000_000;

const SKIPPED =
  /^(\..*|node_modules|venv|env|virtualenv|__pycache__|site-packages|dist|build|out|stacks|htmlcov|static|media)$/;
const TOLD =
  /^(.*\.py|pyproject\.toml|requirements.*\.txt|requirements\.in|.*\.lock|pylock\.toml|Pipfile|setup\.(py|cfg)|alembic\.ini|(.*\.)?Dockerfile|(docker-)?compose\.ya?ml|\.env\.(example|sample|template|dist))$/;

function readInto(files: Map<string, string>, directory: string, folder: string): void {
  const depth = folder.split('/').length;
  for (const entry of entriesOf(join(directory, folder))) {
    const path = `${folder}${entry.name}`;
    if (files.size >= MOST_FILES) return;
    if (isFolderEntry(entry) && !SKIPPED.test(entry.name) && depth <= DEEPEST) readInto(files, directory, `${path}/`);
    if (!entry.isFile() || !TOLD.test(entry.name) || sizeOf(join(directory, path)) > LARGEST) continue;
    const text = tryRead(join(directory, path));
    if (text !== undefined) files.set(path, text);
  }
}

/** A folder with an environment of Python in it holds other people's code. */
function isFolderEntry(entry: Dirent): boolean {
  return entry.isDirectory() && !isFile(join(entry.parentPath, entry.name, 'pyvenv.cfg'));
}

/** Files before folders, each by name: what is near is read even where there is too much. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted(
      (a, b) => Number(a.isDirectory()) - Number(b.isDirectory()) || (a.name < b.name ? -1 : 1),
    );
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function outerPackages(directory: string): string[] {
  if (!isFile(join(directory, '__init__.py')) || directory === dirname(directory)) return [];
  return [...outerPackages(dirname(directory)), basename(directory)];
}
