import { setTimeout as sleep } from 'node:timers/promises';
import type { Rollout } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Release } from '../ledger.js';
import type { Plan } from '../plan.js';
import type { Report } from '../report.js';
import { applyVersion, type Version } from './apply.js';
import { deleteObjects, liveOf } from './left-over.js';
import { withManifests } from './manifests.js';
import { KEPT_KINDS, keyOf, type ClusterObject } from './objects.js';
import { revisionOf } from './revisions.js';
import { deploymentNames, deploymentsBefore, type Course } from './roll.js';
import { readSecrets, undoSecrets, type SecretChange } from './secrets.js';
import { isEnding, isReady, lookAt, podsOf, type Deployment, type Pod, type Sight } from './sight.js';
import { resumeStatics } from './statics.js';
import { appOf, untilServing } from './watch.js';

/** Seconds within which the old version is back alone. */
const REVERT_TIME = 60;

export interface Reverting {
  readonly kubectl: Kubectl;
  readonly rollout: Rollout;
  /** Absent where the rollout ended before it had changed anything. */
  readonly course: Course | undefined;
  readonly secrets: readonly SecretChange[];
  readonly createdNamespace: boolean;
  guard(): void;
}

/** Takes a rollout back. Says whether anything serves then. */
export async function revertVersion(reverting: Reverting, report: Report): Promise<boolean> {
  const { kubectl, rollout, course, secrets } = reverting;
  await undoSecrets(kubectl, secrets);
  if (rollout.previous) return toPrevious(reverting, rollout.previous, report);
  if (!course && !reverting.createdNamespace) return servesNow(await lookAt(kubectl, rollout.plan.name), rollout.plan);
  const byHand = course ? deploymentsBefore(course) : [];
  if (byHand.length > 0) return undoByHand(reverting, byHand, report);
  await removeBegun(reverting, report);
  return false;
}

/** The old version is applied again; its pods have been there all the time. */
async function toPrevious(reverting: Reverting, previous: Release, report: Report): Promise<boolean> {
  const { kubectl, rollout, guard } = reverting;
  const signal = AbortSignal.timeout(REVERT_TIME * 1000);
  return withManifests(kubectl, { files: previous.files }, async (manifests) => {
    guard();
    const secrets = await revisionsNow(kubectl, previous);
    const version: Version = { ...manifests, plan: previous.plan, secrets };
    await applyVersion(kubectl, version, report);
    await resumeStatics(kubectl, previous.plan);
    await deleteAdded(reverting, version.objects, report);
    try {
      const before = await lookAt(kubectl, previous.plan.name);
      await untilServing(
        {
          kubectl,
          plan: previous.plan,
          deployments: deploymentNames(version),
          before,
          signal,
          onLook: () => undefined,
        },
        report,
      );
      await endFailed(reverting, signal);
      report.step(`${rollout.plan.name}: release ${previous.number} serves alone`);
    } catch (error) {
      // It serves as well as it did before; that it does not do so alone, or in full strength, is not what this command is about.
      report.step(`${rollout.plan.name}: release ${previous.number} is not as it was: ${(error as Error).message}`);
    }
    return servesNow(await lookAt(kubectl, previous.plan.name), previous.plan);
  });
}

async function revisionsNow(kubectl: Kubectl, { plan }: Release): Promise<Record<string, number>> {
  const stored = await readSecrets(kubectl, plan);
  return Object.fromEntries([...stored].map(([id, { metadata }]) => [id, revisionOf(metadata.annotations)]));
}

/** Whether a pod of an app takes requests; that of a database alone serves nobody. */
export function servesNow(sight: Sight, { apps }: Pick<Plan, 'apps'>): boolean {
  return sight.deployments
    .filter((deployment) => apps.some(({ id }) => id === appOf(deployment)))
    .some((deployment) => podsOf(deployment, sight).some((pod) => isReady(pod) && !isEnding(pod)));
}

/** What the failed version has brought with it goes, ConfigMaps as well: whoever needs them again applies them again. */
async function deleteAdded(
  { kubectl, rollout, course }: Reverting,
  kept: readonly ClusterObject[],
  report: Report,
  goes: (object: ClusterObject) => boolean = ({ kind }) => !KEPT_KINDS.includes(kind),
): Promise<void> {
  if (!course) return;
  await withManifests(kubectl, rollout, async ({ objects }) => {
    const there = new Set([...kept, ...course.live].map(keyOf));
    const added = objects.filter((object) => !there.has(keyOf(object)) && goes(object));
    await deleteObjects(kubectl, await liveOf(kubectl, added), report);
  });
}

