import { isDeepStrictEqual } from 'node:util';
import type { Service, ServiceSpec, Snapshot, SwarmNode, Task, TaskSpec, TaskState } from './answers.js';

const ENDED: ReadonlySet<TaskState> = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

export function hasEnded({ Status }: Task): boolean {
  return ENDED.has(Status.State);
}

export function hasFailed({ Status }: Task): boolean {
  return Status.State === 'failed' || Status.State === 'rejected';
}

/**
 * Whether a task is of a specification. Swarm leaves a task alone where only the placement has changed and its node still fits, so
 * that is not compared. Of a service the engine tells its defaults as well, of a task only what was asked for.
 */
export function isOf({ Spec }: Task, { TaskTemplate }: ServiceSpec): boolean {
  const task = told(Spec);
  const template = told(TaskTemplate);
  const { RestartPolicy = template.RestartPolicy } = task;
  return isDeepStrictEqual({ ...task, RestartPolicy }, template);
}

function told({ Placement: _placement, Runtime: _runtime, ...rest }: TaskSpec): TaskSpec {
  return (withoutEmpty(rest) ?? {}) as TaskSpec;
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value || undefined;
  const full = Object.entries(value).flatMap(([key, inner]) => {
    const kept = key === 'Isolation' ? undefined : withoutEmpty(inner);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return full.length === 0 ? undefined : Object.fromEntries(full);
}

/** Whose place a task has: tasks of one place replace each other. */
export function placeOf({ ServiceID, Slot, NodeID }: Task): string {
  return `${ServiceID}.${Slot ?? NodeID ?? ''}`;
}

/** What a node that is down said last is not true any more, and its tasks were given to others. */
export function isReachable({ NodeID }: Task, nodes: readonly SwarmNode[]): boolean {
  return !nodes.some(({ ID, Status }) => ID === NodeID && Status.State === 'down');
}

export function tasksOf(service: Service, { tasks }: Snapshot): Task[] {
  return tasks.filter(({ ServiceID }) => ServiceID === service.ID);
}

/** How many tasks a service should have; of a global one, as many as it was given. */
export function wantedTasks({ Spec: { Mode } }: Service, tasks: readonly Task[]): number {
  if (Mode.Global) return tasks.filter((task) => task.DesiredState === 'running' && !hasEnded(task)).length;
  return Mode.Replicated?.Replicas ?? 0;
}
