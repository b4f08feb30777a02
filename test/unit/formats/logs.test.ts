import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { gunicorn, observedPython, uvicorn, type Observed } from '../support/observed.js';
import type { Server } from '../support/server.js';

const LONG = { timeout: 20_000, interval: 50 };

let python: string;

beforeAll(() => {
  python = observedPython() ?? '';
}, 300_000);

beforeEach((context) => {
  if (python === '') context.skip('Python or PyPI is out of reach');
});

type Line = Readonly<Record<string, unknown>>;

/** Everything that a server has said. Fails where a line is no JSON. */
function lines({ log }: Server): Line[] {
  return log
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** The lines that a request has left, once there are so many. */
function linesOf(server: Server, id: string, count: number): Promise<Line[]> {
  return vi.waitFor(() => {
    const own = lines(server).filter(({ request_id }) => request_id === id);
    expect(own, server.log).toHaveLength(count);
    return own;
  }, LONG);
}

const order = (server: Server, id: string) =>
  server.ask('/orders?item=pen%22', { method: 'POST', headers: { 'x-request-id': id } });

const ACCESS_OF_ORDER = {
  level: 'INFO',
  logger: 'uvicorn.access',
  method: 'POST',
  uri: '/orders?item=pen%22',
  status: 200,
  client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
};

const SERVERS: readonly (readonly [string, (options: Observed) => Promise<Server>])[] = [
  ['Uvicorn', uvicorn],
  ['Gunicorn', (options) => gunicorn(2, options)],
];

describe.each(SERVERS)('the logs of %s', (_, start) => {
  test('are JSON from the first line to the last, and tell whose request each one is of', async () => {
    await using server = await start({ python, access: true });
    expect(await (await order(server, 'one')).json()).toMatchObject({ request_id: 'one' });
    const [own, access] = await linesOf(server, 'one', 2);
    expect(own).toMatchObject({ level: 'INFO', logger: 'observed', message: 'order taken', item: 'pen"' });
    expect(own?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    expect(access).toMatchObject(ACCESS_OF_ORDER);
    const others = lines(server).filter(({ request_id }) => request_id === undefined);
    expect(others.map(({ message }) => message)).toContain('Application startup complete.');
    expect(others.filter(({ uri }) => uri === '/healthz').length, 'requests without an id').toBeGreaterThan(0);
    expect(server.log).not.toContain('color_message');
  });

  test('leave out what is less than the level, but no request', async () => {
    await using server = await start({ python, access: true, level: 'warning' });
    await order(server, 'three');
    expect((await linesOf(server, 'three', 1))[0]).toMatchObject(ACCESS_OF_ORDER);
    expect(lines(server).map(({ logger }) => logger)).not.toContain('uvicorn.error');
    expect(server.log).not.toContain('Listening at');
  });

  test('hold the exception of a request, and no line for a request unless it is asked for', async () => {
    await using server = await start({ python });
    expect((await server.ask('/fail', { headers: { 'x-request-id': 'two' } })).status).toBe(500);
    const [failed] = await linesOf(server, 'two', 1);
    expect(failed).toMatchObject({ level: 'ERROR', logger: 'uvicorn.error', message: 'Exception in ASGI application' });
    expect(failed?.['exception']).toMatch(/^Traceback[^]*RuntimeError: asked to fail$/);
    expect(lines(server).map(({ logger }) => logger)).not.toContain('uvicorn.access');
  });
});

test('Gunicorn goes on so after SIGHUP', async () => {
  await using server = await gunicorn(1, { python, access: true });
  const [first] = server.workers();
  server.signal('SIGHUP');
  await vi.waitFor(() => {
    expect(server.workers()).toHaveLength(1);
    expect(server.workers()).not.toContain(first);
  }, LONG);
  await vi.waitFor(async () => expect((await order(server, 'five')).status).toBe(200), LONG);
  await linesOf(server, 'five', 2);
});

describe('a record', () => {
  /** What the module writes for a record that is made in Python. */
  function written(record: string): Line {
    const script = join(import.meta.dirname, '../../../src/formats/python/logs.py');
    const program = `
import logging, runpy, sys
runpy.run_path(${JSON.stringify(script)})
import asgi_synth_logs
record = logging.makeLogRecord(${record})
sys.stdout.write(asgi_synth_logs.JsonFormatter().format(record))
`;
    const { stdout, stderr } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\n');
    return JSON.parse(stdout) as Line;
  }

  test.each([
    ['line breaks and quotes', `{"msg": 'one\\n"two"\\u2028'}`, { message: 'one\n"two"' }],
    ['half a surrogate pair', `{"msg": "\\ud800x"}`, { message: '\ud800x' }],
    ['arguments', `{"msg": "%s of %d", "args": ("a", 2)}`, { message: 'a of 2' }],
    ['what JSON has no number for', `{"msg": "", "ratio": float("nan"), "item": 1}`, { ratio: 'nan', item: '1' }],
    ['keys that are no text', `{"msg": "", "sizes": {(1, 2): 3}}`, { sizes: '{(1, 2): 3}' }],
    ['what it cannot know', `{"msg": "", "kind": int}`, { kind: "<class 'int'>" }],
    ['a name that it uses itself', `{"msg": "right", "levelname": "INFO", "level": "wrong"}`, { level: 'INFO' }],
  ])('with %s is one object on one line', (_, record, expected) => {
    expect(written(record)).toMatchObject(expected);
  });

  test('that holds itself does not end in a circle', () => {
    expect(written('(lambda own: own.append(own) or {"msg": "x", "own": own})([])')).toMatchObject({ own: '[[...]]' });
  });

  test('has the trace when it tells of an exception', () => {
    const record = '{"msg": "x", "exc_info": (ValueError, ValueError("no"), None)}';
    expect(written(record)).toMatchObject({ message: 'x', exception: 'ValueError: no' });
  });
});
