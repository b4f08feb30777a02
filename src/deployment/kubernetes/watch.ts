import { RolloutFailure } from '../cause.js';
import type { Kubectl } from '../kubectl.js';
import { startupOf, type Plan } from '../plan.js';
import type { Report } from '../report.js';
import { tellingLine } from '../telling-line.js';
import { until } from '../wait.js';
import { NAME } from '../../targets/kubernetes/workload.js';
import { objectsIn } from './objects.js';
import { isDone, isReady, lookAt, newestPods, type Deployment, type Pod, type Sight } from './sight.js';
import { deploymentTrouble, podTrouble, type PodEvent, type Trouble } from './trouble.js';

export interface Watched {
  readonly kubectl: Kubectl;
  readonly plan: Plan;
  /** Names of the Deployments that are waited for. */
  readonly deployments: readonly string[];
  /** What ran before the rollout: its restarts are not the rollout's. */
  readonly before: Sight;
  readonly signal: AbortSignal;
  /** Gets each look at what runs. Ends the waiting by what it throws. */
  readonly onLook: (sight: Sight) => void;
  /** Whether a Deployment is far enough. @default - it serves in full strength and alone */
  readonly isEnough?: (deployment: Deployment, sight: Sight) => boolean;
}

/** Waits until each Deployment serves in full strength and alone. Throws a `RolloutFailure` as soon as it is certain that one will not. */
export async function untilServing(watched: Watched, report: Report): Promise<Sight> {
  const { kubectl, plan, deployments, signal, onLook, isEnough = (one) => isWhole(one, plan) } = watched;
  const lasting = new Map<string, number>();
  const told = new Map<string, string>();
  const look = patiently(() => lookAt(kubectl, plan.name));
  return until(
    async () => {
      const sight = await look();
      if (!sight) return undefined;
      onLook(sight);
      const found = sight.deployments.filter(({ metadata }) => deployments.includes(metadata.name));
      found.forEach((deployment) => tell(deployment, watched, { sight, told, report }));
      if (found.length === deployments.length && found.every((one) => isEnough(one, sight))) return sight;
      await failWhereCertain(watched, found, sight, lasting);
      return undefined;
    },
    { signal, everyMilliseconds: 1000 },
  );
}

/** Seconds that an API server may be away, as it is while it is updated: what runs goes on meanwhile. */
const SERVER_PATIENCE = 60;

/** A look that comes to nothing while the server does not answer, and fails when that goes on for too long. */
function patiently(look: () => Promise<Sight>): () => Promise<Sight | undefined> {
  let since: number | undefined;
  return async () => {
    try {
      const sight = await look();
      since = undefined;
      return sight;
    } catch (error) {
      since ??= performance.now();
      if (performance.now() - since > SERVER_PATIENCE * 1000) throw error;
      return undefined;
    }
  };
}

/** Whether a Deployment serves in full strength, which where an autoscaler says it is at least its fewest pods. */
function isWhole(deployment: Deployment, { apps }: Plan): boolean {
  return isDone(deployment, apps.find(({ id }) => id === appOf(deployment))?.scaling?.min);
}

interface Telling {
  readonly sight: Sight;
  /** The last line of each app. */
  readonly told: Map<string, string>;
  readonly report: Report;
}

function tell(deployment: Deployment, { plan }: Watched, { sight, told, report }: Telling): void {
  const isDone = isWhole(deployment, plan);
  const app = appOf(deployment);
  const healthy = newestPods(deployment, sight).filter(isReady).length;
  const unit = app === 'nginx' ? 'containers' : 'processes';
  const line = `${app}: ${isDone ? '' : 'new: '}${healthy} of ${deployment.spec.replicas} ${unit} healthy`;
  if (told.get(app) === line) return;
  told.set(app, line);
  if (isDone) report.step(line);
  else report.progress(line);
}

/** Id of the app that a Deployment runs, `nginx` for the edge. */
export function appOf({ spec, metadata }: Deployment): string {
  return spec.template.metadata.labels?.[NAME] ?? metadata.name;
}

