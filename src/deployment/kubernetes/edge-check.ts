import { setTimeout as sleep } from 'node:timers/promises';
import { objectName } from '../../targets/kubernetes/workload.js';
import { RolloutFailure } from '../cause.js';
import { edgeWords } from '../edge-url.js';
import type { Kubectl } from '../kubectl.js';
import { fewest, isRight, type AppPlan, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { appOf } from './watch.js';
import { isReady, newestPods, type Sight } from './sight.js';
import { objectsIn } from './objects.js';

/** Seconds that DNS servers in a cluster remember that an app had no pods, and a little more. */
const EDGE_PATIENCE = 45;

export interface EdgeCheck {
  readonly kubectl: Kubectl;
  readonly plan: Plan;
  /** What runs now. */
  readonly sight: Sight;
  readonly signal: AbortSignal;
}

/** Asks for every app where its requests come in. Throws a `RolloutFailure` for one that is not served there. */
export async function checkEdge(check: EdgeCheck, report: Report): Promise<void> {
  const { plan } = check;
  for (const app of plan.apps) await (plan.edge ? askNginx(check, app) : askService(check, app, report));
  report.step(
    `${plan.name}: ${plan.edge ? 'the edge serves' : 'the Services lead to'} ${plan.apps.map(({ id }) => id).join(', ')}`,
  );
}

async function askNginx({ kubectl, plan, sight, signal }: EdgeCheck, app: AppPlan): Promise<void> {
  const edge = sight.deployments.find((deployment) => appOf(deployment) === 'nginx');
  const pods = edge ? newestPods(edge, sight).filter(isReady) : [];
  for (const { metadata } of pods) {
    const wrong = await untilRight(async () => {
      const { stdout, stderr } = await kubectl.attempt(['exec', metadata.name, '--', ...askingCommand(app, plan)]);
      return wrongStatus(stdout, stderr, app);
    }, signal);
    if (wrong !== undefined)
      throw new RolloutFailure('unhealthy', `the edge answers GET http://${app.host}${app.path} with ${wrong}`, {
        app: app.id,
      });
  }
}

function askingCommand({ host, path }: AppPlan, plan: Plan): string[] {
  const quiet = [
    '--silent',
    '--show-error',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
    '--max-time',
    '10',
  ];
  return ['curl', ...quiet, '--header', `Host: ${host}`, ...edgeWords(plan, path)];
}

/** What is wrong with an answer; nothing where it is right, or where the image has nothing to ask with. */
export function wrongStatus(stdout: string, stderr: string, app: Pick<AppPlan, 'hasReadiness'>): string | undefined {
  if (/curl"?: (executable file )?not found|no such file or directory/i.test(stderr)) return undefined;
  const status = Number(stdout.trim());
  if (!Number.isInteger(status) || status === 0) return stderr.trim().split('\n').at(-1) || 'nothing';
  return isRight(status, app) ? undefined : `status ${status}`;
}

async function untilRight(ask: () => Promise<string | undefined>, signal: AbortSignal): Promise<string | undefined> {
  const end = performance.now() + EDGE_PATIENCE * 1000;
  for (;;) {
    signal.throwIfAborted();
    const wrong = await ask();
    if (wrong === undefined || performance.now() > end) return wrong;
    await sleep(1000, undefined, { signal });
  }
}

/** Without an edge of ours there is the Service: it must have every pod, and lead to one. */
async function askService({ kubectl, plan, signal }: EdgeCheck, app: AppPlan, report: Report): Promise<void> {
  const name = objectName(app.id, plan);
  const few = await untilRight(async () => {
    const ready = readyEndpoints(await endpointSlices(kubectl, name));
    return ready >= fewest(app) ? undefined : `${ready} of ${fewest(app)} endpoints`;
  }, signal);
  if (few !== undefined) throw new RolloutFailure('unhealthy', `the Service ${name} has ${few}`, { app: app.id });
  const path = `/api/v1/namespaces/${plan.namespace ?? plan.name}/services/http:${name}:http/proxy${app.path}`;
  const wrong = await untilRight(async () => {
    const { stderr, exitCode } = await kubectl.attempt(['get', '--raw', path]);
    return exitCode === 0 ? undefined : wrongProxyAnswer(stderr, (line) => report.step(`${app.id}: ${line}`));
  }, signal);
  if (wrong !== undefined)
    throw new RolloutFailure('unhealthy', `the Service ${name} answers ${wrong}`, { app: app.id });
}

/** What is wrong with an answer that came through the API server. It has not asked the app where it may not, or cannot get there. */
export function wrongProxyAnswer(stderr: string, note: (line: string) => void): string | undefined {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  if (/error trying to reach service|\(Forbidden\)/.test(line)) {
    note(`not asked through the API server (${line.replace(/^Error from server /, '')}); its pods are ready`);
    return undefined;
  }
  return /\((InternalError|ServiceUnavailable|Timeout|ServerTimeout)\)/.test(line) ? line : undefined;
}

interface EndpointSlice {
  readonly endpoints?: readonly Endpoint[] | null;
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly uid?: string };
}

function endpointSlices(kubectl: Kubectl, service: string): Promise<EndpointSlice[]> {
  const selector = `kubernetes.io/service-name=${service}`;
  return kubectl
    .run(['get', 'endpointslices.discovery.k8s.io', '--selector', selector, '--output', 'json'])
    .then(objectsIn<EndpointSlice>);
}

/** Pods that a Service leads to, each once: where there are two families of addresses it is in two slices. */
export function readyEndpoints(slices: readonly EndpointSlice[]): number {
  const ready = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false);
  return new Set(ready.map(({ targetRef }) => targetRef?.uid)).size;
}
