import { describe, expect, test } from 'vitest';
import type { Service, Task } from '../../../../src/deployment/swarm/answers.js';
import { progressOf } from '../../../../src/deployment/swarm/progress.js';
import { expectation } from '../../../../src/deployment/swarm/watch.js';
import { plan, service, snapshot, task, type TaskChange } from './support.js';

interface Moment {
  readonly service?: Service;
  readonly known?: readonly Task[];
  /** Seconds for which it has been like this. */
  readonly after?: number;
}

function progress(tasks: readonly Task[], { service: of = service(), known = [], after = 0 }: Moment = {}) {
  let now = 0;
  const expected = expectation(plan(), known, () => now);
  expected.see(tasks);
  now = after;
  return progressOf(of, snapshot([of], tasks), expected);
}

const old = (change: TaskChange = {}) => task({ image: 'api:1', ...change });
const updating = service({ UpdateStatus: { State: 'updating' } });

describe('a service is done', () => {
  test('when every place has a running task of its specification, and no other is left', () => {
    expect(progress([task(), task({ slot: 2 })])).toEqual({ is: 'done', healthy: 2, wanted: 2 });
  });

  test('with defaults that the engine tells of a service and not of a task', () => {
    const of = service();
    const { TaskTemplate } = of.Spec;
    const full = { ...of, Spec: { ...of.Spec, TaskTemplate: { ...TaskTemplate, Resources: {}, Placement: {} } } };
    expect(progress([task(), task({ slot: 2 })], { service: full }).is).toBe('done');
  });

  test('where what Swarm said of the last update is that it was completed', () => {
    const of = service({ UpdateStatus: { State: 'completed' } });
    expect(progress([task(), task({ slot: 2 })], { service: of }).is).toBe('done');
  });

  test('whatever a node that is down said last', () => {
    expect(progress([task(), task({ slot: 2 }), old({ node: 'n2', desired: 'shutdown' })]).is).toBe('done');
    expect(progress([task(), task({ slot: 2, node: 'n2' })])).toMatchObject({ is: 'under way', healthy: 1 });
  });

  test('with the tasks that it was given, where it is global; none is too few', () => {
    const of = service({ global: true });
    expect(progress([task({ slot: 1 }), task({ slot: 2 }), task({ slot: 3 })], { service: of })).toMatchObject({
      is: 'done',
      wanted: 3,
    });
    expect(progress([], { service: of }).is).toBe('under way');
  });

  test('with no tasks at all where none are wanted', () => {
    expect(progress([], { service: service({ replicas: 0 }) }).is).toBe('done');
  });
});

describe('a service is under way', () => {
  const because = (tasks: readonly Task[], moment?: Moment) => {
    const found = progress(tasks, moment);
    return found.is === 'under way' ? found.because : found.is;
  };

  test('while a task of it is not healthy, which is all that running means', () => {
    expect(because([task(), task({ slot: 2, state: 'starting' })])).toBe('tasks start');
    expect(because([task(), task({ slot: 2, state: 'preparing' })])).toBe('tasks start');
  });

  test('while the old version runs, right after the command has returned', () => {
    expect(because([old(), old({ slot: 2 })])).toBe('tasks start');
  });

  test('while a task of the old version drains', () => {
    expect(because([task(), task({ slot: 2 }), old({ desired: 'shutdown' })])).toBe('old tasks stop');
  });

  test('while there are more tasks than wanted', () => {
    expect(because([task(), task({ slot: 2 }), task({ slot: 3 })])).toBe('old tasks stop');
  });

  test('until Swarm will not roll back any more', () => {
    expect(because([task(), task({ slot: 2 })], { service: updating })).toBe('Swarm watches the new tasks');
  });

  test('after one failure of the first deployment: what it needs may start beside it', () => {
    expect(because([task({ state: 'failed', exitCode: 1 }), task({ state: 'starting' }), task({ slot: 2 })])).toBe(
      'tasks start',
    );
  });

  test('while Swarm has found no place yet for a moment', () => {
    expect(because([task({ state: 'pending', error: 'no suitable node' }), task({ slot: 2 })], { after: 14 })).toBe(
      'tasks start',
    );
  });
});

describe('a service has failed', () => {
  test('when Swarm rolls back: by the first task of the version that was asked for', () => {
    const of = service({
      image: 'api:1',
      PreviousSpec: service().Spec,
      UpdateStatus: { State: 'rollback_started' },
    });
    const culprit = task({ state: 'failed', exitCode: 3 });
    expect(progress([old(), culprit, old({ slot: 2 }), task({ state: 'failed' })], { service: of })).toEqual({
      is: 'failed',
      task: culprit,
      because: 'update',
    });
  });

  test('when Swarm has paused it', () => {
    const of = service({ UpdateStatus: { State: 'paused' } });
    expect(progress([task({ state: 'rejected' })], { service: of }).is).toBe('failed');
  });

  test('when one place has failed twice, since Swarm would try for ever', () => {
    const tasks = [task({ state: 'failed', exitCode: 1 }), task({ state: 'rejected' }), task({ slot: 2 })];
    expect(progress(tasks)).toMatchObject({ is: 'failed', because: 'task' });
  });

  test('when a server ends twice without an error', () => {
    expect(progress([task({ state: 'complete' }), task({ state: 'complete' })]).is).toBe('failed');
  });

  test('when a task had all its time and was unhealthy', () => {
    expect(progress([task({ state: 'failed', error: 'task: non-zero exit (137): unhealthy container' })]).is).toBe(
      'failed',
    );
  });

  test('when a task waits for a place: Swarm itself would wait for ever', () => {
    const tasks = [old(), task({ state: 'pending', desired: 'ready', error: 'no suitable node' })];
    expect(progress(tasks, { service: updating, after: 15 })).toMatchObject({ is: 'failed', because: 'pending' });
  });

  test('when a task starts for longer than it may', () => {
    const tasks = [task({ state: 'starting' })];
    expect(progress(tasks, { after: 29 }).is).toBe('under way');
    expect(progress(tasks, { after: 30 })).toMatchObject({ is: 'failed', because: 'slow' });
  });

  test('by nothing that had failed before', () => {
    const known = [task({ state: 'failed' }), task({ state: 'failed' })];
    expect(progress([...known, task(), task({ slot: 2 })], { known }).is).toBe('done');
  });
});
