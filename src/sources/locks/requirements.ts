import type { FoundLock } from '../find-lock.js';
import { markerHolds } from '../markers.js';
import type { SourceComplaint } from '../source.js';
import { normalized, oldestOf, outsideOf, type Lock } from './lock.js';
import { readRequirements, type Requirement } from './requirement-lines.js';

/** What pip installs from a requirements.txt and the files it includes. */
export function readRequirementsLock(found: FoundLock, minor: string): Lock {
  const { requirements, constraints, files, missing } = readRequirements(found.context, found.file);
  const wanted = requirements.filter(({ marker }) => markerHolds(marker, minor));
  const versions = oldestOf([...pins(wanted), ...pins(constraints.filter(({ marker }) => markerHolds(marker, minor)))]);
  const members = wanted.flatMap(({ folder }) => folder ?? []);
  return {
    dependencies: {
      manager: 'pip',
      lock: found.file,
      files,
      project: false,
      members,
      hashes: wanted.length > 0 && members.length === 0 && wanted.every(({ hashed }) => hashed),
    },
    versions,
    complaints: [
      ...missing.map(({ file, by }) => ({
        prop: 'source',
        message: `${by} includes ${file}, which is not there; write it, or take that line out`,
      })),
      ...outsideOf(found.file, [...members, ...files]),
      ...hashedFolder(wanted, found),
      ...unpinned(wanted, versions, found),
    ],
  };
}

function pins(requirements: readonly Requirement[]): (readonly [string, string | undefined])[] {
  return requirements.map(({ name, version }) => [name, version] as const);
}

/** A folder has no hash, and pip wants one for all or for none. */
function hashedFolder(requirements: readonly Requirement[], { file }: FoundLock): SourceComplaint[] {
  const folder = requirements.find(({ folder }) => folder !== undefined)?.folder;
  if (folder === undefined || !requirements.some(({ hashed }) => hashed)) return [];
  const message = `${file} has hashes and installs ${JSON.stringify(folder)}, which pip refuses together; export it without the folder, as uv export --no-emit-project does`;
  return [{ prop: 'source', message }];
}

/** Packages whose own dependencies a full list must name; by them a hand-written list is told from a lock. */
const NEEDS = { fastapi: 'starlette', uvicorn: 'h11' } as const;

function unpinned(
  requirements: readonly Requirement[],
  versions: ReadonlyMap<string, string>,
  { context, file }: FoundLock,
): SourceComplaint[] {
  const open = requirements
    .filter(({ name, exact }) => !exact && !versions.has(normalized(name)))
    .map(({ name }) => name);
  const absent = Object.entries(NEEDS).filter(([name, need]) => versions.has(name) && !versions.has(need));
  const mend = `write what you need into requirements.in and run in ${JSON.stringify(context.split(/[\\/]/).pop())}: uv pip compile --generate-hashes requirements.in -o ${file}`;
  if (open.length > 0) {
    return [
      {
        id: 'requirements-unpinned',
        prop: 'source',
        message: `${file} pins no version of ${open.slice(0, 5).join(', ')}${open.length > 5 ? ', …' : ''}; ${mend}`,
      },
    ];
  }
  return absent.map(([name, need]) => ({
    id: 'requirements-unpinned',
    prop: 'source',
    message: `${file} pins ${name} but not ${need}, which comes with it in any version; ${mend}`,
  }));
}
