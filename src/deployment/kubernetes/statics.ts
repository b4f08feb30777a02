import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DNS_DRAIN } from '../../targets/kubernetes/cluster.js';
import { NAME } from '../../targets/kubernetes/workload.js';
import type { Rollout } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Plan } from '../plan.js';
import type { Report } from '../report.js';
import { applyObjects, type Version } from './apply.js';
import { objectsOf, type ClusterObject } from './objects.js';
import { isReady, lookAt, newestPods, type Deployment, type Sight } from './sight.js';
import { appOf, untilServing, type Watched } from './watch.js';

export interface Leading extends Omit<Watched, 'deployments' | 'isEnough'> {
  readonly version: Version;
  readonly previous: Rollout['previous'];
}

/**
 * Brings up one pod with the new files of each app that has changed ones, and halts there: a page of a new pod names new files, and one
 * of an old pod old ones, so that the app is updated in between.
 *
 * @returns names of the Deployments that have been halted
 */
export async function leadStatics(leading: Leading, report: Report): Promise<string[]> {
  const { kubectl, version, plan, signal } = leading;
  const ids = changedStatics(leading);
  if (ids.length === 0) return [];
  report.step(`${ids.join(', ')}: the new files come first`);
  const objects = version.objects.filter((object) => ids.includes(idOf(object)));
  const deployments = deploymentsIn(objects).map(({ metadata }) => metadata.name);
  await applyObjects(kubectl, objects);
  await untilServing({ ...leading, plan, deployments, isEnough: hasBegun }, report);
  for (const name of deployments) await kubectl.run(['rollout', 'pause', `deployment/${name}`]);
  // Pods find each other through name servers that remember: whoever has only old files asks the others.
  await sleep(DNS_DRAIN * 1000, undefined, { signal });
  return deployments;
}

/** Lets the static files of a stack go on, where a deployment has halted them, or one that was killed did. */
export async function resumeStatics(kubectl: Kubectl, { name, statics = [] }: Pick<Plan, 'name' | 'statics'>) {
  if (statics.length === 0) return;
  const ids = statics.map(({ id }) => id);
  const { deployments } = await lookAt(kubectl, name);
  const paused = deployments.filter((one) => one.spec.paused === true && ids.includes(appOf(one)));
  for (const { metadata } of paused) await kubectl.run(['rollout', 'resume', `deployment/${metadata.name}`]);
}

/** Ids of the static files that are there, and that a version changes. */
export function changedStatics({ version, previous }: Pick<Leading, 'version' | 'previous'>): string[] {
  if (!previous) return [];
  const before = deploymentsIn(objectsOf(previous.files));
  const ids = (version.plan.statics ?? []).map(({ id }) => id);
  return deploymentsIn(version.objects)
    .filter((object) => ids.includes(idOf(object)))
    .filter((object) => {
      const old = before.find(({ metadata }) => metadata.name === object.metadata.name);
      return old !== undefined && !isDeepStrictEqual(old['spec'], object['spec']);
    })
    .map(idOf);
}

function deploymentsIn(objects: readonly ClusterObject[]): ClusterObject[] {
  return objects.filter(({ kind }) => kind === 'Deployment');
}

function idOf({ metadata }: ClusterObject): string {
  return metadata.labels?.[NAME] ?? '';
}

/** Whether a pod of the version that it is to run is ready. */
export function hasBegun(deployment: Deployment, sight: Sight): boolean {
  const { metadata, status } = deployment;
  return (status.observedGeneration ?? 0) >= metadata.generation && newestPods(deployment, sight).some(isReady);
}
