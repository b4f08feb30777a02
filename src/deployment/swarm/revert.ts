import type { Rollout } from '../deployer.js';
import { isAnswering, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { until } from '../wait.js';
import { idOf, type Service, type Snapshot } from './answers.js';
import type { Manager } from './manager.js';
import { arrived } from './progress.js';
import { isDeepStrictEqual } from 'node:util';
import { removeStack } from './remove-stack.js';
import { stackDeploy } from './stack-deploy.js';
import { tasksOf } from './tasks.js';

/** Seconds in which what served before must serve alone again. */
const PATIENCE = 180;

/**
 * Puts back what ran before, whatever Swarm itself is doing about it: a new specification ends an update that hangs and a rollback that
 * is under way, and tasks that are of it already stay. Says whether anything serves.
 *
 * @param before what ran then; undefined where the rollout ended before it had looked, and so before it had changed anything
 */
export async function revert(
  manager: Manager,
  rollout: Rollout,
  before: Snapshot | undefined,
  report: Report,
): Promise<boolean> {
  const { plan, previous } = rollout;
  if (previous) await stackDeploy(manager, previous);
  else if (!before) return serves(await manager.snapshot(plan.name), plan);
  else if (before.services.length > 0) await restore(manager, plan.name, before.services);
  else {
    const removed = await removeStack(manager, plan.name);
    if (removed.length > 0)
      report.step(`${plan.name}: nothing of it ran before, so that this was removed: ${removed.join(', ')}`);
    return false;
  }
  const alone = await untilAlone(manager, plan.name, report);
  const snapshot = alone ?? (await manager.snapshot(plan.name));
  report.step(
    alone
      ? `${plan.name}: ${previous ? `release ${previous.number}` : 'what ran before'} serves alone again`
      : `${plan.name}: after ${PATIENCE} s there is still something of the version that failed`,
  );
  return serves(snapshot, previous?.plan ?? plan);
}

function serves(snapshot: Snapshot, plan: Plan): boolean {
  const healthy = snapshot.services
    .filter((service) => arrived(service, tasksOf(service, snapshot), snapshot).healthy > 0)
    .map((service) => idOf(service, plan.name));
  return isAnswering(plan, healthy);
}

/** For a stack that somebody deployed by hand: back to the specifications that were found. */
async function restore(manager: Manager, stack: string, before: readonly Service[]): Promise<void> {
  for (const service of await manager.services(stack)) {
    const old = before.find(({ ID }) => ID === service.ID);
    if (!old) await manager.remove('service', service.ID);
    else if (!isDeepStrictEqual(old.Spec, service.Spec) && isDeepStrictEqual(old.Spec, service.PreviousSpec))
      await manager.attempt(['service', 'rollback', '--detach', '--quiet', service.ID]);
  }
}

async function untilAlone(manager: Manager, stack: string, report: Report): Promise<Snapshot | undefined> {
  const signal = AbortSignal.timeout(PATIENCE * 1000);
  try {
    return await until(
      async () => {
        const snapshot = await manager.snapshot(stack);
        const waiting = snapshot.services.filter((service) => !isAlone(service, snapshot));
        if (waiting.length > 0) report.progress(`${waiting.map((one) => idOf(one, stack)).join(', ')}: going back`);
        return waiting.length === 0 ? snapshot : undefined;
      },
      { signal, everyMilliseconds: 1000 },
    );
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** What Swarm watches on for has run before. */
function isAlone(service: Service, snapshot: Snapshot): boolean {
  const progress = arrived(service, tasksOf(service, snapshot), snapshot);
  return progress.is === 'done' || progress.because === 'Swarm watches the new tasks';
}
