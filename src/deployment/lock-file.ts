import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { userError } from '../errors.js';

/** Name of the lock file in the project root. */
export const LOCK_FILE = 'asgi-synth.lock.json';

/** Digest (`sha256:…`) by image reference. */
export type Digests = Readonly<Record<string, string>>;

const schema = v.object({
  schemaVersion: v.literal(1),
  /** Digest by image reference. */
  images: v.record(v.string(), v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))),
});

/** The digests that the lock file of a project holds; none where there is no lock file. */
export function readLock(root: string): Digests {
  const file = join(root, LOCK_FILE);
  if (!existsSync(file)) return {};
  try {
    return v.parse(schema, JSON.parse(readFileSync(file, 'utf8'))).images;
  } catch (error) {
    throw userError(
      `${LOCK_FILE} cannot be read: it must hold { "schemaVersion": 1, "images": { REFERENCE: "sha256:…" } }; mend or delete it`,
      {},
      { cause: error },
    );
  }
}

/** The text of a lock file: the same for the same digests, in whatever order they were found. */
export function lockText(digests: Digests): string {
  const images = Object.fromEntries(Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ schemaVersion: 1, images }, null, 2)}\n`;
}

/** Whether the lock file of a project holds exactly these digests. */
export function isLocked(root: string, digests: Digests): boolean {
  const file = join(root, LOCK_FILE);
  return existsSync(file) && readFileSync(file, 'utf8') === lockText(digests);
}

/** Puts the lock file of a project into its place, whole. */
export function writeLock(root: string, digests: Digests): void {
  const file = join(root, LOCK_FILE);
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    writeFileSync(beside, lockText(digests), { flag: 'wx' });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw userError(
      `${LOCK_FILE} cannot be written: ${(error as NodeJS.ErrnoException).code}; look at the folder's permissions`,
      {},
      { cause: error },
    );
  }
}
