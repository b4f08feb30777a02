import { join } from 'node:path';
import type { FoundLock } from '../find-lock.js';
import { isFile, table, tables, text, texts, type Table } from '../files.js';
import { markerHolds } from '../markers.js';
import { oldestOf, outsideOf, tidyPath, type Lock } from './lock.js';

/** What `pdm install --prod` installs. */
export function readPdmLock(found: FoundLock, minor: string, pyproject: Table): Lock {
  const packages = tables(found.content, 'package').filter(
    (item) => (texts(item, 'groups') ?? ['default']).includes('default') && markerHolds(text(item, 'marker'), minor),
  );
  const members = packages.flatMap((item) => text(item, 'path') ?? []).map(tidyPath);
  const isPackage =
    pyproject['build-system'] !== undefined && table(pyproject, 'tool', 'pdm')['distribution'] !== false;
  return {
    dependencies: {
      manager: 'pdm',
      lock: found.file,
      files: ['pyproject.toml', 'pdm.toml'].filter((file) => isFile(join(found.context, file))),
      project: isPackage,
      members,
      hashes: true,
    },
    versions: oldestOf(packages.map((item) => [text(item, 'name') ?? '', text(item, 'version')] as const)),
    complaints: outsideOf(found.file, members),
  };
}
