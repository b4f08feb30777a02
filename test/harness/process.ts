import { spawn, type ChildProcess } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** @default 120 */
  readonly timeoutSeconds?: number;
  /** Throw when the command fails. @default true */
  readonly check?: boolean;
  /** Pass its stderr on while it runs, for commands that take minutes. @default false */
  readonly echo?: boolean;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A command that failed, or that ran longer than it may. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly result: RunResult;

  constructor(message: string, result: RunResult) {
    super(message);
    this.result = result;
  }
}

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => endGroup(child, 'SIGKILL')));

/** Runs a command without a shell, in a process group of its own that never outlives its time or this process. */
export async function run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
  const { timeoutSeconds = 120, check = true } = options;
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      if (options.echo && name === 'stderr') process.stderr.write(text);
    });
  }
  child.stdin.on('error', () => {}); // a command that ends without reading its input is no failure
  child.stdin.end(options.input ?? '');

  let timedOut = false;
  const timers = [
    setTimeout(() => ((timedOut = true), endGroup(child, 'SIGTERM')), timeoutSeconds * 1000),
    setTimeout(() => endGroup(child, 'SIGKILL'), (timeoutSeconds + 5) * 1000),
  ];
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject).on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
    });
    const result = { ...output, exitCode };
    const shown = [command, ...args].join(' ');
    if (timedOut) throw new CommandError(`${shown}: not done after ${timeoutSeconds} s\n${lastLines(result)}`, result);
    if (check && exitCode !== 0)
      throw new CommandError(`${shown}: exit code ${exitCode}\n${lastLines(result)}`, result);
    return result;
  } finally {
    timers.forEach(clearTimeout);
    running.delete(child);
  }
}

function lastLines(result: RunResult): string {
  return `${result.stdout}\n${result.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-50)
    .join('\n');
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
