import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { startCommand, type StartValues } from '../../../src/formats/python.js';

const SCRIPT = fileURLToPath(new URL('../../../src/formats/python/start.py', import.meta.url));
const PYTHON = spawnSync('python3', ['-c', '']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'start-connections-'));
afterAll(() => rmSync(folder, { recursive: true }));

function start(values: Omit<StartValues, 'script' | 'drainSeconds'>) {
  const [program = '', ...words] = startCommand({ script: SCRIPT, drainSeconds: 0, ...values });
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, end: Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]) };
}

async function end(values: Omit<StartValues, 'script' | 'drainSeconds'>) {
  const [[status], stdout, stderr] = await start(values).end;
  return { status: status as number, stdout, stderr };
}

/** A port of loopback on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const ECHO = ['sh', '-c', 'printf %s "$URL"'];

describe.runIf(PYTHON)('start.py with connections', () => {
  test.each([
    ['plain', 'plain'],
    ['with a line break at its end\n', 'with%20a%20line%20break%20at%20its%20end'],
    ['p@ss/w:rd?#[]%&=+ $"\'\\{}', 'p%40ss%2Fw%3Ard%3F%23%5B%5D%25%26%3D%2B%20%24%22%27%5C%7B%7D'],
    ['Grüße', 'Gr%C3%BC%C3%9Fe'],
    ['a-b.c_d~e', 'a-b.c_d~e'],
  ])('puts the password %j percent-encoded into the URL', async (password, encoded) => {
    const file = join(folder, 'password');
    writeFileSync(file, password);
    const urls = [{ variable: 'URL', file, url: 'postgresql+asyncpg://shop:{}@db:5432/shop?a=b' }];
    const { stdout, status } = await end({ urls, command: ECHO });
    expect(stdout).toBe(`postgresql+asyncpg://shop:${encoded}@db:5432/shop?a=b`);
    expect(decodeURIComponent(new URL(stdout).password)).toBe(password.replace(/\n$/, ''));
    expect(status).toBe(0);
  });

  test('ends with 78 where the password is not there, and names its file', async () => {
    const urls = [{ variable: 'URL', file: join(folder, 'absent'), url: 'postgresql://a:{}@b:1/c' }];
    const { status, stderr } = await end({ urls, command: ECHO });
    expect(status).toBe(78);
    expect(stderr).toContain('absent');
  });

  test('starts its command at once where the database takes connections', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status, stderr } = await end({ waitFor: [`127.0.0.1:${port}`], command: ['true'] });
    server.close();
    expect(status).toBe(0);
    // It would say that it waits.
    expect(stderr).toBe('');
  });

  test('waits until the database takes connections', async () => {
    const port = await closedPort();
    const { child, end: ended } = start({ waitFor: [`127.0.0.1:${port}`], waitSeconds: 50, command: ['echo', 'up'] });
    await once(child.stderr, 'data');
    const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
    const [[status], stdout, stderr] = await ended;
    server.close();
    expect([status, stdout]).toEqual([0, 'up\n']);
    expect(stderr).toContain(`waiting for 127.0.0.1:${port}`);
    expect(stderr).not.toContain('starting without it');
  });

  test('starts its command without the database when the time is over', async () => {
    const port = await closedPort();
    const { status, stdout, stderr } = await end({
      waitFor: [`127.0.0.1:${port}`],
      waitSeconds: 1,
      command: ['echo', 'up'],
    });
    expect([status, stdout]).toEqual([0, 'up\n']);
    expect(stderr).toContain('starting without it');
  });

  test('ends at SIGTERM while it waits', async () => {
    const { child, end: ended } = start({
      waitFor: [`127.0.0.1:${await closedPort()}`],
      waitSeconds: 60,
      command: ['true'],
    });
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    const [[status]] = await ended;
    expect(status).toBe(143);
  });
});
