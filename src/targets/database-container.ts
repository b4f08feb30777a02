/** What runs a database, on every target. */
export interface DatabaseContainer {
  readonly image: string;
  /** What the command runs under. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Uid and gid of the server in the official image; its volume and its password belong to them. */
  readonly user: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the volume is mounted. */
  readonly data: string;
  /** Folders in memory, with their size in bytes. */
  readonly temporary: Readonly<Record<string, number>>;
  /** Command that succeeds when connections are taken. */
  readonly health: readonly string[];
  readonly stopSignal: 'SIGINT' | 'SIGTERM';
  /** Processes and threads that it may have. */
  readonly pids: number;
  readonly care: DatabaseCare;
}

/** What an operator does with a database, as shell words that run inside its container. */
export interface DatabaseCare {
  /** Prints everything that is stored. */
  readonly save: string;
  /** File name for that. */
  readonly file: string;
  /** Takes it back from its input, in place of what is there. */
  readonly restore: string;
  /** Whether the server must start again after that. */
  readonly restarts: boolean;
  /** Talks to the server. */
  readonly talk: string;
  /** What else must be known, in sentences. */
  readonly notes: string;
}

export const MEBIBYTE = 2 ** 20;

/**
 * Waits until no other container holds the volume, and holds it until the last process of this one has ended: a platform that starts a
 * second container too early, as Kubernetes does when a pod is deleted, must not destroy what is stored.
 */
export function alone(volume: string): string[] {
  return ['flock', '--no-fork', `${volume}/.lock`];
}
