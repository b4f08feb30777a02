import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
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
    if scope["path"].endswith("/block"):
        time.sleep(seconds)
    await asyncio.sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{os.getpid()} {scope['root_path']}".encode()})
`;

let python: string | undefined;
let folder: string;
let port: number;
let master: ChildProcess;
let log: string;

beforeAll(() => {
  python = environment();
}, 300_000);

beforeEach(async (context) => {
  if (python === undefined) context.skip('Python or PyPI is out of reach');
  folder = mkdtempSync(join(tmpdir(), 'gunicorn-'));
  port = await freePort();
  writeFileSync(join(folder, 'main.py'), APPLICATION);
  writeFileSync(join(folder, 'gunicorn.conf.py'), configuration());
});

afterEach(async () => {
  if (master?.exitCode === null && master.signalCode === null) {
    // Named before their parent goes: nobody would know whose they are after that.
    const orphans = workers();
    const gone = once(master, 'exit');
    master.kill('SIGKILL');
    for (const pid of orphans) trySignal(pid, 'SIGKILL');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('the worker of gunicorn.conf.py', () => {
  test('runs as often as the command says, whatever the variables say', async () => {
    await start(3, { WEB_CONCURRENCY: '9', GUNICORN_CMD_ARGS: '--workers 7' });
    expect(workers()).toHaveLength(3);
    expect(await ask('/')).toMatch(/^\d+ \/api$/);
  });

  test('marks itself ready only after its start, which may take longer than a heartbeat', async () => {
    const began = Date.now();
    await start(2, { STARTUP_SECONDS: '4' });
    expect(Date.now() - began).toBeGreaterThan(4000);
    expect(log).not.toContain('WORKER TIMEOUT');
  });

  test('is replaced after SIGKILL, and its mark with it', async () => {
    await start(2);
    const [first = 0] = workers();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(marked(2)).not.toContain(first), LONG);
    expect(ready()).toEqual(workers());
  });

  test('is replaced when it blocks its event loop', async () => {
    await start(1);
    const [first] = workers();
    await expect(ask('/block?30')).rejects.toThrow();
    await vi.waitFor(() => expect(marked(1)).not.toContain(first), LONG);
    expect(log).toContain('WORKER TIMEOUT');
  });

  test('finishes a request that outlasts the heartbeat while it drains', async () => {
    await start(1);
    const [first] = workers();
    const slow = ask('/slow?5');
    await new Promise((resolve) => setTimeout(resolve, 300));
    master.kill('SIGHUP');
    expect(await slow).toBe(`${first} /api`);
    expect(log).not.toContain('WORKER TIMEOUT');
  });

  test('ends its lifespan and runs exit hooks after SIGTERM', async () => {
    await start(2);
    const slow = ask('/slow?1');
    await new Promise((resolve) => setTimeout(resolve, 300));
    master.kill('SIGTERM');
    expect(await slow).toMatch(/ \/api$/);
    expect(await once(master, 'close')).toEqual([0, null]);
    expect(log.match(/lifespan shutdown/g)).toHaveLength(2);
    expect(log.match(/exit hook/g)).toHaveLength(2);
    expect(ready()).toEqual([]);
  });

  test('takes the others with it only when none has started', async () => {
    await start(2);
    writeFileSync(join(folder, 'fail'), '');
    process.kill(workers()[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(log.match(/the others serve on/g)?.length).toBeGreaterThan(1), LONG);
    expect(await ask('/')).toMatch(/ \/api$/);
    rmSync(join(folder, 'fail'));
    await vi.waitFor(() => marked(2), LONG);
  });

  test('ends Gunicorn when it cannot start at all', async () => {
    writeFileSync(join(folder, 'fail'), '');
    run(2);
    const [status] = await once(master, 'close');
    // 3, or 1 where a second worker fails while Gunicorn stops for the first.
    expect([1, 3]).toContain(status);
  });
});

function configuration(): string {
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
    readyDirectory: join(folder, 'ready'),
  });
  const shorter = config.replace('\ntimeout = 30\n', '\ntimeout = 2\n');
  expect(shorter).not.toBe(config);
  return shorter;
}

async function start(processes: number, variables: Record<string, string> = {}): Promise<void> {
  run(processes, variables);
  await vi.waitFor(() => marked(processes), LONG);
}

function run(processes: number, variables: Record<string, string> = {}): void {
  const [, ...words] = gunicornCommand({
    module: 'main:app',
    factory: false,
    processes,
    config: join(folder, 'gunicorn.conf.py'),
  });
  log = '';
  master = spawn(python ?? '', ['-m', 'gunicorn', ...words], {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [master.stdout, master.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
}

/** Pids of the workers that are ready, of which there must be so many. */
function marked(processes: number): number[] {
  expect(ready()).toHaveLength(processes);
  return ready();
}

function ready(): number[] {
  const marks = join(folder, 'ready');
  return existsSync(marks)
    ? readdirSync(marks)
        .map(Number)
        .toSorted((a, b) => a - b)
    : [];
}

function workers(): number[] {
  const children = readFileSync(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8').trim();
  return children === ''
    ? []
    : children
        .split(' ')
        .map(Number)
        .toSorted((a, b) => a - b);
}

async function ask(path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  return answer.text();
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

/** A Python with the locked packages, made once per lock file. */
function environment(): string | undefined {
  const name = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const place = join(homedir(), '.cache/asgi-synth', `gunicorn-${name}`);
  const interpreter = (folder: string) => join(folder, 'bin/python');
  if (existsSync(place)) return interpreter(place);
  const fresh = `${place}.${process.pid}`;
  const steps = [
    ['python3', '-m', 'venv', fresh],
    [interpreter(fresh), '-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', REQUIREMENTS],
  ];
  if (!steps.every(([program = '', ...words]) => spawnSync(program, words, { stdio: 'ignore' }).status === 0))
    return undefined;
  renameSync(fresh, place);
  return interpreter(place);
}
