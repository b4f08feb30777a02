import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { userError } from '../errors.js';

/** Name of the lock file in the project root. */
export const LOCK_FILE = 'asgi-synth.lock.json';

const schema = v.object({
  schemaVersion: v.literal(1),
  /** Digest by image reference. */
  images: v.record(v.string(), v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))),
});

/** The digests that the lock file of a project holds; none where there is no lock file. */
export function readLock(root: string): Readonly<Record<string, string>> {
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
