import type { ComposeFileReference, ComposeMount } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import { filesOf } from '../../model/tree.js';
import { fileText } from '../config-files.js';
import { volumeMounts } from '../containers.js';
import { contentHash, type Context } from '../context.js';

/** What an app and what runs beside it have in common in `compose.yaml`. */
type Runnable = Pick<AsgiApp, 'secrets' | 'volumes' | 'files'>;

/**
 * Folder of the certificate and its key beside `compose.yaml`. nginx mounts it and nothing else of `secrets/`: a container that mounts a
 * file keeps the one that it was started with, so that a reload would not see a new one.
 */
export const TLS_FOLDER = 'secrets/tls';

export function secretFiles({ secrets }: Pick<Runnable, 'secrets'>): ComposeFileReference[] {
  return secrets.map(({ node }) => ({ source: node.id, target: node.id }));
}

export function mounts(app: Pick<Runnable, 'volumes'>, temporaryBytes: number): ComposeMount[] {
  return [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: temporaryBytes, mode: 0o1777 } }, ...volumeMounts(app)];
}

/** What a hash of mounted files must hold of the texts: Compose sees only where they are. */
export function filesHashed(app: Pick<Runnable, 'files'>, context: Context): string[] {
  return filesOf(app).map(({ file }) => contentHash(fileText(file, context)));
}
