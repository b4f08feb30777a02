import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { gunicorn, metricsDirectory, observedPython, uvicorn } from '../support/observed.js';
import { pythonWith } from '../support/python.js';
import type { Server } from '../support/server.js';

const LONG = { timeout: 20_000, interval: 50 };

let python: string;

beforeAll(() => {
  python = observedPython() ?? '';
}, 300_000);

beforeEach((context) => {
  if (python === '') context.skip('Python or PyPI is out of reach');
});

/** Gives orders until so many processes have taken one; pids of these, one an order. */
async function takenBy(server: Server, processes: number): Promise<number[]> {
  const pids: number[] = [];
  await vi.waitFor(async () => {
    pids.push(((await (await server.ask('/orders?item=pen', { method: 'POST' })).json()) as { pid: number }).pid);
    expect(new Set(pids).size).toBe(processes);
  }, LONG);
  return pids;
}

/** The value of a metric, asked for so often that each worker is among those who answer. */
async function told(server: Server, name: string): Promise<number[]> {
  const texts = await Promise.all(Array.from({ length: 12 }, async () => (await server.ask('/metrics')).text()));
  return [...new Set(texts.map((text) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])))];
}

describe('the metrics of Gunicorn', () => {
  test('are the sum of all workers, whichever is asked', async () => {
    await using server = await gunicorn(3, { python });
    const taken = await takenBy(server, 3);
    expect(await told(server, 'orders_total')).toEqual([taken.length]);
    expect(await told(server, 'processes')).toEqual([3]);
  });

  test('keep what a killed worker has counted, and forget that it was there', async () => {
    await using server = await gunicorn(2, { python });
    const taken = await takenBy(server, 2);
    process.kill(taken[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => {
      expect(server.workers()).not.toContain(taken[0]);
      expect(server.workers()).toHaveLength(2);
    }, LONG);
    const after = await vi.waitFor(async () => {
      const pids = await takenBy(server, 2);
      expect(await told(server, 'processes')).toEqual([2]);
      return pids;
    }, LONG);
    expect(await told(server, 'orders_total')).toEqual([taken.length + after.length]);
    expect(readdirSync(metricsDirectory(server.place))).toContain(`counter_${taken[0]}.db`);
    expect(readdirSync(metricsDirectory(server.place))).not.toContain(`gauge_livesum_${taken[0]}.db`);
  });

  test('begin anew when Gunicorn does', async () => {
    await using server = await gunicorn(2, { python });
    await takenBy(server, 2);
    await server.restart();
    await vi.waitFor(async () => expect(await told(server, 'processes')).toEqual([2]), LONG);
    expect(await told(server, 'orders_total')).toEqual([0]);
  });

  test('ask for nothing that an image does not have', async ({ onTestFinished }) => {
    const requirements = join(import.meta.dirname, '../../../images/starlette/requirements.txt');
    const bare = pythonWith('gunicorn', readFileSync(requirements), ['--require-hashes', '-r', requirements]);
    const cwd = mkdtempSync(join(tmpdir(), 'bare-'));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    writeFileSync(join(cwd, 'main.py'), BARE);
    await using server = await gunicorn(1, { python: bare ?? '', cwd });
    const [first = 0] = server.workers();
    process.kill(first, 'SIGKILL');
    await vi.waitFor(async () => expect(await (await server.ask('/')).text()).not.toBe(String(first)), LONG);
    expect(server.log).not.toContain('Traceback');
  });
});

const BARE = `
import os
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def pid(request):
    return PlainTextResponse(str(os.getpid()))

app = Starlette(routes=[Route("/", pid), Route("/healthz", pid)])
`;

test('a Uvicorn that is alone tells its own metrics, those of the process included', async () => {
  await using server = await uvicorn({ python });
  const taken = await takenBy(server, 1);
  expect(await told(server, 'orders_total')).toEqual([taken.length]);
  expect(await (await server.ask('/metrics')).text()).toContain('process_resident_memory_bytes');
});
