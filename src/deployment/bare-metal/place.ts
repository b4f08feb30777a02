import { basename } from 'node:path';
import { TLS_FOLDER } from '../../targets/bare-metal/parts.js';
import type { OutputFile } from '../../targets/target.js';
import type { Plan } from '../plan.js';

/** The folder of an output beside its engine: where its files are mounted from. */
export interface Place {
  /** Absolute, on the machine of the engine. */
  readonly directory: string;
  /** `compose.yaml` on this machine. */
  readonly composeFile: string;
  /** Makes the folder hold these files; whatever else is in it stays. */
  write(files: readonly OutputFile[]): Promise<void>;
  readonly secrets: SecretStore;
}

/** Where the value of a secret is, below `secrets`: the folder that it is in, with a slash, or nothing. */
export type FolderOf = (id: string) => string;

/** A certificate and its key are in a folder of their own, which nginx mounts. */
export function folderOf({ certificate }: Pick<Plan, 'certificate'>): FolderOf {
  const ids = [certificate?.certificate, certificate?.key];
  return (id) => (ids.includes(id) ? `${basename(TLS_FOLDER)}/` : '');
}

/** The values of secrets, each a file `secrets/<id>` in the place, or in a folder of that. */
export interface SecretStore {
  /** Undefined where none is stored. */
  read(id: string): Promise<Uint8Array | undefined>;
  /** When the value was written, in milliseconds since 1970 by the engine's clock. */
  since(id: string): Promise<number | undefined>;
  /** Ids of the secrets whose value is not yet known to serve; some were left by a deployment that was killed. */
  pending(): Promise<string[]>;
  /** Stores a value and keeps the one that serves until `keep` or `restore`. */
  replace(id: string, value: Uint8Array): Promise<void>;
  /** The new values serve: forgets those before. */
  keep(): Promise<void>;
  /** Puts the values that serve back, as old as they were. */
  restore(): Promise<void>;
}
