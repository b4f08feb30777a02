import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogsOptions, RunOptions } from '../deployer.js';
import type { Docker } from '../docker.js';
import type { Release } from '../ledger.js';
import { Compose } from './compose.js';

/** What runs, and the folder on the engine's machine that it is mounted from. */
export interface Home {
  readonly docker: Docker;
  readonly release: Release;
  readonly directory: string;
}

/** Compose on the file of a release, wherever this is run. */
export async function withRelease<T>(
  { docker, release: { plan, files }, directory }: Home,
  work: (compose: Compose) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-'));
  try {
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, files.find(({ path }) => path === 'compose.yaml')?.content ?? '');
    return await work(new Compose(docker, { name: plan.name, directory, file }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function logs(home: Home, { app, follow, tail, signal }: LogsOptions): Promise<number> {
  return withRelease(home, async (compose) => {
    const words = [
      'logs',
      '--tail',
      String(tail),
      ...(follow ? ['--follow'] : []),
      ...(app === undefined ? [] : [app]),
    ];
    return home.docker.interactive(compose.words(words), signal ? { signal } : {});
  });
}

/** Under the start shim, as the app itself: variables from secrets are there, and Ctrl-C reaches the command at once. */
export function runOnce(
  home: Home,
  { app, command, interactive }: { app: string; command: readonly string[] } & RunOptions,
): Promise<number> {
  return withRelease(home, async (compose) => {
    const words = ['--progress', 'quiet', 'run', '--rm', '--no-deps', ...(interactive ? [] : ['--no-TTY'])];
    return home.docker.interactive(compose.words([...words, app, ...command]));
  });
}
