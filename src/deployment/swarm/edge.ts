import { tellCertificate } from '../acme.js';
import { RolloutFailure } from '../cause.js';
import { edgeWords } from '../edge-url.js';
import { isRight, type AppPlan, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { until } from '../wait.js';
import type { Manager } from './manager.js';

/** Seconds in which nginx must have found the new tasks. */
const PATIENCE = 15;

/** Asks each app through the nginx of the node that we talk to. Throws a `RolloutFailure` where one is not answered. */
export async function checkEdge(manager: Manager, plan: Plan, signal: AbortSignal, report: Report): Promise<void> {
  if (!plan.edge) return;
  const container = await edgeContainer(manager, plan.name);
  if (container === undefined) {
    report.step('nginx: none runs on this node, so that what it answers is not checked');
    return;
  }
  for (const app of plan.apps) await checkApp({ manager, container, plan, app }, signal);
  report.step(`nginx: answers for ${plan.apps.map(({ id }) => id).join(', ')}`);
  const inEdge = (words: readonly string[]) => manager.docker.attempt(['exec', container, ...words]);
  await tellCertificate(plan, inEdge, { report, signal });
}

export async function edgeContainer({ docker }: Manager, name: string): Promise<string | undefined> {
  const filters = [`label=com.docker.swarm.service.name=${name}_nginx`, 'status=running', 'health=healthy'];
  const [container] = await docker.lines(['ps', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])]);
  return container;
}

/** What is asked, and in which container. */
interface Asked {
  readonly manager: Manager;
  readonly container: string;
  readonly plan: Plan;
  readonly app: AppPlan;
}

async function checkApp(asked: Asked, signal: AbortSignal): Promise<void> {
  const { app } = asked;
  const end = performance.now() + PATIENCE * 1000;
  await until(
    async () => {
      const status = await ask(asked);
      if (isRight(status, app)) return true;
      if (performance.now() < end) return undefined;
      throw new RolloutFailure(
        'unhealthy',
        status === 0
          ? `the edge gives no answer to GET ${app.path}`
          : `the edge answers ${status} to GET ${app.path} of ${app.host}`,
        { app: app.id },
      );
    },
    { signal },
  );
}

/** 0 for no answer. */
async function ask({ manager, container, plan, app: { host, path } }: Asked): Promise<number> {
  const { stdout } = await manager.docker.attempt([
    ...['exec', container, 'curl', '--silent', '--output', '/dev/null', '--max-time', '5', '--globoff'],
    ...['--write-out', '%{http_code}', '--header', `Host: ${host}`, ...edgeWords(plan, path)],
  ]);
  return Number(stdout.trim()) || 0;
}
