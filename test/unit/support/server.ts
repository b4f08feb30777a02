import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';

export interface ServerOptions {
  /** Interpreter that has the server. */
  readonly python: string;
  /** Folder of the application. */
  readonly cwd: string;
  /** Words of the command, of which the first is a module that Python runs. */
  command(place: ServerPlace): readonly string[];
}

/** What one server has to itself. */
export interface ServerPlace {
  readonly port: number;
  /** Folder for its files. */
  readonly folder: string;
}

/** A server that really runs, on a port and with a folder of its own. */
export class Server implements AsyncDisposable {
  readonly place: ServerPlace;
  /** All that it has said. */
  log = '';
  private readonly options: ServerOptions;
  private child: ChildProcess | undefined;
  private end: Promise<unknown> = Promise.resolve();

  private constructor(place: ServerPlace, options: ServerOptions) {
    this.place = place;
    this.options = options;
  }

  /** Resolves when it answers. */
  static async start(options: ServerOptions): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'server-'));
    const server = new Server({ port: await freePort(), folder }, options);
    try {
      await server.run();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Ends it, and starts it anew with the same files. */
  async restart(): Promise<void> {
    await this.stop('SIGTERM');
    await this.run();
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  ask(path: string, init: { method?: string; headers?: Record<string, string> } = {}): Promise<Response> {
    // Each request on a connection of its own, so that it may come to any worker.
    const headers = { ...init.headers, connection: 'close' };
    return fetch(`http://127.0.0.1:${this.place.port}${path}`, { ...init, headers });
  }

  /** Pids of its workers. */
  workers(): number[] {
    const pid = this.child?.pid;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.place.folder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const { python, cwd, command } = this.options;
    const child = spawn(python, ['-m', ...command(this.place)], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.child = child;
    this.end = once(child, 'close');
    await vi.waitFor(
      async () => {
        expect(child.exitCode, this.log).toBeNull();
        expect((await this.ask('/healthz')).status).toBe(200);
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  private async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      // Named before their parent goes: nobody would know whose they are after that.
      const orphans = signal === 'SIGKILL' ? this.workers() : [];
      this.signal(signal);
      for (const pid of orphans) process.kill(pid, signal);
    }
    await this.end;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
