import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { pythonWith } from '../support/python.js';
import { gunicornCommand, gunicornConfig } from '../../../src/formats/gunicorn.js';

/** What these tests run, as the image of Starlette locks it. */
const REQUIREMENTS = join(import.meta.dirname, '../../../images/starlette/requirements.txt');
const LONG = { timeout: 20_000, interval: 50 };

/** Sleeps, blocks, and fails to start while there is a file `fail` beside it. */
const APPLICATION = `
import asyncio, atexit, os, time, urllib.parse
atexit.register(print, "exit hook", flush=True)
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        time.sleep(float(os.environ.get("STARTUP_SECONDS", "0")))
        if os.path.exists("fail"):
            return await send({"type": "lifespan.startup.failed", "message": "there is a file"})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("lifespan shutdown", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    seconds = float(scope["query_string"].decode() or "0")
    if scope["path"].endswith("/slow"):
        print("slow begins", flush=True)
    if scope["path"].endswith("/block"):
        time.sleep(seconds)
    await asyncio.sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{os.getpid()} {scope['root_path']}".encode()})
`;

let python: string | undefined;

beforeAll(() => {
  python = pythonWith('gunicorn', readFileSync(REQUIREMENTS), ['--require-hashes', '-r', REQUIREMENTS]);
}, 300_000);

beforeEach((context) => {
  if (python === undefined) context.skip('Python or PyPI is out of reach');
});

// At once, since they wait for heartbeats most of the time.
describe.concurrent('the worker of gunicorn.conf.py', () => {
  test('runs as often as the command says, whatever the variables say', async () => {
    await using gunicorn = await started(3, { WEB_CONCURRENCY: '9', GUNICORN_CMD_ARGS: '--workers 7' });
    expect(gunicorn.workers()).toHaveLength(3);
    expect(await gunicorn.ask('/')).toMatch(/^\d+ \/api$/);
  });

  test('marks itself ready only after its start, which may take longer than a heartbeat', async () => {
    const began = Date.now();
    await using gunicorn = await started(2, { STARTUP_SECONDS: '4' });
    expect(Date.now() - began).toBeGreaterThan(4000);
    expect(gunicorn.log).not.toContain('WORKER TIMEOUT');
  });

  test('is replaced after SIGKILL, and its mark with it', async () => {
    await using gunicorn = await started(2);
    const [first = 0] = gunicorn.workers();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(gunicorn.marked(2)).not.toContain(first), LONG);
    expect(gunicorn.ready()).toEqual(gunicorn.workers());
  });

  test('is replaced when it blocks its event loop', async () => {
    await using gunicorn = await started(1);
    const [first] = gunicorn.workers();
    await expect(gunicorn.ask('/block?30')).rejects.toThrow();
    await vi.waitFor(() => expect(gunicorn.marked(1)).not.toContain(first), LONG);
    expect(gunicorn.log).toContain('WORKER TIMEOUT');
  });

  test('finishes a request that outlasts the heartbeat while it drains', async () => {
    await using gunicorn = await started(1);
    const [first] = gunicorn.workers();
    const slow = gunicorn.ask('/slow?5');
    await vi.waitFor(() => expect(gunicorn.log).toContain('slow begins'), LONG);
    gunicorn.signal('SIGHUP');
    expect(await slow).toBe(`${first} /api`);
    expect(gunicorn.log).not.toContain('WORKER TIMEOUT');
  });

  test('ends its lifespan and runs exit hooks after SIGTERM', async () => {
    await using gunicorn = await started(2);
    const slow = gunicorn.ask('/slow?1');
    await vi.waitFor(() => expect(gunicorn.log).toContain('slow begins'), LONG);
    gunicorn.signal('SIGTERM');
    expect(await slow).toMatch(/ \/api$/);
    expect(await gunicorn.end).toEqual([0, null]);
    expect(gunicorn.log.match(/lifespan shutdown/g)).toHaveLength(2);
    expect(gunicorn.log.match(/exit hook/g)).toHaveLength(2);
    expect(gunicorn.ready()).toEqual([]);
  });

  test('takes the others with it only when none has started', async () => {
    await using gunicorn = await started(2);
    gunicorn.refuseToStart();
    process.kill(gunicorn.workers()[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(gunicorn.log.match(/the others serve on/g)?.length).toBeGreaterThan(1), LONG);
    expect(await gunicorn.ask('/')).toMatch(/ \/api$/);
    gunicorn.agreeToStart();
    await vi.waitFor(() => gunicorn.marked(2), LONG);
  });

  test('ends Gunicorn when it cannot start at all', async () => {
    await using gunicorn = new Gunicorn(await freePort());
    gunicorn.refuseToStart();
    gunicorn.run(2);
    const [status] = await gunicorn.end;
    // 3, or 1 where a second worker fails while Gunicorn stops for the first.
    expect([1, 3]).toContain(status);
  });
});

