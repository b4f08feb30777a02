import { join } from 'node:path';
import type { FoundLock } from '../find-lock.js';
import { isFile } from '../files.js';
import { markerHolds } from '../markers.js';
import { oldestOf, outsideOf, type Lock } from './lock.js';
import { installedPath, localPath, uvPackages, type UvDependency, type UvPackage } from './uv-package.js';

type Index = ReturnType<typeof uvPackages>;

/** What `uv sync --package` of a folder installs. */
export function readUvLock(found: FoundLock, minor: string): Lock {
  const index = uvPackages(found.content);
  const all = [...index.values()].flat();
  const root = all.find((item) => localPath(item) === found.folder);
  const installed = root ? closure(root, index, minor) : [];
  const members = installed.flatMap((item) => installedPath(item) ?? []);
  const member = found.folder !== '.';
  return {
    dependencies: {
      manager: 'uv',
      lock: found.file,
      files: settings(found.context),
      ...(member && root ? { package: root.name } : {}),
      project: root !== undefined && installedPath(root) !== undefined,
      members,
      hashes: true,
    },
    versions: oldestOf(installed.map(({ name, version }) => [name, version] as const)),
    ...(member && !members.includes('.') ? { needed: [...manifests(all), found.folder, ...members] } : {}),
    complaints: root ? outsideOf(found.file, members) : [noProject(found)],
  };
}

/** uv.toml names indexes: without it, the build would ask others than the lock was made from. */
function settings(context: string): string[] {
  return ['pyproject.toml', 'uv.toml'].filter((file) => isFile(join(context, file)));
}

/** `--locked` reads the pyproject.toml of every member. */
function manifests(all: readonly UvPackage[]): string[] {
  const folders = all.flatMap((item) => (item.source['path'] === undefined ? (localPath(item) ?? []) : []));
  return folders
    .filter((folder) => folder !== '.' && !folder.startsWith('..'))
    .map((folder) => `${folder}/pyproject.toml`);
}

function noProject({ file }: FoundLock) {
  return {
    prop: 'source',
    message: `${file} locks no project in source itself; source must be the folder of a project, such as a member of the workspace`,
  };
}

/** The package and all that it needs on Linux with that Python, extras included. */
function closure(root: UvPackage, index: Index, minor: string): UvPackage[] {
  const seen = new Set<string>();
  const found = new Set([root]);
  const queue = [...root.dependencies];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (!markerHolds(next.marker, minor)) continue;
    for (const item of candidates(index.get(next.name) ?? [], next)) {
      found.add(item);
      queue.push(...wanted(item, next, seen));
    }
  }
  return [...found];
}

function candidates(named: readonly UvPackage[], { version }: UvDependency): readonly UvPackage[] {
  return version === undefined ? named : named.filter((item) => item.version === version);
}

/** Dependencies of a package and of its extras, each only once. */
function wanted(item: UvPackage, { extras }: UvDependency, seen: Set<string>): UvDependency[] {
  return ['', ...extras].flatMap((extra) => {
    const key = `${item.name} ${item.version} ${extra}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return extra === '' ? item.dependencies : (item.extras[extra] ?? []);
  });
}
