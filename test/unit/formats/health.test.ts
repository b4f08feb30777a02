import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { healthCommand, READY_DIRECTORY, type HealthValues } from '../../../src/formats/python.js';

const SCRIPT = fileURLToPath(new URL('../../../src/formats/python/health.py', import.meta.url));
const USABLE = spawnSync('python3', ['-c', 'open("/proc/1/stat")']).status === 0;

let state: string;
let answers: Record<string, number>;
let asked: IncomingMessage[];
let server: Server;

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'health-'));
  answers = { '/': 404, '/readyz': 200, '/healthz': 200 };
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(answers[request.url ?? ''] ?? 500).end('x'.repeat(100_000));
  });
  await listen(server);
});

afterEach(() => {
  server.close();
  rmSync(state, { recursive: true });
});

describe.runIf(USABLE)('health.py', () => {
  test('takes any status below 500 of / where no path is given', async () => {
    expect(await check()).toEqual({ status: 0, reason: '/ is right' });
    answers['/'] = 500;
    expect(await check()).toEqual({ status: 1, reason: '/ answered 500' });
  });

  test.each([
    [199, 1],
    [200, 0],
    [399, 0],
    [400, 1],
    [404, 1],
    [503, 1],
  ])('answers to status %i of a path with %i', async (answer, status) => {
    answers['/healthz'] = answer;
    expect((await check({ readiness: '/healthz', liveness: '/healthz' })).status).toBe(status);
  });

  test('asks readiness until it was right once, liveness from then on', async () => {
    const paths = { readiness: '/readyz', liveness: '/healthz' };
    answers['/readyz'] = 503;
    expect(await check(paths)).toEqual({ status: 1, reason: '/readyz answered 503' });
    answers['/readyz'] = 200;
    expect(await check(paths)).toEqual({ status: 0, reason: '/readyz is right' });
    answers['/readyz'] = 503;
    expect(await check(paths)).toEqual({ status: 0, reason: '/healthz is right' });
    expect(asked.map(({ url }) => url)).toEqual(['/readyz', '/readyz', '/healthz']);
  });

  test('waits for all Gunicorn workers, but only until the first success', async () => {
    const ready = join(state, 'asgi-synth-ready');
    expect(await check({ processes: 2 })).toEqual({ status: 1, reason: '0 of 2 workers are ready' });
    mkdirSync(ready);
    writeFileSync(join(ready, String(process.pid)), '');
    writeFileSync(join(ready, '4194305'), ''); // of a process that is gone
    expect(await check({ processes: 2 })).toEqual({ status: 1, reason: '1 of 2 workers are ready' });
    writeFileSync(join(ready, String(process.ppid)), '');
    expect((await check({ processes: 2 })).status).toBe(0);
    rmSync(ready, { recursive: true });
    expect((await check({ processes: 2 })).status).toBe(0);
  });

  test('looks by default where Gunicorn is told to leave the marks', () => {
    expect(healthCommand({ script: SCRIPT, port: 1 })).not.toContain('--state');
    expect(READY_DIRECTORY).toBe('/tmp/asgi-synth-ready');
  });

  test('sends the Host header that it is given', async () => {
    await check();
    await check({ host: 'shop.example.com' });
    expect(asked.map(({ headers }) => headers.host)).toEqual(['127.0.0.1', 'shop.example.com']);
  });

  test('forgets what it knew when PID 1 is another one', async () => {
    writeFileSync(join(state, `asgi-synth-health-${port(server)}`), '1 0');
    await check({ readiness: '/readyz', liveness: '/healthz' });
    expect(asked[0]?.url).toBe('/readyz');
  });

  test('says that nobody listens', async () => {
    expect(await check({ port: 9 })).toEqual({ status: 1, reason: '/ got no answer: [Errno 111] Connection refused' });
  });

  test.each([
    ['nothing', '', 'timed out'],
    ['half a line', 'HTTP/1.1 20', 'timed out'],
    ['something else', 'SSH-2.0-OpenSSH\r\n', 'not HTTP'],
  ])('is not held up by a server that sends %s', async (_, text, reason) => {
    const silent = createTcpServer((connection) => void connection.on('error', () => {}).write(text));
    await listen(silent);
    const began = Date.now();
    expect(await check({ port: port(silent), timeoutSeconds: 0.5 })).toEqual({
      status: 1,
      reason: `/ got no answer: ${reason}`,
    });
    expect(Date.now() - began).toBeLessThan(3000);
    silent.close();
  });

  test('is not held up by a server that trickles', async () => {
    const trickling = createTcpServer((connection) => {
      const timer = setInterval(() => connection.write('x'), 20);
      connection.on('error', () => {}).on('close', () => clearInterval(timer));
    });
    await listen(trickling);
    expect((await check({ port: port(trickling), timeoutSeconds: 0.5 })).status).toBe(1);
    trickling.close();
  });

  test('goes on where it cannot remember', async () => {
    const { status, reason } = await check({}, join(state, 'missing'));
    expect(status).toBe(0);
    expect(reason).toMatch(/^\/ is right; .* cannot be written: No such file or directory$/);
  });

  test.runIf(spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0)(
    'ends PID 1 after that many failures in a row since the first success',
    async () => {
      const checks = [
        'before the first success fail fail fail pass'.split(/ (?=fail|pass)/),
        'two are not three fail fail pass fail fail'.split(/ (?=fail|pass)/),
        ['three are', 'fail'],
      ];
      expect(await inNamespace(checks.flat())).toBe(
        'before the first success\ntwo are not three\nthree are\nPID 1 got SIGTERM\n',
      );
    },
  );
});

/** PID 1 of a namespace of its own: runs checks against a server that is right or wrong as a word says. */
const INIT = `
import http.server, json, os, signal, subprocess, sys, threading
script, state, checks = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
status = 200
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(status)
        self.end_headers()
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
def ended(number, frame):
    print("PID 1 got SIGTERM", flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, ended)
port = str(server.server_address[1])
for word in checks:
    if word in ("fail", "pass"):
        status = 503 if word == "fail" else 200
        subprocess.run([sys.executable, "-I", "-S", script, "--port", port, "--state", state, "--restart-after", "3",
                        "--readiness", "/", "--liveness", "/"], stdout=subprocess.DEVNULL)
    else:
        print(word, flush=True)
print("PID 1 got nothing")
`;

async function inNamespace(checks: readonly string[]): Promise<string> {
  const words = ['--pid', '--fork', '--mount-proc', 'python3', '-c', INIT, SCRIPT, state, JSON.stringify(checks)];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  return output;
}

function command(values: Partial<HealthValues>, folder = state): string[] {
  return [...healthCommand({ script: SCRIPT, port: port(server), ...values }), '--state', folder];
}

async function check(values: Partial<HealthValues> = {}, folder = state): Promise<{ status: number; reason: string }> {
  const [program = '', ...words] = command(values, folder);
  return new Promise((resolve) => {
    const child = execFile(program, words, (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, reason: `${stdout}${stderr}`.trim() }),
    );
  });
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port;
}
