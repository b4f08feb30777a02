import { satisfies } from '@renovatebot/pep440';
import { dirname, join } from 'node:path';
import { table, text, tryRead, type Table } from './files.js';
import type { PythonVersion, SourceComplaint } from './source.js';

/** Where a Python version may be written. */
export interface PythonRequest {
  /** Absolute path of the source folder. */
  readonly folder: string;
  /** Absolute path of the build context, above which nothing counts. */
  readonly context: string;
  /** `build.python`. */
  readonly wish: string | undefined;
  /** Image that replaces ours: then any version will do. */
  readonly image: string | undefined;
  /** Minor versions that have an image of ours, the oldest first. */
  readonly known: readonly string[];
  readonly pyproject: Table;
  readonly lock: { readonly file: string; readonly content: Table } | undefined;
}

/** The Python minor version of an app: what its source folder asks for, else the newest that it allows. */
export function pythonVersion(request: PythonRequest, complaints: SourceComplaint[]): PythonVersion {
  const { known } = request;
  const bounds = boundsOf(request);
  const version = wished(request) ?? newest(bounds, known);
  const bound = bounds.find(({ specifier }) => !allows(specifier, version.minor));
  if (bound) complaints.push({ prop: 'build', message: refusal(version, bound, known) });
  if (!request.image && !known.includes(version.minor)) {
    complaints.push({ prop: 'build', message: unknown(version, known) });
  }
  return version;
}

interface Bound {
  readonly specifier: string;
  readonly from: string;
}

function wished(request: PythonRequest): PythonVersion | undefined {
  if (request.wish !== undefined) return { minor: request.wish, from: 'build.python' };
  for (let folder = request.folder; ; folder = dirname(folder)) {
    for (const { file, pattern } of VERSION_FILES) {
      const minor = pattern.exec(tryRead(join(folder, file)) ?? '')?.[1];
      if (minor !== undefined) return { minor, from: file };
    }
    if (folder === request.context || folder === dirname(folder)) return undefined;
  }
}

const VERSION_FILES = [
  { file: '.python-version', pattern: /^\s*(?:cpython[-@]|python-?)?(3\.\d+)/m },
  { file: '.tool-versions', pattern: /^python\s+(3\.\d+)/m },
  { file: 'runtime.txt', pattern: /^python-(3\.\d+)/m },
] as const;

function boundsOf({ pyproject, lock }: PythonRequest): Bound[] {
  const project = text(table(pyproject, 'project'), 'requires-python');
  const poetry = text(table(pyproject, 'tool', 'poetry', 'dependencies'), 'python');
  const locked =
    text(lock?.content ?? {}, 'requires-python') ?? text(table(lock?.content ?? {}, 'metadata'), 'python-versions');
  return [
    ...(project === undefined ? [] : [{ specifier: project, from: 'requires-python in pyproject.toml' }]),
    ...(poetry === undefined ? [] : [{ specifier: poetry, from: 'tool.poetry.dependencies in pyproject.toml' }]),
    ...(locked === undefined ? [] : [{ specifier: locked, from: lock?.file ?? 'the lock file' }]),
  ];
}

function newest(bounds: readonly Bound[], known: readonly string[]): PythonVersion {
  const minor = known.findLast((minor) => bounds.every(({ specifier }) => allows(specifier, minor)));
  return {
    minor: minor ?? known.at(-1) ?? '',
    from: minor === undefined ? 'default' : (bounds[0]?.from ?? 'default'),
  };
}

/** Whether any patch release of a minor version is allowed; `3.14` alone would mean 3.14.0. */
function allows(specifier: string, minor: string): boolean {
  return alternatives(specifier).some((one) =>
    [0, 5, 10, 99].some((patch) => satisfies(`${minor}.${patch}`, one, { prereleases: true })),
  );
}

/** Poetry's own spelling: `^3.11`, `~3.11`, `3.11.*` and `||`. */
function alternatives(specifier: string): string[] {
  return specifier.split('||').map((alternative) =>
    alternative
      .split(',')
      .map((part) => part.trim())
      .map((part) =>
        part.replace(/^\^(\d+)(.*)$/, (_, major: string, rest: string) => `>=${major}${rest},<${Number(major) + 1}`),
      )
      .map((part) =>
        part.replace(
          /^~(\d+)\.(\d+)(.*)$/,
          (_, major: string, minor: string, rest: string) =>
            `>=${major}.${minor}${rest},<${major}.${Number(minor) + 1}`,
        ),
      )
      .map((part) => (/^\d/.test(part) ? `==${part}` : part))
      .join(','),
  );
}

function refusal({ minor, from }: PythonVersion, bound: Bound, known: readonly string[]): string {
  if (from === 'default')
    return `${bound.from} allows ${bound.specifier}, none of ${known.join(', ')}; widen it, or set build: { python } and images: { python }`;
  return `Python ${minor} (${from}) is not allowed by ${bound.from}: ${bound.specifier}; change one of them`;
}

function unknown({ minor, from }: PythonVersion, known: readonly string[]): string {
  const all = `${known[0]} to ${known.at(-1)}`;
  return `Python ${minor} (${from}) has no image here, ${all} have; set build: { python: ${JSON.stringify(known.at(-1))} }, or give the stack images: { python: "python:${minor}-slim" } if Uvicorn runs on it`;
}
