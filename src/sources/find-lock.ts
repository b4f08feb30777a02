import { dirname, join } from 'node:path';
import { exists, isFile, pathBetween, readToml, table, tryRead, type Table } from './files.js';
import { localPath, uvPackages } from './locks/uv-package.js';
import type { SourceComplaint } from './source.js';

/** A lock file, and the build context that it asks for. */
export interface FoundLock {
  readonly manager: 'uv' | 'poetry' | 'pdm' | 'pip';
  /** Name of the lock file, which lies in `context`. */
  readonly file: string;
  /** Absolute path. */
  readonly context: string;
  /** Source folder relative to `context`. */
  readonly folder: string;
  /** What the lock file holds, unless it is no TOML. */
  readonly content: Table;
}

const LOCK_FILES = [
  ['poetry', 'poetry.lock'],
  ['pdm', 'pdm.lock'],
  ['pip', 'pylock.toml'],
  ['pip', 'requirements.txt'],
] as const;

/** The lock file of a source folder: its own, or that of the uv workspace it is a member of. */
export function findLock(folder: string, toml: (folder: string, file: string) => Table): FoundLock | undefined {
  const workspace = uvWorkspace(folder, toml);
  if (workspace)
    return {
      manager: 'uv',
      file: 'uv.lock',
      context: workspace,
      folder: pathBetween(workspace, folder),
      content: toml(workspace, 'uv.lock'),
    };
  const own = LOCK_FILES.find(([, file]) => isFile(join(folder, file)));
  if (!own) return undefined;
  const [manager, file] = own;
  return {
    manager,
    file,
    context: folder,
    folder: '.',
    content: file === 'requirements.txt' ? {} : toml(folder, file),
  };
}

/** The nearest folder whose uv.lock knows `folder`. A lock file further up may belong to something else. */
function uvWorkspace(folder: string, toml: (folder: string, file: string) => Table): string | undefined {
  if (isFile(join(folder, 'uv.lock'))) return folder;
  for (let parent = dirname(folder); parent !== dirname(parent); parent = dirname(parent)) {
    if (!isFile(join(parent, 'uv.lock'))) continue;
    const path = pathBetween(parent, folder);
    if ([...uvPackages(toml(parent, 'uv.lock')).values()].flat().some((item) => localPath(item) === path))
      return parent;
  }
  return undefined;
}

/** What to run where there is no lock file. */
export function noLockFile(folder: string, source: string): SourceComplaint {
  const files = 'uv.lock, poetry.lock, pdm.lock, pylock.toml or requirements.txt';
  return {
    prop: 'source',
    message: `source ${JSON.stringify(source)} has no lock file (${files}), without which no image can be built twice the same; ${advice(folder)}`,
  };
}

function advice(folder: string): string {
  const has = (file: string) => exists(join(folder, file));
  if (has('Pipfile.lock')) return 'Pipfile.lock is not read: run there: pipenv requirements --hash > requirements.txt';
  if (has('requirements.in')) return 'run there: uv pip compile --generate-hashes requirements.in -o requirements.txt';
  if (has('pyproject.toml')) return `run there: ${lockCommand(folder)}`;
  return `run there: uv init --bare && uv add fastapi 'uvicorn[standard]'`;
}

function lockCommand(folder: string): string {
  const pyproject = readToml(folder, 'pyproject.toml', []);
  const backend = JSON.stringify(table(pyproject, 'build-system'));
  if (Object.keys(table(pyproject, 'tool', 'poetry')).length > 0 || backend.includes('poetry')) return 'poetry lock';
  if (Object.keys(table(pyproject, 'tool', 'pdm')).length > 0 || backend.includes('pdm')) return 'pdm lock';
  return aboveIsWorkspace(folder) ? 'uv lock (its workspace has a uv.lock that does not know this folder)' : 'uv lock';
}

function aboveIsWorkspace(folder: string): boolean {
  for (let parent = dirname(folder); parent !== dirname(parent); parent = dirname(parent)) {
    if (tryRead(join(parent, 'pyproject.toml'))?.includes('[tool.uv.workspace]'))
      return isFile(join(parent, 'uv.lock'));
  }
  return false;
}
