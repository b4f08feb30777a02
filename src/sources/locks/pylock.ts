import type { FoundLock } from '../find-lock.js';
import { table, tables, text } from '../files.js';
import { markerHolds } from '../markers.js';
import { oldestOf, outsideOf, tidyPath, type Lock } from './lock.js';

/** What pip installs from a pylock.toml (PEP 751): its default set. */
export function readPylock(found: FoundLock, minor: string): Lock {
  const packages = tables(found.content, 'packages').filter((item) => markerHolds(text(item, 'marker'), minor));
  const members = packages.flatMap((item) => text(table(item, 'directory'), 'path') ?? []).map(tidyPath);
  return {
    // A pylock.toml is checked by hash without being asked, and pip refuses the option beside it.
    dependencies: { manager: 'pip', lock: found.file, files: [], project: false, members, hashes: false },
    versions: oldestOf(packages.map((item) => [text(item, 'name') ?? '', text(item, 'version')] as const)),
    complaints: outsideOf(found.file, members),
  };
}