async function started(processes: number, variables: Record<string, string> = {}): Promise<Gunicorn> {
  const gunicorn = new Gunicorn(await freePort());
  gunicorn.run(processes, variables);
  try {
    await vi.waitFor(() => gunicorn.marked(processes), LONG);
  } catch (error) {
    await gunicorn[Symbol.asyncDispose]();
    throw error;
  }
  return gunicorn;
}

/** Gunicorn with the application above, in a folder and on a port of its own. */
class Gunicorn implements AsyncDisposable {
  /** All that it has said. */
  log = '';
  /** Its exit code and signal, once it has ended and said everything. */
  end: Promise<unknown[]> = Promise.resolve([]);
  private readonly folder = mkdtempSync(join(tmpdir(), 'gunicorn-'));
  private readonly port: number;
  private master: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
    writeFileSync(join(this.folder, 'main.py'), APPLICATION);
    writeFileSync(join(this.folder, 'gunicorn.conf.py'), configuration(port, join(this.folder, 'ready')));
  }

  run(processes: number, variables: Record<string, string> = {}): void {
    const [, ...words] = gunicornCommand({
      module: 'main:app',
      factory: false,
      processes,
      config: join(this.folder, 'gunicorn.conf.py'),
    });
    const master = spawn(python ?? '', ['-m', 'gunicorn', ...words], {
      cwd: this.folder,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [master.stdout, master.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.end = once(master, 'close');
    this.master = master;
  }

  signal(signal: NodeJS.Signals): void {
    this.master?.kill(signal);
  }

  /** Makes workers fail at their start from now on. */
  refuseToStart(): void {
    writeFileSync(join(this.folder, 'fail'), '');
  }

  agreeToStart(): void {
    rmSync(join(this.folder, 'fail'));
  }

  async ask(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, { headers: { connection: 'close' } });
    return answer.text();
  }

  /** Pids of the workers that are ready, of which there must be so many. */
  marked(processes: number): number[] {
    expect(this.ready()).toHaveLength(processes);
    return this.ready();
  }

  ready(): number[] {
    const marks = join(this.folder, 'ready');
    return existsSync(marks) ? numbers(readdirSync(marks)) : [];
  }

  workers(): number[] {
    const pid = this.master?.pid;
    return numbers(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' '));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.master?.exitCode === null && this.master.signalCode === null) {
      // Named before their parent goes: nobody would know whose they are after that.
      const orphans = this.workers();
      this.signal('SIGKILL');
      for (const pid of orphans) trySignal(pid, 'SIGKILL');
      await this.end;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function numbers(words: readonly string[]): number[] {
  return words
    .filter((word) => word.trim() !== '')
    .map(Number)
    .toSorted((a, b) => a - b);
}

function configuration(port: number, readyDirectory: string): string {
  const config = gunicornConfig({
    header: [],
    port,
    startupSeconds: 30,
    gracefulSeconds: 25,
    appGracefulSeconds: 20,
    keepAliveSeconds: 5,
    webSocketPingSeconds: 20,
    trusted: ['127.0.0.1'],
    rootPath: '/api',
    readyDirectory,
  });
  const shorter = config.replace('\ntimeout = 30\n', '\ntimeout = 2\n');
  expect(shorter).not.toBe(config);
  return shorter;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
