import { RolloutFailure } from '../cause.js';
import type { Docker } from '../docker.js';
import { startupOf, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { until } from '../wait.js';
import { inspectContainers, type Container } from './containers.js';
import { failureOf, isOutOfMemory, lastCheck, verdictOf } from './judge.js';

export interface Watch {
  readonly docker: Docker;
  readonly plan: Plan;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Seconds that a service which is no app of ours may take to start. */
const STARTUP_OF_OTHERS = 60;

/** How many looks there are between two at the logs. */
const LOOKS_A_LOG = 4;

/**
 * Waits until the containers are healthy, each with all of its processes. Throws what befell the first that will not be.
 *
 * @param known ids of those that nobody needs to hear of
 */
export async function untilHealthy(
  ids: readonly string[],
  watch: Watch,
  known: ReadonlySet<string> = new Set(),
): Promise<Container[]> {
  const { docker, plan, report, signal } = watch;
  const since = Date.now();
  const told = new Set(known);
  let looks = 0;
  return until(
    async () => {
      const containers = await inspectContainers(docker, ids);
      if (containers.length < ids.length)
        throw new RolloutFailure('crashed-at-start', 'its container was removed meanwhile');
      const withLogs = ++looks % LOOKS_A_LOG === 0;
      const healthy: Container[] = [];
      for (const container of containers)
        if (await isUp(container, { ...watch, waited: (Date.now() - since) / 1000, withLogs })) healthy.push(container);
      for (const { id, service } of healthy)
        if (!told.has(id)) {
          told.add(id);
          report.step(`${service}: healthy${processesOf(plan, service)}`);
        }
      const waiting = containers.filter((container) => !healthy.includes(container));
      for (const container of waiting) report.progress(`${container.service}: starting ${lastCheck(container)}`.trim());
      return waiting.length === 0 ? containers : undefined;
    },
    { signal },
  );
}

function processesOf({ apps }: Plan, service: string): string {
  const app = apps.find(({ id }) => id === service);
  return app === undefined ? '' : `, ${app.processes} ${app.processes === 1 ? 'process' : 'processes'}`;
}

interface Look extends Watch {
  readonly waited: number;
  readonly withLogs: boolean;
}

async function isUp(container: Container, { docker, plan, waited, withLogs }: Look): Promise<boolean> {
  const startup = startupOf(plan, container.service) ?? STARTUP_OF_OTHERS;
  const verdict = verdictOf(container, startup, waited);
  if (verdict.is === 'healthy') return true;
  if (verdict.is === 'failed') throw failureOf(container.service, verdict, await logsOf(docker, container.id));
  if (withLogs) {
    const logs = await logsOf(docker, container.id);
    if (isOutOfMemory(logs)) throw failureOf(container.service, { is: 'failed', why: 'unhealthy', detail: '' }, logs);
  }
  return false;
}

async function logsOf(docker: Docker, id: string): Promise<string[]> {
  const { stdout, stderr } = await docker.attempt(['logs', '--tail', '100', id]);
  return `${stdout}${stderr}`.split('\n').map((line) => line.trimEnd());
}
