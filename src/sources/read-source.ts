import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { closest } from '../model/closest.js';
import { newestDefaults } from '../model/defaults.js';
import { sourceCache, tomlReader, type SourceCache } from './cache.js';
import { digestContext } from './digest.js';
import { readFolders } from './folders.js';
import { findLock, noLockFile, type FoundLock } from './find-lock.js';
import { isFile, isFolder, pathBetween, type Table } from './files.js';
import { checkFloors, WATCHED } from './floors.js';
import { dockerignoreText, ownDockerignoreText, parseIgnore, type Ignore } from './ignore.js';
import { withoutOutputs } from './outputs.js';
import type { Lock } from './locks/lock.js';
import { readPdmLock } from './locks/pdm.js';
import { readPoetryLock } from './locks/poetry.js';
import { readPylock } from './locks/pylock.js';
import { readRequirementsLock } from './locks/requirements.js';
import { readUvLock } from './locks/uv.js';
import { importRoot } from './module.js';
import { pythonVersion } from './python.js';
import type { PythonVersion, Source, SourceComplaint, SourceReading, SourceRequest } from './source.js';

/** Reads a source folder once, into data. Never throws for what the user did: that comes as complaints. */
export function readSource(request: SourceRequest, cache: SourceCache = sourceCache()): SourceReading {
  const complaints: SourceComplaint[] = [];
  const folder = resolve(request.directory, request.source);
  if (!isFolder(folder)) return { complaints: [noFolder(folder, request.source)] };
  const reader: Reader = { request, folder, toml: tomlReader(cache, complaints), complaints, cache };
  const source =
    request.build?.dockerfile === undefined ? readLocked(reader) : readOwn(reader, request.build.dockerfile);
  const unusable = complaints.some(({ id, flavour }) => id === undefined && flavour === undefined);
  return { ...(source && !unusable ? { source } : {}), complaints };
}

interface Reader {
  readonly request: SourceRequest;
  /** Absolute path of the source folder. */
  readonly folder: string;
  readonly toml: (folder: string, file: string) => Table;
  readonly complaints: SourceComplaint[];
  readonly cache: SourceCache;
}

/** A folder whose Dockerfile we write. */
function readLocked(reader: Reader): Source | undefined {
  const { request, folder, complaints } = reader;
  const found = findLock(folder, reader.toml);
  const broken = complaints.length > 0;
  if (!found) {
    if (!broken) complaints.push(noLockFile(folder, request.source));
    return undefined;
  }
  const python = readPython(reader, found);
  // What a broken lock file seems to lack only follows from that it is broken.
  if (broken) return undefined;
  const lock = readLock(found, python, reader.toml(folder, 'pyproject.toml'));
  complaints.push(...lock.complaints, ...checkFloors(lock.versions, lock.dependencies), ...unspellable(found, lock));
  const members = lock.dependencies.members.map((member) => join(found.context, member));
  const needed = lock.needed && [lock.dependencies.lock, ...lock.dependencies.files, ...lock.needed];
  return {
    context: pathBetween(request.directory, found.context),
    folder: found.folder,
    python,
    dependencies: lock.dependencies,
    importRoot: importRoot({ folder, members, module: request.module, factory: request.factory }, complaints),
    locked: watched(lock),
    ...readContext(reader, {
      context: found.context,
      ignored: dockerignoreText({ context: found.context, needed }),
      needed: [lock.dependencies.lock, ...lock.dependencies.files],
    }),
  };
}

/** A folder with a Dockerfile of the user's own: what is in the image is theirs to know. */
function readOwn(reader: Reader, dockerfile: string): Source {
  const { request, folder, complaints } = reader;
  if (!isFile(join(folder, dockerfile))) {
    complaints.push({
      prop: 'build',
      message: `build.dockerfile ${JSON.stringify(dockerfile)} is not a file in source ${JSON.stringify(request.source)}; name one that is there`,
    });
  }
  return {
    context: pathBetween(request.directory, folder),
    folder: '.',
    dockerfile: pathBetween(folder, join(folder, dockerfile)),
    python: readPython(reader, undefined),
    importRoot: '.',
    locked: {},
    ...readContext(reader, { context: folder, ignored: ownDockerignoreText(folder, dockerfile), needed: [] }),
  };
}

