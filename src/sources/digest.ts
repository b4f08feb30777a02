import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Ignore } from './ignore.js';
import { MANIFEST } from './outputs.js';

export interface ContextDigest {
  /** sha256, hex. */
  readonly digest: string;
  /** Folders of the context that hold an output of ours, in order. Nothing of them counts. */
  readonly outputs: readonly string[];
  /** What cannot go into a build: files that cannot be read, links that lead out. */
  readonly complaints: readonly string[];
}

/**
 * Digest of a build context: path, executable bit and content of every file that is not ignored, in the order of their bytes. Dates, owners,
 * the umask and the locale do not count.
 */
export function digestContext(context: string, ignore: Ignore): ContextDigest {
  const complaints: string[] = [];
  const outputs: string[] = [];
  const hash = createHash('sha256');
  for (const path of inOrder(entriesBelow({ context, ignore, complaints, outputs }, ''))) {
    const line = describe(context, path, complaints);
    if (line !== undefined) hash.update(`${path}\0${line}\0`);
  }
  return { digest: hash.digest('hex'), outputs: inOrder(outputs), complaints };
}

function inOrder(paths: readonly string[]): string[] {
  const keyed = paths.map((path) => ({ path, key: Buffer.from(path) }));
  return keyed.toSorted((a, b) => Buffer.compare(a.key, b.key)).map(({ path }) => path);
}

interface Walk {
  readonly context: string;
  readonly ignore: Ignore;
  readonly complaints: string[];
  readonly outputs: string[];
}

/** Paths of files and links, relative to the context. */
function entriesBelow(walk: Walk, folder: string): string[] {
  const entries = list(walk, folder);
  // The source folder itself is what the user said is the app.
  if (folder !== '' && entries.some((entry) => entry.name === MANIFEST && entry.isFile())) {
    walk.outputs.push(folder);
    return [];
  }
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const ignored = walk.ignore.ignores(path);
    if (entry.isDirectory()) return ignored && !walk.ignore.mayReturnBelow(path) ? [] : entriesBelow(walk, path);
    return ignored ? [] : [path];
  });
}

function list({ context, complaints }: Walk, folder: string) {
  try {
    return readdirSync(join(context, folder), { withFileTypes: true });
  } catch {
    complaints.push(
      `folder ${JSON.stringify(folder || '.')} cannot be read; change its mode, or name it in .dockerignore`,
    );
    return [];
  }
}

/** All that counts of one file; undefined for what a build leaves out itself, such as a socket. */
function describe(context: string, path: string, complaints: string[]): string | undefined {
  const full = join(context, path);
  try {
    const stats = lstatSync(full);
    if (stats.isSymbolicLink()) return describeLink({ context, path, full }, complaints);
    return stats.isFile() ? `${isExecutable(stats) ? 'x' : '-'}${sha256(readFileSync(full))}` : undefined;
  } catch {
    complaints.push(`file ${JSON.stringify(path)} cannot be read; change its mode, or name it in .dockerignore`);
    return undefined;
  }
}

interface Link {
  readonly context: string;
  readonly path: string;
  readonly full: string;
}

function describeLink({ context, path, full }: Link, complaints: string[]): string | undefined {
  const target = readlinkSync(full);
  if (`${resolve(dirname(full), target)}${sep}`.startsWith(`${context}${sep}`)) return `l${target}`;
  complaints.push(
    `${JSON.stringify(path)} links to ${JSON.stringify(target)}, outside of the build context; replace it with a copy, or name it in .dockerignore`,
  );
  return undefined;
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o111) !== 0;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
