import { x } from 'tinyexec';
import { userError } from '../errors.js';

/** What a command left behind. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface ExecOptions {
  /** Written to the command's standard input, which is then closed. */
  readonly input?: string | Uint8Array;
  /** Added to the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ends the command. @default - never */
  readonly signal?: AbortSignal;
  /** Gets each line of both streams as it comes. */
  readonly onLine?: (line: string) => void;
}

// nodePath: false everywhere, or programs beside Node's own would come before those of the user's PATH.

/** Runs a command to its end, whatever its exit code. Without a shell: every word arrives as it is. */
export async function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<Ran> {
  const running = x(command, [...args], {
    nodePath: false,
    ...(options.signal ? { signal: options.signal } : {}),
    nodeOptions: {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  });
  const { stdin } = running.process ?? {};
  // A command that ends before it has read everything is judged by its exit code.
  stdin?.on('error', () => undefined).end(options.input ?? '');
  if (options.onLine) followLines(running.process, options.onLine);
  try {
    const { stdout, stderr, exitCode } = await running;
    return { stdout, stderr, exitCode: exitCode ?? 128 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw userError(
        `${command} is not installed, or not in PATH; install it and run the command again`,
        {},
        { cause: error },
      );
    throw error;
  }
}

function followLines(child: ReturnType<typeof x>['process'], onLine: (line: string) => void): void {
  for (const stream of [child?.stdout, child?.stderr]) {
    let rest = '';
    stream?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
    stream?.on('end', () => rest !== '' && onLine(rest));
  }
}

/** Runs a command on the terminal of this process: what it prints and reads is the user's. Returns its exit code. */
export async function execInteractive(
  command: string,
  args: readonly string[],
  { signal, cwd }: Pick<ExecOptions, 'signal' | 'cwd'> = {},
): Promise<number> {
  const { exitCode } = await x(command, [...args], {
    nodePath: false,
    ...(signal ? { signal } : {}),
    nodeOptions: { stdio: 'inherit', ...(cwd === undefined ? {} : { cwd }) },
  });
  return exitCode ?? 128;
}
