/** What a command left behind. */
export interface Answer {
  /** `missing`: there is no such program. `silent`: it was ended because it took too long. */
  readonly end: 'done' | 'missing' | 'silent';
  /** 1 where it was not done. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** This machine, as far as a check may look at it. Nothing here changes anything. */
export interface Machine {
  /** Version of the Node that runs this, `22.11.0`. */
  readonly node: string;
  /** Whether a variable leads docker to another engine than its context does. */
  readonly dockerHost: string | undefined;
  /** Runs a command that only looks, and ends it when it takes too long. Never throws. */
  run(command: string, args: readonly string[]): Promise<Answer>;
  /** Text of Docker's own settings, and where they are; `text` is absent where there are none. */
  dockerSettings(): { readonly file: string; readonly text: string | undefined };
  /** Whether a variable of this process has a value; which one is not told. */
  variable(name: string): boolean;
  /** Whether a file is there. @param path absolute */
  file(path: string): boolean;
  /** Names that `.env` of the working folder sets. */
  dotEnv(): ReadonlySet<string>;
  /** Whether somebody listens on a TCP port of this machine. `unknown`: that cannot be found out from here. */
  port(port: number, address?: string): Promise<'free' | 'taken' | 'unknown'>;
  /** Bytes of the file system that holds a folder; undefined where the folder is not on this machine. */
  space(folder: string): Promise<{ readonly free: number; readonly size: number } | undefined>;
}

/** The last line of what a command said, which is where tools put the reason. */
export function lastWords({ end, stderr, stdout }: Answer): string {
  if (end === 'silent') return 'no answer in time';
  return (stderr.trim() || stdout.trim()).split('\n').at(-1) || 'it said nothing';
}

/** What a command printed, as JSON; undefined where it is none. */
export function tryJson<T>({ stdout }: Pick<Answer, 'stdout'>): T | undefined {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    return undefined;
  }
}

/** Whether `version`, such as `v2.24.6-desktop.1`, is at least `floor`. */
export function isAtLeast(version: string, floor: readonly number[]): boolean {
  const parts = version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of floor.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
