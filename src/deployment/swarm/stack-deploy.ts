import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OutputFile } from '../../targets/target.js';
import { RolloutFailure } from '../cause.js';
import { CommandFailed } from '../docker.js';
import type { Plan } from '../plan.js';
import type { Manager } from './manager.js';

/** A version as `docker stack deploy` takes it. */
export interface StackVersion {
  readonly plan: Plan;
  readonly files: readonly OutputFile[];
  /** Folder that may hold the files already. */
  readonly directory?: string | undefined;
  /** Revision of each secret, by id. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Which of the files it is. @default 'stack.yaml' */
  readonly file?: string;
  /** Whether services that are not in it go. @default true */
  readonly prune?: boolean;
}

/** Tells the Swarm what should run. Returns before anything has happened. */
export async function stackDeploy(manager: Manager, version: StackVersion): Promise<void> {
  const { plan, files, directory, secrets, file = 'stack.yaml', prune = true } = version;
  await withFiles(files, directory, async (folder) => {
    const args = [
      ...['stack', 'deploy', '--compose-file', file, ...(prune ? ['--prune'] : []), '--resolve-image', 'never'],
      ...['--with-registry-auth', ...(await detached(manager)), plan.name],
    ];
    const { stdout, stderr, exitCode } = await manager.attempt(args, {
      cwd: folder,
      env: revisionVariables(plan, secrets),
    });
    if (exitCode === 0) return;
    const said = stderr || stdout;
    if (/port '?\d+'? is already in use/.test(said)) throw new RolloutFailure('port-in-use', lastLine(said));
    throw new CommandFailed(['docker', ...args], exitCode, said);
  });
}

/** What `stack.yaml` asks the environment for. */
export function revisionVariables(plan: Plan, revisions: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    plan.secrets.flatMap(({ id, variable }) => {
      const revision = revisions[id];
      return revision === undefined ? [] : [[`${variable}_REVISION`, String(revision)]];
    }),
  );
}

/** Later versions of the command wait by default, and earlier ones do not know the option. */
async function detached({ docker }: Manager): Promise<string[]> {
  const { stdout } = await docker.attempt(['stack', 'deploy', '--help']);
  return stdout.includes('--detach') ? ['--detach=true'] : [];
}

/** Runs `action` in a folder with these files: in `directory` where that holds them, else in a temporary one. */
export async function withFiles<T>(
  files: readonly OutputFile[],
  directory: string | undefined,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  if (directory !== undefined && files.every((file) => isWritten(file, directory))) return action(directory);
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-'));
  try {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isWritten({ path, content }: OutputFile, directory: string): boolean {
  try {
    return readFileSync(join(directory, path), 'utf8') === content;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