/** Seconds for a failed pod to end by itself. */
const FAILED_POD_TIME = 10;

/**
 * Pods that have never been ready have nothing to finish. Yet the kubelet does not cut short the pause before a stop once that has begun
 * (measured: 35 s behind nginx), so that those that take longer are taken out of the cluster while it ends them.
 */
async function endFailed({ kubectl, rollout, course }: Reverting, signal: AbortSignal): Promise<void> {
  if (!course) return;
  const began = performance.now();
  const asked = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const failed = failedPods(await lookAt(kubectl, rollout.plan.name), course).filter(isEnding);
    if (failed.length === 0) return;
    const isLate = performance.now() - began > FAILED_POD_TIME * 1000;
    const names = failed.map(({ metadata }) => metadata.name).filter((name) => isLate || !asked.has(name));
    names.forEach((name) => asked.add(name));
    const how = isLate ? ['--grace-period=0', '--force'] : ['--grace-period=1'];
    if (names.length > 0)
      await kubectl.attempt(['delete', 'pods', ...names, '--ignore-not-found', '--wait=false', ...how]);
    await sleep(1000, undefined, { signal });
  }
}

/** Pods that came with a rollout and have never been ready. */
export function failedPods({ deployments, replicaSets, pods }: Sight, { sight, served }: Course): Pod[] {
  const old = new Set(sight.pods.map(({ metadata }) => metadata.uid));
  const own = new Set(
    deployments.flatMap((deployment) =>
      podsOf(deployment, { deployments, replicaSets, pods }).map(({ metadata }) => metadata.uid),
    ),
  );
  return pods.filter(
    (pod) => own.has(pod.metadata.uid) && !old.has(pod.metadata.uid) && !served.has(pod.metadata.uid) && !isReady(pod),
  );
}

/** Somebody deployed without us, so that there is no output to go back to, but the cluster still knows what it ran. */
async function undoByHand(reverting: Reverting, before: readonly Deployment[], report: Report): Promise<boolean> {
  const { kubectl, rollout } = reverting;
  const { name } = rollout.plan;
  // What scales would take back how many pods there were.
  await deleteAdded(reverting, [], report, ({ kind }) => kind === 'HorizontalPodAutoscaler');
  const now = await lookAt(kubectl, name);
  for (const old of before) {
    const current = now.deployments.find(({ metadata }) => metadata.uid === old.metadata.uid);
    const isSame = (key: string) => current?.metadata.annotations?.[key] === old.metadata.annotations?.[key];
    if (!current || isSame(REVISION)) continue;
    await kubectl.run(['rollout', 'undo', `deployment/${old.metadata.name}`]);
    await kubectl.run(['scale', `deployment/${old.metadata.name}`, '--replicas', String(old.spec.replicas)]);
  }
  return servesNow(await lookAt(kubectl, name), rollout.plan);
}

const REVISION = 'deployment.kubernetes.io/revision';

/** Nothing served before, and nothing of what was begun stays, but volumes: what is in one cannot be made again. */
async function removeBegun({ kubectl, rollout, course, createdNamespace }: Reverting, report: Report): Promise<void> {
  const { name, namespace = name } = rollout.plan;
  if (createdNamespace) {
    // In a namespace that ends no pod takes the place of one that is deleted, and none of them has anything to finish.
    await kubectl.attempt(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
    await kubectl.attempt(['delete', 'pods', '--all', '--grace-period=1', '--wait=false']);
    await kubectl.attempt(['wait', '--for', 'delete', `namespace/${namespace}`, `--timeout=${REVERT_TIME}s`]);
    report.step(`Namespace/${namespace}: deleted, as it was made for this release`);
    return;
  }
  if (!course) return;
  await withManifests(kubectl, rollout, async ({ objects }) => {
    const there = new Set(course.live.map(keyOf));
    const begun = objects.filter((object) => !there.has(keyOf(object)) && !KEPT_KINDS.includes(object.kind));
    await deleteObjects(kubectl, await liveOf(kubectl, begun), report);
  });
}
