import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import { dotEnvNames } from '../dot-env.js';
import { exec } from '../exec.js';
import type { Answer, Machine } from './machine.js';

/** Seconds that a command gets. An engine behind SSH or a cluster far away needs a few. */
const PATIENCE = 15;

/** The machine that runs this process. */
export function thisMachine(env: NodeJS.ProcessEnv = process.env): Machine {
  return {
    node: process.versions.node,
    dockerHost: env['DOCKER_HOST'] || undefined,
    run: (command, args) => ask(command, args, PATIENCE),
    dockerSettings: () => {
      const file = join(env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json');
      return { file, text: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
    },
    variable: (name) => (env[name] ?? '') !== '',
    file: existsSync,
    dotEnv: dotEnvNames,
    port: portState,
    space,
  };
}

const NOTHING = { exitCode: 1, stdout: '', stderr: '' };

/** @param seconds after which the command is ended, and not waited for any longer */
export async function ask(command: string, args: readonly string[], seconds: number): Promise<Answer> {
  const controller = new AbortController();
  const late = sleep(seconds * 1000, 'late' as const, { signal: controller.signal });
  try {
    const ran = await Promise.race([exec(command, args, { signal: controller.signal }), late]);
    return ran === 'late' ? { end: 'silent', ...NOTHING } : { end: 'done', ...ran };
  } catch (error) {
    if (error instanceof UserError) return { end: 'missing', ...NOTHING };
    return { end: 'done', ...NOTHING, stderr: (error as Error).message };
  } finally {
    late.catch(() => undefined);
    controller.abort();
  }
}

/** Tries to listen there for a moment; below 1024 that may be forbidden, and then somebody may answer. */
async function portState(port: number, address?: string): Promise<'free' | 'taken' | 'unknown'> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, exclusive: true, ...(address === undefined ? {} : { host: address }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
  if (code === undefined) return 'free';
  if (code === 'EADDRINUSE') return 'taken';
  return code === 'EACCES' ? answers(port, address ?? '127.0.0.1') : 'unknown';
}

function answers(port: number, host: string): Promise<'free' | 'taken' | 'unknown'> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 2000 });
    const end = (state: 'free' | 'taken' | 'unknown') => {
      socket.destroy();
      resolve(state);
    };
    socket.once('connect', () => end('taken'));
    socket.once('timeout', () => end('unknown'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED' ? 'free' : 'unknown'));
  });
}

async function space(folder: string): Promise<{ free: number; size: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}
