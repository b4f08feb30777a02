import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OutputFile } from '../../targets/target.js';
import type { Kubectl } from '../kubectl.js';
import { parseObjects, type ClusterObject } from './objects.js';

/** An output on this machine's disk, and the objects that it stands for. */
export interface Manifests {
  readonly folder: string;
  readonly objects: readonly ClusterObject[];
}

/**
 * The files of an output as a folder that kubectl can read: the one where they are, if that still holds them, else one that is made
 * for the time of `use`. A release from the ledger has no folder of its own.
 */
export async function withManifests<T>(
  kubectl: Kubectl,
  { files, directory }: { readonly files: readonly OutputFile[]; readonly directory?: string | undefined },
  use: (manifests: Manifests) => Promise<T>,
): Promise<T> {
  if (directory !== undefined && files.every((file) => isThere(directory, file)))
    return use(await manifestsIn(kubectl, directory));
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-release-'));
  try {
    files.forEach((file) => put(folder, file));
    return await use(await manifestsIn(kubectl, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function manifestsIn(kubectl: Kubectl, folder: string): Promise<Manifests> {
  return { folder, objects: parseObjects(await kubectl.run(['kustomize', folder])) };
}

function isThere(directory: string, { path, content }: OutputFile): boolean {
  try {
    return readFileSync(join(directory, path), 'utf8') === content;
  } catch {
    return false;
  }
}

function put(folder: string, { path, content }: OutputFile): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
