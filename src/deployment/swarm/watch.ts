import { startupOf, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { until } from '../wait.js';
import { idOf, type Service, type Snapshot, type Task } from './answers.js';
import { containerOf, failsItsChecks, failureOf } from './evidence.js';
import type { Manager } from './manager.js';
import { progressOf, type Expectation, type Progress } from './progress.js';

/** Seconds that nginx and what a patch added may take to start. */
const STARTUP = 10;

/** What is waited for. */
export interface Watching {
  /** Tasks that were there before. */
  readonly known: readonly Task[];
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Whether a service is waited for, by its id in the stack file. @default - all are */
  readonly concerns?: (id: string) => boolean;
  /** Whether a service is far enough. @default - it is what it should be */
  readonly isEnough?: (progress: Exclude<Progress, { is: 'failed' }>) => boolean;
}

/** Waits until every service is what it should be. Throws a `RolloutFailure` as soon as it is certain that one will not be. */
export async function watch(manager: Manager, plan: Plan, watching: Watching): Promise<Snapshot> {
  const { known, signal, report, concerns = () => true, isEnough = ({ is }) => is === 'done' } = watching;
  const expected = expectation(plan, known);
  const told = new Teller(plan.name, report);
  return until(
    async () => {
      const snapshot = await manager.snapshot(plan.name);
      expected.see(snapshot.tasks);
      const found = snapshot.services
        .filter((service) => concerns(idOf(service, plan.name)))
        .map((service) => ({ service, progress: progressOf(service, snapshot, expected) }));
      const enough: boolean[] = [];
      for (const { service, progress } of found) {
        if (progress.is === 'failed')
          throw await failureOf(manager, plan.name, service, progress, expected.startup(service.Spec.Name));
        told.tell(service, progress);
        enough.push(isEnough(progress));
      }
      await refuseUnhealthy(manager, plan, snapshot, expected);
      return enough.length > 0 && enough.every(Boolean) ? snapshot : undefined;
    },
    { signal, everyMilliseconds: 1000 },
  );
}

/** Swarm says that a task is unhealthy once its container has stopped, up to a minute later: on this node we can see it before. */
async function refuseUnhealthy(manager: Manager, plan: Plan, snapshot: Snapshot, expected: Expectation): Promise<void> {
  for (const task of snapshot.tasks) {
    if (task.Status.State !== 'starting' || expected.known.has(task.ID)) continue;
    const service = snapshot.services.find(({ ID }) => ID === task.ServiceID);
    const container = await containerOf(manager, task);
    if (!service || !failsItsChecks(container)) continue;
    const startup = expected.startup(service.Spec.Name);
    throw await failureOf(manager, plan.name, service, { is: 'failed', task, because: 'slow' }, startup);
  }
}

/** Counts for how long tasks are in their state by the clock of this process, which runs on whatever the time of day does. */
export function expectation(
  plan: Plan,
  known: readonly Task[],
  now: () => number = () => performance.now() / 1000,
): Expectation & { see(tasks: readonly Task[]): void } {
  const since = new Map<string, number>();
  const key = ({ ID, Status }: Task) => `${ID} ${Status.State}`;
  return {
    known: new Set(known.map(({ ID }) => ID)),
    startup: (name) => startupOf(plan, idOf({ Spec: { Name: name } }, plan.name)) ?? STARTUP,
    seconds: (task) => now() - (since.get(key(task)) ?? now()),
    see: (tasks) => tasks.forEach((task) => since.has(key(task)) || since.set(key(task), now())),
  };
}

/** Says what has changed, and nothing twice. */
class Teller {
  private readonly told = new Map<string, string>();
  private readonly stack: string;
  private readonly report: Report;

  constructor(stack: string, report: Report) {
    this.stack = stack;
    this.report = report;
  }

  tell(service: Service, progress: Exclude<Progress, { is: 'failed' }>): void {
    const id = idOf(service, this.stack);
    const unit = service.Spec.Mode.Global ? 'containers' : 'processes';
    const line = `${id}: ${Math.min(progress.healthy, progress.wanted)} of ${progress.wanted} ${unit} healthy`;
    if (this.told.get(id) !== line) this.report.step(line);
    else if (progress.is === 'under way') this.report.progress(`${id}: ${progress.because}`);
    this.told.set(id, line);
  }
}