function readPython({ request, folder, toml, complaints }: Reader, found: FoundLock | undefined): PythonVersion {
  return pythonVersion(
    {
      folder,
      context: found?.context ?? folder,
      wish: request.build?.python,
      image: request.pythonImage,
      known: request.pythons ?? Object.keys(newestDefaults().images.python),
      pyproject: toml(folder, 'pyproject.toml'),
      lock: found,
    },
    complaints,
  );
}

function readLock(found: FoundLock, { minor }: PythonVersion, pyproject: Table): Lock {
  if (found.manager === 'uv') return readUvLock(found, minor);
  if (found.manager === 'poetry') return readPoetryLock(found, minor, pyproject);
  if (found.manager === 'pdm') return readPdmLock(found, minor, pyproject);
  return found.file === 'pylock.toml' ? readPylock(found, minor) : readRequirementsLock(found, minor);
}

function watched({ versions }: Lock): Record<string, string> {
  return Object.fromEntries(
    WATCHED.flatMap((name) => (versions.has(name) ? [[name, versions.get(name) ?? '']] : [])).toSorted(),
  );
}

/** Folders of a context where output will be written. */
function excludedFrom(context: string, { directory, exclude = [] }: SourceRequest): string[] {
  return exclude
    .map((folder) => pathBetween(context, resolve(directory, folder)))
    .filter((path) => path !== '.' && !path.startsWith('..'));
}

interface ContextRequest {
  readonly context: string;
  /** Text of the ignore file, without the outputs. */
  readonly ignored: string;
  /** Files that must not be ignored. */
  readonly needed: readonly string[];
}

/**
 * Output that is written into a context must not change the digest of that context: neither the one that is about to be written, which
 * may not be there yet, nor one of another run, which is known by its manifest.
 */
function readContext(
  { request, cache, complaints }: Reader,
  { context, ignored, needed }: ContextRequest,
): Pick<Source, 'digest' | 'dockerignore' | 'folders'> {
  const excluded = excludedFrom(context, request);
  const patterns = withoutOutputs(ignored, excluded);
  const ignore = parseIgnore(patterns);
  complaints.push(...hidden(ignore, needed));
  const key = `${context}\0${patterns}`;
  const result = cache.digests.get(key) ?? digestContext(context, ignore);
  cache.digests.set(key, result);
  complaints.push(...result.complaints.map((message) => ({ prop: 'source', message })));
  return {
    digest: result.digest,
    dockerignore: withoutOutputs(ignored, [...excluded, ...result.outputs]),
    ...readFolders(request, { context, ignore }, complaints),
  };
}

function hidden(ignore: Ignore, needed: readonly string[]): SourceComplaint[] {
  return needed
    .filter((file) => ignore.ignores(file))
    .map((file) => ({
      prop: 'source',
      message: `.dockerignore keeps ${file} out of the build, which needs it; add a line !${file} at its end`,
    }));
}

/** Paths that a Dockerfile has no safe spelling for. */
function unspellable(found: FoundLock, { dependencies }: Lock): SourceComplaint[] {
  return [found.folder, ...dependencies.files, ...dependencies.members]
    .filter((path) => !/^(?!.*(?:^|\/)[-~])[A-Za-z0-9._+@~/-]+$/.test(path))
    .map((path) => ({
      prop: 'source',
      message: `path ${JSON.stringify(path)} has characters that a Dockerfile cannot hold; rename it with letters, digits and "._+@~-"`,
    }));
}

function noFolder(folder: string, source: string): SourceComplaint {
  const parent = dirname(folder);
  const siblings = isFolder(parent)
    ? readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const near = closest(
    basename(folder),
    siblings.map(({ name }) => name),
  );
  const hint =
    near === undefined
      ? 'it is taken relative to the folder that synth runs in'
      : `did you mean ${JSON.stringify(source.replace(/[^/]+\/*$/, near))}?`;
  return { prop: 'source', message: `source ${JSON.stringify(source)} is not a folder; ${hint}` };
}