interface Found {
  readonly trouble: Trouble;
  readonly app: string;
  readonly key: string;
  readonly pod?: string;
}

async function failWhereCertain(
  watched: Watched,
  deployments: readonly Deployment[],
  sight: Sight,
  lasting: Map<string, number>,
): Promise<void> {
  const found = (
    await Promise.all(
      deployments.filter((one) => !isWhole(one, watched.plan)).map((one) => troublesOf(one, watched, sight)),
    )
  ).flat();
  const now = performance.now();
  const keys = new Set(found.map(({ key }) => key));
  for (const key of lasting.keys()) if (!keys.has(key)) lasting.delete(key);
  for (const { key } of found) if (!lasting.has(key)) lasting.set(key, now);
  const certain = found.find(({ key, trouble }) => now - (lasting.get(key) ?? now) >= trouble.patience * 1000);
  if (certain) throw await failureOf(watched.kubectl, certain);
}

async function troublesOf(deployment: Deployment, watched: Watched, sight: Sight): Promise<Found[]> {
  const app = appOf(deployment);
  const own = deploymentTrouble(deployment);
  const unready = newestPods(deployment, sight).filter((pod) => !isReady(pod));
  const pods = await Promise.all(
    // A few tell what is wrong with all.
    unready.slice(0, 3).map(async (pod): Promise<Found[]> => {
      const trouble = await troubleOf(pod, app, watched);
      return trouble ? [{ trouble, app, pod: pod.metadata.name, key: `${pod.metadata.uid} ${trouble.why}` }] : [];
    }),
  );
  return [...pods.flat(), ...(own ? [{ trouble: own, app, key: `${deployment.metadata.uid} ${own.why}` }] : [])];
}

async function troubleOf(pod: Pod, app: string, { kubectl, plan, before }: Watched): Promise<Trouble | undefined> {
  const earlier = before.pods.find(({ metadata }) => metadata.uid === pod.metadata.uid);
  return podTrouble(pod, {
    events: earlier ? [] : await eventsOf(kubectl, pod),
    restartsBefore: earlier?.status.containerStatuses?.[0]?.restartCount ?? 0,
    startup: startupOf(plan, app) ?? 30,
  });
}

export async function eventsOf(kubectl: Kubectl, { metadata }: Pod): Promise<PodEvent[]> {
  // Without the right to read them there is less to tell, and nothing else is lost.
  const { stdout } = await kubectl.attempt([
    'get',
    'events',
    '--field-selector',
    `involvedObject.uid=${metadata.uid}`,
    '--output',
    'json',
  ]);
  const at = ({ lastTimestamp, eventTime }: PodEvent) => lastTimestamp ?? eventTime ?? '';
  return objectsIn<PodEvent>(stdout).toSorted((a, b) => (at(a) < at(b) ? -1 : 1));
}

async function failureOf(kubectl: Kubectl, { trouble, app, pod }: Found): Promise<RolloutFailure> {
  const lines = pod === undefined ? [] : await logsOf(kubectl, pod, trouble.logs);
  const said = trouble.why === 'crashed-at-start' ? tellingLine(lines) : undefined;
  return new RolloutFailure(trouble.why, [trouble.detail, said].filter(Boolean).join(': '), { app, logs: lines });
}

const LINES = '20';

export async function logsOf(kubectl: Kubectl, pod: string, logs: Trouble['logs']): Promise<string[]> {
  if (!logs) return [];
  const read = async (previous: boolean) => {
    const which = previous ? ['--previous'] : [];
    const args = ['logs', pod, '--container', logs.container, '--tail', LINES, ...which];
    const { stdout, exitCode } = await kubectl.attempt(args);
    return exitCode === 0 ? stdout.split('\n').filter((line) => line !== '' && !NO_LOG.test(line)) : [];
  };
  const lines = await read(logs.previous);
  return lines.length > 0 ? lines : read(!logs.previous);
}

/** What the kubelet puts where a log should be that it has not got any more. */
const NO_LOG = /^(failed to try resolving symlinks in path|unable to retrieve container logs)/;
