import { satisfies, valid } from '@renovatebot/pep440';
import type { Dependencies, SourceComplaint } from './source.js';

interface Floor {
  readonly name: string;
  /** Oldest version; absent: any. */
  readonly from?: string;
  /** Requirement that mends it. */
  readonly mend: string;
  /** Why an older one will not do. */
  readonly why: string;
  /** Whether it must be there at all. */
  readonly required: boolean;
  readonly flavour?: 'gunicorn';
}

const UVICORN = 'uvicorn[standard]>=0.51';

/** Oldest versions that the output was proved with. */
const FLOORS: readonly Floor[] = [
  { name: 'uvicorn', from: '0.51', mend: UVICORN, why: 'older ones differ at start and stop', required: true },
  { name: 'uvloop', mend: UVICORN, why: 'without it an app is several times slower', required: true },
  { name: 'httptools', mend: UVICORN, why: 'without it an app is several times slower', required: true },
  {
    name: 'h11',
    from: '0.16',
    mend: 'h11>=0.16',
    why: 'older ones accept malformed chunks (CVE-2025-43859)',
    required: false,
  },
  {
    name: 'starlette',
    from: '1.0.1',
    mend: 'starlette>=1.0.1',
    why: 'in older ones a Host header moves the path of a request (CVE-2026-48710)',
    required: false,
  },
  {
    name: 'gunicorn',
    from: '26.1',
    mend: 'gunicorn>=26.1',
    why: 'older ones may halt as PID 1',
    required: false,
    flavour: 'gunicorn',
  },
  {
    name: 'uvicorn-worker',
    from: '0.4',
    mend: 'uvicorn-worker>=0.4',
    why: 'older ones do not fit that Uvicorn',
    required: false,
    flavour: 'gunicorn',
  },
];

/** Names of the packages that `FLOORS` speaks of, and FastAPI. */
export const WATCHED: readonly string[] = [...FLOORS.map(({ name }) => name), 'fastapi'];

/** Locked packages that are missing or too old, each with the command that mends it. */
export function checkFloors(versions: ReadonlyMap<string, string>, dependencies: Dependencies): SourceComplaint[] {
  // Of what has no version there nobody knows which is installed.
  const absent = dependencies.lock.endsWith('.txt') ? 'has no pinned version' : 'is missing';
  if (!versions.has('uvicorn')) return [complain(FLOORS[0] as Floor, absent, dependencies)];
  return FLOORS.flatMap((floor) => {
    const version = versions.get(floor.name);
    if (version === undefined) return floor.required ? [complain(floor, absent, dependencies)] : [];
    if (floor.from === undefined || !valid(version) || satisfies(version, `>=${floor.from}`, { prereleases: true }))
      return [];
    return [complain(floor, `${version} is older than ${floor.from}`, dependencies)];
  });
}

function complain({ name, mend, why, flavour }: Floor, what: string, dependencies: Dependencies): SourceComplaint {
  return {
    id: `${name}-floor`,
    prop: 'source',
    message: `${name} ${what} in ${dependencies.lock}: ${why}; ${mendCommand(mend, dependencies)}`,
    ...(flavour === undefined ? {} : { flavour }),
  };
}

/** What the user types. */
function mendCommand(requirement: string, { manager, package: member, lock }: Dependencies): string {
  if (manager === 'uv') return `run: uv add${member === undefined ? '' : ` --package ${member}`} '${requirement}'`;
  if (manager === 'poetry' || manager === 'pdm') return `run: ${manager} add '${requirement}'`;
  if (lock === 'pylock.toml') return `require ${requirement} and run: uv export --format pylock.toml -o pylock.toml`;
  return `put ${requirement} into requirements.in and run: uv pip compile --generate-hashes requirements.in -o ${lock}, or pip-compile`;
}
