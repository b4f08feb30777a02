import { join } from 'node:path';
import type { FoundLock } from '../find-lock.js';
import { isFile, isFolder, table, tables, text, texts, type Table } from '../files.js';
import { markerHolds } from '../markers.js';
import { normalized, oldestOf, outsideOf, tidyPath, type Lock } from './lock.js';

/** What `poetry export --only main` names. */
export function readPoetryLock(found: FoundLock, minor: string, pyproject: Table): Lock {
  const packages = tables(found.content, 'package').filter(
    (item) => isMain(item) && markerHolds(markerOf(item), minor),
  );
  const members = packages
    .filter((item) => text(table(item, 'source'), 'type') === 'directory')
    .map((item) => tidyPath(text(table(item, 'source'), 'url') ?? '.'));
  const project = isPackage(found.context, pyproject);
  return {
    dependencies: {
      manager: 'poetry',
      lock: found.file,
      files: ['pyproject.toml', 'poetry.toml'].filter((file) => isFile(join(found.context, file))),
      project,
      members,
      direct: packages.some((item) => DIRECT.includes(text(table(item, 'source'), 'type') ?? '')),
      hashes: true,
    },
    versions: oldestOf(packages.map((item) => [text(item, 'name') ?? '', text(item, 'version')] as const)),
    complaints: outsideOf(found.file, members),
  };
}

/** Types of a source that is no index. */
const DIRECT = ['directory', 'file', 'git', 'url'];

/** Poetry 1 wrote no groups, but a category. */
function isMain(item: Table): boolean {
  if (item['optional'] === true) return false;
  const groups = texts(item, 'groups');
  return groups ? groups.includes('main') : (text(item, 'category') ?? 'main') === 'main';
}

function markerOf(item: Table): string | undefined {
  return text(item, 'markers') ?? text(table(item, 'markers'), 'main');
}

/** Poetry fails to install a project whose package it cannot find, which many applications do not have. */
function isPackage(context: string, pyproject: Table): boolean {
  const poetry = table(pyproject, 'tool', 'poetry');
  if (poetry['package-mode'] === false || !JSON.stringify(table(pyproject, 'build-system')).includes('poetry'))
    return false;
  if (poetry['packages'] !== undefined) return true;
  const name = normalized(text(table(pyproject, 'project'), 'name') ?? text(poetry, 'name') ?? '').replaceAll('-', '_');
  return (
    name !== '' &&
    [name, `src/${name}`].some((path) => isFolder(join(context, path)) || isFile(join(context, `${path}.py`)))
  );
}
