import type { JobPlan, Plan, WorkerPlan } from './plan.js';

/** However small a stack is, an engine may have to pull its images first. */
const SHORTEST = 300;

/** Seconds for checks, secrets, images and whatever else is not the turn of processes. */
const REST = 120;

/** Seconds to stop for what does not say how long it takes: as long as an edge or a task of a Swarm may. */
const LONGEST_STOP = 60;

/**
 * Seconds that a deployment may take before it counts as failed, where `--timeout` does not say: two minutes, and for each app its
 * processes' turns. A turn is twice as long as a process may take to start, since an engine watches it that long afterwards, and as one
 * of the old ones may take to stop. On bare metal all of an app's processes take one turn, in a cluster a quarter of them. Workers take
 * their turns as apps do, and a job all of its time. At least 300.
 */
export function defaultTimeout({
  target,
  apps,
  statics = [],
  workers = [],
  jobs = [],
}: Pick<Plan, 'target' | 'apps' | 'statics' | 'workers' | 'jobs'>): number {
  const turns = ({ processes }: Pick<WorkerPlan, 'processes'>) =>
    target === 'bare-metal' ? 1 : Math.ceil(processes / Math.max(1, Math.floor(processes / 4)));
  const seconds = [
    ...[...apps, ...statics, ...workers].map((one) => turns(one) * (2 * one.startup + (one.stopGrace ?? LONGEST_STOP))),
    ...jobs.map((job: JobPlan) => job.timeout + job.stopGrace),
  ];
  return Math.max(SHORTEST, REST + seconds.reduce((sum, one) => sum + one, 0));
}
