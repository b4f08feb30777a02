import { describe, expect, test } from 'vitest';
import { causeOf, type Evidence } from '../../../../src/deployment/swarm/causes.js';
import { failsItsChecks } from '../../../../src/deployment/swarm/evidence.js';
import { task, type TaskChange } from './support.js';

function cause(change: TaskChange, evidence: Partial<Evidence> = {}): string {
  const failure = causeOf({ app: 'api', because: 'task', task: task(change), startup: 10, logs: [], ...evidence });
  expect(failure.app).toBe('api');
  return `${failure.why} ${failure.message}`;
}

describe('the cause of a failed task', () => {
  test.each([
    ['No such image: registry.example.com/shop-api:3', 'image-not-pulled image cannot be pulled: api:2'],
    ['pull access denied for shop-api, repository does not exist', 'image-not-pulled image cannot be pulled: api:2'],
    [
      'driver failed programming external connectivity: listen tcp 0.0.0.0:80: bind: address already in use',
      'port-in-use port in use: driver failed programming external connectivity: listen tcp 0.0.0.0:80: bind: address already in use',
    ],
    [
      'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available',
      'not-schedulable cannot be scheduled: Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available',
    ],
  ])('%s', (error, expected) => {
    expect(cause({ state: 'rejected', error })).toBe(expected);
  });

  test('a place that cannot be found', () => {
    const error = 'no suitable node (insufficient resources on 3 nodes)';
    expect(cause({ state: 'pending', error }, { because: 'pending' })).toBe(
      `not-schedulable cannot be scheduled: ${error}`,
    );
  });

  test('a port of the node that another stack has', () => {
    const error = 'no suitable node (host-mode port already in use on 1 node)';
    expect(cause({ state: 'pending', error }, { because: 'pending' })).toBe(`port-in-use port in use: ${error}`);
  });

  test('an exception', () => {
    const logs = ['Traceback (most recent call last):', '  File "main.py", line 1', "KeyError: 'DB'"];
    expect(cause({ state: 'failed', exitCode: 1, error: 'task: non-zero exit (1)' }, { logs })).toBe(
      "crashed-at-start crashed at start: exit code 1: KeyError: 'DB'",
    );
  });

  test('an end without a word', () => {
    expect(cause({ state: 'failed', error: 'task: non-zero exit (78)' })).toBe(
      'crashed-at-start crashed at start: exit code 78',
    );
  });

  const oom = { State: { Status: 'exited', OOMKilled: true } };

  test('the memory limit, also where only the exit code is known', () => {
    const change = { state: 'failed', exitCode: 137, error: 'task: non-zero exit (137)' } as const;
    expect(cause(change)).toContain('out-of-memory');
    expect(cause(change, { container: oom })).toContain('out-of-memory');
    expect(cause(change, { container: { State: { ...oom.State, OOMKilled: false } } })).toContain('crashed-at-start');
  });

  test('checks that never succeeded, with what the last one said', () => {
    const Health = { Status: 'unhealthy', Log: [{ Output: '/readyz answered 503\n' }] };
    expect(
      cause(
        { state: 'starting' },
        { because: 'slow', container: { State: { Status: 'running', OOMKilled: false, Health } } },
      ),
    ).toBe('unhealthy unhealthy: no healthy answer within 10 s: /readyz answered 503');
    // It was killed for that, not by the memory limit.
    expect(cause({ state: 'failed', exitCode: 137, error: 'task: non-zero exit (137): unhealthy container' })).toBe(
      'unhealthy unhealthy: no healthy answer within 10 s',
    );
  });

  test('an end by itself, of which the engine says unhealthy as well', () => {
    const state = { OOMKilled: false, Health: { Status: 'unhealthy' } };
    expect(failsItsChecks({ State: { ...state, Status: 'exited' } })).toBe(false);
    expect(failsItsChecks({ State: { ...state, Status: 'running' } })).toBe(true);
    expect(failsItsChecks(undefined)).toBe(false);
  });

  test('an update that Swarm gave up without a task to blame', () => {
    const failure = causeOf({ app: 'api', because: 'update', task: undefined, startup: 10, logs: [], message: 'why' });
    expect(failure.message).toBe('unhealthy: why');
  });
});
