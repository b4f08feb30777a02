import type { Service, ServiceSpec, Snapshot, Task } from './answers.js';
import { hasEnded, hasFailed, isOf, isReachable, placeOf, tasksOf, wantedTasks } from './tasks.js';

/** What a Swarm waits for without an end, and we do not: seconds. */
export const PENDING_LIMIT = 15;

/** Seconds over `startup` in which a process that will never be healthy has shown it: three checks of at most five seconds each, and some. */
const CHECKS = 20;

/** What is known beside the moment. */
export interface Expectation {
  /** Tasks that were there before the rollout began. */
  readonly known: ReadonlySet<string>;
  /** Seconds that the tasks of a service may take to start, by its name. */
  startup(name: string): number;
  /** Seconds for which a task has been in its state, as this process has seen it. */
  seconds(task: Task): number;
}

export type Waiting = 'tasks start' | 'old tasks stop' | 'Swarm watches the new tasks';

/** How far one service is. */
export type Progress =
  | { readonly is: 'done'; readonly healthy: number; readonly wanted: number }
  | { readonly is: 'under way'; readonly healthy: number; readonly wanted: number; readonly because: Waiting }
  | {
      readonly is: 'failed';
      readonly task: Task | undefined;
      readonly because: 'task' | 'pending' | 'slow' | 'update';
    };

/**
 * How far a service is on its way to what it should be.
 *
 * A task runs only once it is healthy. An update is over when Swarm says so: until its monitoring ends it may still roll back. The
 * first deployment and a change of the number of tasks are no update: they are over when all tasks run, and have failed when one
 * place has failed twice, since Swarm would try for ever.
 */
export function progressOf(service: Service, snapshot: Snapshot, expected: Expectation): Progress {
  const tasks = tasksOf(service, snapshot);
  const wantedSpec = specWanted(service);
  const ours = tasks.filter((task) => !expected.known.has(task.ID) && isOf(task, wantedSpec));
  return (
    hasGivenUp(service, ours, tasks, expected) ??
    keepsFailing(ours) ??
    cannotBePlaced(ours, expected) ??
    isSlow(service, ours, expected) ??
    arrived(service, tasks, snapshot)
  );
}

/** Once Swarm rolls back, the specification that was asked for is the previous one. */
function specWanted({ Spec, PreviousSpec, UpdateStatus }: Service): ServiceSpec {
  return (UpdateStatus?.State?.startsWith('rollback') && PreviousSpec) || Spec;
}

function hasGivenUp(
  { UpdateStatus }: Service,
  ours: readonly Task[],
  tasks: readonly Task[],
  { known }: Expectation,
): Progress | undefined {
  const state = UpdateStatus?.State;
  if (state !== 'paused' && !state?.startsWith('rollback')) return undefined;
  const culprits = [ours, tasks.filter(({ ID }) => !known.has(ID))].map((some) => some.filter(hasFailed));
  return { is: 'failed', task: first(culprits.find((some) => some.length > 0) ?? []), because: 'update' };
}

function keepsFailing(ours: readonly Task[]): Progress | undefined {
  const ended = ours.filter((task) => hasFailed(task) || task.Status.State === 'complete');
  const task = ended.find((one) => isUnhealthy(one) || ended.filter((two) => placeOf(one) === placeOf(two)).length > 1);
  return task && { is: 'failed', task, because: 'task' };
}

/** The whole time to start has passed: a second try would be the same. */
function isUnhealthy({ Status }: Task): boolean {
  return Status.State === 'failed' && /unhealthy/.test(Status.Err ?? '');
}

function cannotBePlaced(ours: readonly Task[], { seconds }: Expectation): Progress | undefined {
  const task = ours.find(
    (one) => one.Status.State === 'pending' && Boolean(one.Status.Err) && seconds(one) >= PENDING_LIMIT,
  );
  return task && { is: 'failed', task, because: 'pending' };
}

function isSlow(service: Service, ours: readonly Task[], { seconds, startup }: Expectation): Progress | undefined {
  const limit = startup(service.Spec.Name) + CHECKS;
  const task = ours.find((one) => one.Status.State === 'starting' && !isGoing(one) && seconds(one) >= limit);
  return task && { is: 'failed', task, because: 'slow' };
}

function isGoing({ DesiredState }: Task): boolean {
  return DesiredState === 'shutdown' || DesiredState === 'remove';
}

/** Whether what a service should be runs, and nothing else of it. */
export function arrived(
  service: Service,
  tasks: readonly Task[],
  { nodes }: Snapshot,
): Exclude<Progress, { is: 'failed' }> {
  const reachable = tasks.filter((task) => isReachable(task, nodes));
  const wanted = wantedTasks(service, reachable);
  const current = reachable.filter(
    (task) => task.DesiredState === 'running' && isOf(task, service.Spec) && !hasEnded(task),
  );
  const healthy = current.filter(({ Status }) => Status.State === 'running').length;
  const others = reachable.filter((task) => !current.includes(task) && !hasEnded(task));
  const waiting = (because: Waiting) => ({ is: 'under way', healthy, wanted, because }) as const;
  // The tasks of a global service are made a moment after it.
  if (healthy < wanted || (service.Spec.Mode.Global && wanted === 0)) return waiting('tasks start');
  if (others.length > 0 || current.length > wanted) return waiting('old tasks stop');
  if (service.UpdateStatus?.State === 'updating') return waiting('Swarm watches the new tasks');
  return { is: 'done', healthy, wanted };
}

function first(tasks: readonly Task[]): Task | undefined {
  return tasks.toSorted((one, other) => (one.CreatedAt < other.CreatedAt ? -1 : 1))[0];
}
