import type { OutputFile } from '../../targets/target.js';

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

/** The values of secrets, each a file `secrets/<id>` in the place. */
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
