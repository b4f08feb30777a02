import { compare, valid } from '@renovatebot/pep440';
import type { Dependencies, SourceComplaint } from '../source.js';

/** What an image of ours installs, whichever manager locked it. */
export interface Lock {
  readonly dependencies: Dependencies;
  /** Version by normalized name. */
  readonly versions: ReadonlyMap<string, string>;
  /** All that the build needs of the context besides `dependencies.lock` and `.files`; absent: everything. */
  readonly needed?: readonly string[];
  readonly complaints: readonly SourceComplaint[];
}

/** Name of a Python package as indexes compare it: https://packaging.python.org/en/latest/specifications/name-normalization/ */
export function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Version by name. Of several, which only markers tell apart, the oldest: what is said of it holds for the others. */
export function oldestOf(
  packages: Iterable<readonly [name: string, version: string | undefined]>,
): Map<string, string> {
  const versions = new Map<string, string>();
  for (const [name, version] of packages) {
    const known = versions.get(normalized(name));
    if (version !== undefined && (known === undefined || isOlder(version, known)))
      versions.set(normalized(name), version);
  }
  return versions;
}

function isOlder(version: string, than: string): boolean {
  return Boolean(valid(version) && valid(than)) && compare(version, than) < 0;
}

/** Folders that a build of `context` cannot see. */
export function outsideOf(lock: string, folders: readonly string[]): SourceComplaint[] {
  return folders
    .filter((folder) => folder.startsWith('../') || folder === '..' || folder.startsWith('/'))
    .map((folder) => ({
      prop: 'source',
      message: `${lock} installs a package from ${folder}, outside of source, where an image build cannot see it; move it into source, publish it, or make both members of a uv workspace (tool.uv.workspace.members)`,
    }));
}

/** `./libs/core/` as `libs/core`. */
export function tidyPath(path: string): string {
  return path.replace(/^(\.\/)+/, '').replace(/\/+$/, '') || '.';
}
