import type { AppPlan, Plan } from './plan.js';

/** However small a stack is, an engine may have to pull its images first. */
const SHORTEST = 300;

/** Seconds for checks, secrets, images and whatever else is not the turn of processes. */
const REST = 120;

/**
 * Seconds that a deployment may take before it counts as failed, where `--timeout` does not say: two minutes, and for each app its
 * processes' turns. A turn is twice as long as a process may take to start, since an engine watches it that long afterwards, and as one
 * of the old ones may take to stop. On bare metal all of an app's processes take one turn, in a cluster a quarter of them. At least 300.
 */
export function defaultTimeout({ target, apps }: Pick<Plan, 'target' | 'apps'>): number {
  const turns = ({ processes }: AppPlan) =>
    target === 'bare-metal' ? 1 : Math.ceil(processes / Math.max(1, Math.floor(processes / 4)));
  const seconds = apps.map((app) => turns(app) * (2 * app.startup + app.stopGrace));
  return Math.max(SHORTEST, REST + seconds.reduce((sum, one) => sum + one, 0));
}
