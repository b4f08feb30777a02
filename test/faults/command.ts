import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What one command line of the product did. */
export interface Commanded {
  readonly exitCode: number;
  /** Its result, as `--json` gives it; empty where it gave none. */
  readonly result: Readonly<Record<string, unknown>>;
  /** Everything that it said on the way. */
  readonly said: string;
  readonly seconds: number;
  /** Milliseconds since 1970 at which the first line that matches was said, or undefined. */
  when(pattern: RegExp): number | undefined;
  readonly ended: number;
}

const BIN = join(import.meta.dirname, '../../bin/synth.mjs');

/** Runs `synth` as a user does and waits for its end, whatever its exit code. */
export function synth(
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Commanded> {
  const started = Date.now();
  const child = spawn(process.execPath, [BIN, ...words, '--json'], {
    cwd,
    env: { ...process.env, CI: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let rest = '';
  const lines: { readonly at: number; readonly text: string }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((part) => ({ at: Date.now(), text: part })));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      const ended = Date.now();
      if (rest !== '') lines.push({ at: ended, text: rest });
      resolve({
        exitCode: code ?? 128,
        result: parsed(stdout),
        said: lines.map(({ text }) => text).join('\n'),
        seconds: (ended - started) / 1000,
        when: (pattern) => lines.find(({ text }) => pattern.test(text))?.at,
        ended,
      });
    });
  });
}

function parsed(stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch {
    return {};
  }
}
