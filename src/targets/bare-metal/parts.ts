import type { ComposeFileReference, ComposeMount } from '../../formats/compose.js';
import type { AsgiApp } from '../../model/app.js';
import { volumeMounts } from '../containers.js';

/** What an app and what runs beside it have in common in `compose.yaml`. */
type Runnable = Pick<AsgiApp, 'environment' | 'secrets' | 'volumes'>;

export function environment({ environment }: Pick<Runnable, 'environment'>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function secretFiles({ secrets }: Pick<Runnable, 'secrets'>): ComposeFileReference[] {
  return secrets.map(({ node }) => ({ source: node.id, target: node.id }));
}

export function mounts(app: Pick<Runnable, 'volumes'>, temporaryBytes: number): ComposeMount[] {
  return [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: temporaryBytes, mode: 0o1777 } }, ...volumeMounts(app)];
}
