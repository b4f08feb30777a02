import { setTimeout as sleep } from 'node:timers/promises';
import { NAME } from '../../targets/kubernetes/workload.js';
import { RolloutFailure } from '../cause.js';
import type { Kubectl } from '../kubectl.js';
import type { JobPlan } from '../plan.js';
import type { Report } from '../report.js';
import { tellingLine } from '../telling-line.js';
import type { Version } from './apply.js';
import { keyOf, listOf, mountedConfigs, objectsIn, parseObjects, type ClusterObject } from './objects.js';
import type { Course } from './roll.js';
import type { Condition, Pod } from './sight.js';
import { podTrouble } from './trouble.js';
import { eventsOf, logsOf, untilServing } from './watch.js';
import type { OutputFile } from '../../targets/target.js';

/** A Job, as far as its end is seen in it. */
export interface LiveJob {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface RunningJob {
  readonly kubectl: Kubectl;
  readonly version: Version;
  readonly files: readonly OutputFile[];
  readonly job: JobPlan;
  readonly course: Course;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Throws where the lock was lost. */
  guard(): void;
}

/** Runs a Job to its end: what it needs is applied before the rest of the version, which finds it done. */
export async function runJob(running: RunningJob): Promise<void> {
  const { kubectl, job } = running;
  const needed = neededBy(running);
  const own = needed.find((object) => isJobOf(job, object));
  if (!own) throw new Error(`the output has no Job for ${job.id}`);
  // One that an earlier deployment of this release has left ran for a release that did not come up.
  await kubectl.run(['delete', 'jobs.batch', own.metadata.name, '--ignore-not-found', '--cascade=foreground']);
  // The databases first: their pods start when nothing else does.
  await startDatabases(running);
  await kubectl.run(['apply', '--filename', '-'], { input: listOf(needed) });
  await untilDone(running, own.metadata.name);
}

/** The objects of its file, and what they are in or mount: nothing that those who serve now would feel. */
export function neededBy(running: Pick<RunningJob, 'job' | 'version' | 'files'>): ClusterObject[] {
  const own = new Set(objectsOfFile(running, running.job.id).map(keyOf));
  const mounted = new Set(
    running.version.objects.filter((object) => isJobOf(running.job, object)).flatMap(mountedConfigs),
  );
  return running.version.objects.filter(
    (object) =>
      SHARED.includes(object.kind) ||
      own.has(keyOf(object)) ||
      (object.kind === 'ConfigMap' && mounted.has(object.metadata.name)),
  );
}

/** As they are in the version, which its Kustomization may have changed. */
function objectsOfFile({ version, files }: Pick<RunningJob, 'version' | 'files'>, id: string): ClusterObject[] {
  const file = files.find(({ path }) => path === `${id}.yaml`);
  const keys = new Set(parseObjects(file?.content ?? '').map(keyOf));
  return version.objects.filter((object) => keys.has(keyOf(object)));
}

/**
 * A job of the first release finds the databases of the stack. Those that are there are left for the rest of the deployment, but let
 * the job in.
 */
async function startDatabases(running: RunningJob): Promise<void> {
  const { kubectl, version, course, signal, report } = running;
  const there = new Set(course.live.map(keyOf));
  const all = (version.plan.databases ?? []).map(({ id }) => objectsOfFile(running, id));
  const isNew = (objects: readonly ClusterObject[]) =>
    objects.some((object) => object.kind === 'Deployment' && !there.has(keyOf(object)));
  const policies = all.filter((objects) => !isNew(objects)).flat();
  const started = all.filter(isNew).flat();
  const applied = [
    ...policies.filter(({ kind }) => kind === 'NetworkPolicy'),
    ...(started.length === 0 ? [] : version.objects.filter(({ kind }) => SHARED.includes(kind))),
    ...started,
  ];
  if (applied.length > 0) await kubectl.run(['apply', '--filename', '-'], { input: listOf(applied) });
  const deployments = started.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
  if (deployments.length === 0) return;
  report.step(`${deployments.join(', ')}: starting`);
  const { plan } = version;
  await untilServing({ kubectl, plan, deployments, before: course.sight, signal, onLook: running.guard }, report);
}

const SHARED: readonly string[] = ['Namespace', 'PersistentVolumeClaim'];

function isJobOf({ id }: JobPlan, { kind, metadata }: ClusterObject): boolean {
  return kind === 'Job' && metadata.labels?.[NAME] === id;
}

async function untilDone(running: RunningJob, name: string): Promise<void> {
  const { kubectl, signal, guard } = running;
  const lasting = new Map<string, number>();
  for (;;) {
    signal.throwIfAborted();
    guard();
    const [found] = objectsIn<LiveJob>(
      await kubectl.run(['get', 'jobs.batch', name, '--ignore-not-found', '--output', 'json']),
    );
    if (!found)
      throw new RolloutFailure('migration-failed', `Job/${name} was deleted meanwhile`, { app: running.job.id });
    const ended = endOf(found);
    if (ended?.type === 'Complete') return;
    const pods = await podsOf(kubectl, name);
    if (ended) throw await failureOf(running, ended, pods);
    await failWhereStuck(running, pods, lasting);
    await sleep(1000, undefined, { signal });
  }
}

/** The condition that says that a Job has ended, and how. */
export function endOf({ status }: LiveJob): Condition | undefined {
  return status?.conditions?.find(
    ({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

async function podsOf(kubectl: Kubectl, name: string): Promise<Pod[]> {
  const selector = `batch.kubernetes.io/job-name=${name}`;
  return objectsIn<Pod>(await kubectl.run(['get', 'pods', '--selector', selector, '--output', 'json']));
}

/** A command that runs is not stuck, however long it takes: its own time ends it. */
async function failWhereStuck(
  { kubectl, job }: RunningJob,
  pods: readonly Pod[],
  lasting: Map<string, number>,
): Promise<void> {
  for (const pod of pods) {
    const [container] = pod.status.containerStatuses ?? [];
    if (container?.state.running ?? container?.state.terminated) continue;
    const events = await eventsOf(kubectl, pod);
    const trouble = podTrouble(pod, { events, restartsBefore: 0, startup: job.timeout });
    if (!trouble) continue;
    const key = `${pod.metadata.uid} ${trouble.why}`;
    const since = lasting.get(key) ?? performance.now();
    lasting.set(key, since);
    if (performance.now() - since >= trouble.patience * 1000)
      throw new RolloutFailure(trouble.why, trouble.detail, { app: job.id });
  }
}

async function failureOf(
  { kubectl, job }: RunningJob,
  ended: Condition,
  pods: readonly Pod[],
): Promise<RolloutFailure> {
  const pod = pods.at(-1);
  const logs = pod ? await logsOf(kubectl, pod.metadata.name, { container: job.id, previous: false }) : [];
  const detail = [exitOf(pod) ?? ended.message ?? ended.reason ?? '', tellingLine(logs)].filter(Boolean).join(': ');
  return new RolloutFailure('migration-failed', detail, { app: job.id, logs });
}

function exitOf(pod: Pod | undefined): string | undefined {
  const ended = pod?.status.containerStatuses?.[0]?.state.terminated;
  if (!ended) return undefined;
  return ended.reason === 'OOMKilled' ? 'out of memory' : `exit code ${ended.exitCode}`;
}
