import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { startCommand } from '../../../src/formats/python.js';

const SCRIPT = fileURLToPath(new URL('../../../src/formats/python/start.py', import.meta.url));
const PYTHON = spawnSync('python3', ['-c', '']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'start-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Says when it is up and which signals it gets; SIGTERM ends it with status 5. */
const LISTENER = `
import signal, sys, time
def tell(number, frame):
    print(signal.Signals(number).name, flush=True)
    if number == signal.SIGTERM:
        sys.exit(5)
for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "TTIN", "TTOU", "WINCH", "TERM"):
    signal.signal(getattr(signal, "SIG" + name), tell)
print("up", flush=True)
while True:
    time.sleep(0.05)
`;

describe.runIf(PYTHON)('start.py', () => {
  test('ends with the status of its command', async () => {
    const { status } = await end(start({ command: ['sh', '-c', 'exit 7'] }));
    expect(status).toBe(7);
  });

  test('ends with 128 + N when signal N ended its command', async () => {
    const { status } = await end(start({ command: ['sh', '-c', 'kill -9 $$'] }));
    expect(status).toBe(137);
  });

  test('asks a command to end that is not done in time, and says so', async () => {
    const limit = { seconds: 1, graceSeconds: 60 };
    const { status, stderr } = await end(start({ command: ['sleep', '60'], limit }));
    expect({ status, stderr }).toEqual({
      status: 143,
      stderr: 'asgi-synth: the command is not done after 1 s and has to end\n',
    });
  });

  test('kills a command that does not end when it is asked to', async () => {
    const command = ['sh', '-c', 'trap "" TERM; exec sleep 60'];
    const { status } = await end(start({ command, limit: { seconds: 2, graceSeconds: 1 } }));
    expect(status).toBe(137);
  });

  test('leaves a command alone that is done in time', async () => {
    const limit = { seconds: 60, graceSeconds: 1 };
    const { status, stderr } = await end(start({ command: ['sh', '-c', 'exit 3'], limit }));
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  });

  test('passes SIGTERM on after the drain', async () => {
    const child = await listener({ drainSeconds: 1 });
    const began = Date.now();
    child.kill('SIGTERM');
    expect(await child.lines.next()).toMatchObject({ value: 'SIGTERM' });
    expect(Date.now() - began).toBeGreaterThan(950);
    expect(await once(child, 'close')).toEqual([5, null]);
  });

  test('passes a second SIGTERM on at once', async () => {
    const child = await listener({ drainSeconds: 60 });
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([5, null]);
  });

  test('ends at once when the command ends during the drain', async () => {
    const child = start({ drainSeconds: 60, command: ['sh', '-c', 'echo up; sleep 0.5; exit 3'] });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect((await end(child)).status).toBe(3);
  });

  test('passes every other signal on at once', async () => {
    const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'] as const;
    const child = await listener({ drainSeconds: 60 });
    for (const signal of signals) {
      child.kill(signal);
      expect(await child.lines.next()).toEqual({ done: false, value: signal });
    }
    child.kill('SIGTERM');
    child.kill('SIGTERM');
  });

  test('starts its command with no signal blocked or ignored', async () => {
    // SIGKILL and SIGSTOP cannot be; glibc keeps the two signals before 34 for itself.
    const { stdout } = await end(start({ command: ['grep', '-E', 'SigBlk|SigIgn', '/proc/self/status'] }));
    const masks = [...stdout.matchAll(/([0-9a-f]{16})$/gm)].map(([, mask]) => BigInt(`0x${mask}`) & ~(0b11n << 31n));
    expect(masks).toEqual([0n, 0n]);
  });

  test('sets a variable from a secret file, less one newline, for its command alone', async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'a "b" $c \\ é\n\n');
    const command = ['python3', '-c', 'import os; print(ascii(os.environ["TOKEN"]), os.getppid())'];
    const child = start({ secrets: [{ variable: 'TOKEN', file }], command });
    expect(await end(child)).toMatchObject({ stdout: `'a "b" $c \\\\ \\xe9\\n' ${child.pid}\n`, stderr: '' });
  });

  test.each([
    [
      'a secret that is not there',
      { secrets: [{ variable: 'TOKEN', file: '/nowhere/x\ny' }] },
      78,
      'asgi-synth: secret file /nowhere/x?y for TOKEN cannot be read: No such file or directory\n',
    ],
    [
      'a command that is not there',
      { command: ['no-such-command'] },
      127,
      'asgi-synth: command no-such-command is not found\n',
    ],
    [
      'a command that cannot run',
      { command: ['/etc/passwd'] },
      126,
      'asgi-synth: command /etc/passwd cannot be started: Permission denied\n',
    ],
  ])('ends with one clear line for %s', async (_, values, status, stderr) => {
    expect(await end(start(values))).toEqual({ status, stdout: '', stderr });
  });

  test('never tells what a secret holds', async () => {
    const file = join(folder, 'binary');
    writeFileSync(file, 'canary\0canary');
    const { status, stderr } = await end(start({ secrets: [{ variable: 'TOKEN', file }] }));
    expect(status).toBe(78);
    expect(stderr).not.toContain('canary');
  });

  test.runIf(canUnshare())('reaps orphans as PID 1', async () => {
    const orphans = '(sleep 0.1 &); (sleep 0.1 &); sleep 0.5; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';
    const words = startCommand({ script: SCRIPT, drainSeconds: 0, command: ['sh', '-c', orphans] });
    const { stdout } = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', ...words], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('0');
  });
});

interface Values {
  readonly drainSeconds?: number;
  readonly limit?: { readonly seconds: number; readonly graceSeconds: number };
  readonly secrets?: { readonly variable: string; readonly file: string }[];
  readonly command?: readonly string[];
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start({ drainSeconds = 0, limit, secrets = [], command = ['true'] }: Values): Child {
  const [program = '', ...words] = startCommand({ script: SCRIPT, drainSeconds, limit, secrets, command });
  return spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The listener, once it is up. */
async function listener(values: Values) {
  const child = start({ ...values, command: ['python3', '-c', LISTENER] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect(await lines.next()).toEqual({ done: false, value: 'up' });
  return Object.assign(child, { lines });
}

async function end(child: Child): Promise<Ended> {
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: status as number | null, stdout, stderr };
}

function canUnshare(): boolean {
  return spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
}
