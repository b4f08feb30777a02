import { describe, expect, test } from 'vitest';
import { failureOf, portFailure, tellingLines, verdictOf } from '../../../../src/deployment/bare-metal/judge.js';
import { container } from './support.js';

const verdict = (given: Parameters<typeof container>[0], waited = 1) => verdictOf(container(given), 10, waited);

describe('a new container', () => {
  test('is healthy when its check says so, and is waited for while it starts', () => {
    expect(verdict({})).toEqual({ is: 'healthy' });
    expect(verdict({ health: 'starting' })).toEqual({ is: 'waiting' });
    expect(verdict({ state: { Status: 'created' } })).toEqual({ is: 'waiting' });
  });

  test('has crashed when it ended or was started again', () => {
    expect(verdict({ state: { Status: 'exited', ExitCode: 3 } })).toMatchObject({
      why: 'crashed-at-start',
      detail: 'exit code 3',
    });
    expect(verdict({ restarts: 1, health: 'starting' })).toMatchObject({ why: 'crashed-at-start', detail: '' });
  });

  test('says why the engine could not start it', () => {
    expect(verdict({ state: { Status: 'exited', ExitCode: 127, Error: 'exec: "nothing": not found' } })).toMatchObject({
      detail: 'exec: "nothing": not found',
    });
  });

  test('was killed for its memory', () => {
    expect(verdict({ restarts: 1, state: { OOMKilled: true } })).toMatchObject({ why: 'out-of-memory' });
  });

  test('is unhealthy with what the last check found, or when it takes too long', () => {
    expect(verdict({ health: 'unhealthy', check: '0 of 2 workers are ready\n' })).toMatchObject({
      why: 'unhealthy',
      detail: '0 of 2 workers are ready',
    });
    expect(verdict({ health: 'starting' }, 41)).toMatchObject({ why: 'unhealthy', detail: 'not healthy after 10 s' });
  });
});

const LOGS = [
  '[2026-11-25 02:41:10 +0000] [7] [INFO] Starting gunicorn 27.0.1',
  'RuntimeError: the first time',
  '[2026-11-25 02:41:11 +0000] [7] [INFO] Shutting down: Master',
  '[2026-11-25 02:41:17 +0000] [8] [INFO] Starting gunicorn 27.0.1',
  'Traceback (most recent call last):',
  '  File "/app/main.py", line 3, in <module>',
  'shop.errors.ConfigurationError: DB_HOST is not set',
  '[2026-11-25 02:41:19 +0000] [8] [INFO] Worker (pid:10) exited with code 3.',
  '[2026-11-25 02:41:19 +0000] [8] [ERROR] Reason: Worker failed to boot.',
  '',
];

describe('a failure', () => {
  test('names the exception, and carries what was said in the last start', () => {
    const failure = failureOf('api', { is: 'failed', why: 'crashed-at-start', detail: 'exit code 3' }, LOGS);
    expect(failure.message).toBe('crashed at start: exit code 3, shop.errors.ConfigurationError: DB_HOST is not set');
    expect(failure.logs).toEqual(LOGS.slice(3, 7));
    expect(failure.app).toBe('api');
  });

  test('is one of memory when Gunicorn finds a worker killed', () => {
    const logs = ['[ERROR] Worker (pid:9) was sent SIGKILL! Perhaps out of memory?'];
    expect(failureOf('api', { is: 'failed', why: 'unhealthy', detail: '' }, logs)).toMatchObject({
      why: 'out-of-memory',
    });
  });

  test('tells no more than the last lines', () => {
    expect(
      tellingLines(
        Array.from({ length: 40 }, (_, line) => `line ${line}`),
        2,
      ),
    ).toEqual(['line 38', 'line 39']);
  });

  test.each([
    'Error response from daemon: driver failed programming external connectivity on endpoint shop-nginx-1: Bind for 0.0.0.0:80 failed: port is already allocated',
    'failed to bind host port for 0.0.0.0:80:172.18.0.2:8080/tcp: address already in use',
  ])('of a port names it: %s', (said) => {
    expect(portFailure(said)).toMatchObject({ why: 'port-in-use', message: 'port in use: port 80 of the host' });
  });

  test('of something else is none of a port', () => {
    expect(portFailure('no such service: api')).toBeUndefined();
  });
});
