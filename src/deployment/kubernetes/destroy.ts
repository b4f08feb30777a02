import type { Kubectl } from '../kubectl.js';
import type { Ledger } from '../ledger.js';
import { currentRelease } from '../ledger.js';
import { INSTANCE, MANAGED_BY } from '../../targets/kubernetes/workload.js';
import { comingKinds, liveOf } from './left-over.js';
import { ownSelector } from './labels.js';
import {
  identities,
  isOurs,
  keyOf,
  listOf,
  markOf,
  objectsIn,
  objectsOf,
  titleOf,
  type ClusterObject,
  type Mark,
} from './objects.js';

export interface Destroying {
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly ledger: Ledger;
  readonly volumes: boolean;
}

/** Removes everything that is a deployment's; the namespace only with its volumes, where the output made it and nobody else uses it. */
export async function destroyStack(destroying: Destroying): Promise<string[]> {
  const { kubectl, ledger, volumes } = destroying;
  const applied = appliedObjects(ledger);
  const mark = markOf(ledger.name, applied);
  const found = await everything(destroying, applied, mark);
  const removed = found.filter(({ kind }) => kind !== 'Namespace' && (volumes || kind !== 'PersistentVolumeClaim'));
  await deleteAll(kubectl, removed);
  const namespace = found.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === destroying.namespace);
  // With the namespace its volumes would go, and whatever else is in it.
  if (!volumes || !namespace || !isOurs(namespace, mark) || !(await isOnlyOurs(kubectl, ledger.name)))
    return removed.map(titleOf);
  await kubectl.run(['delete', 'namespace', destroying.namespace, '--ignore-not-found']);
  return [...removed, namespace].map(titleOf);
}

/** What the last release has brought, also where it carries no label of ours. */
function appliedObjects(ledger: Ledger): ClusterObject[] {
  return objectsOf(currentRelease(ledger)?.files ?? []);
}

async function everything(
  { kubectl, namespace, ledger }: Destroying,
  applied: readonly ClusterObject[],
  mark: Mark,
): Promise<ClusterObject[]> {
  const kinds = [...(await comingKinds(kubectl)), 'configmaps', 'persistentvolumeclaims', 'secrets'];
  const args = ['get', kinds.join(','), '--selector', `${INSTANCE}=${ledger.name}`, '--output', 'json'];
  const labelled = objectsIn(await kubectl.run(args)).filter((object) => isOurs(object, mark));
  const pods = objectsIn(
    await kubectl.run(['get', 'pods', '--selector', ownSelector(ledger.name, 'run'), '--output', 'json']),
  );
  const { stdout } = await kubectl.attempt(['get', 'namespace', namespace, '--ignore-not-found', '--output', 'json']);
  const all = [...labelled, ...pods, ...(await liveOf(kubectl, applied)), ...objectsIn(stdout)];
  return [...new Map(all.map((object) => [keyOf(object), object])).values()];
}

async function deleteAll(kubectl: Kubectl, objects: readonly ClusterObject[]): Promise<void> {
  if (objects.length === 0) return;
  // The ledger last: who is interrupted can do it again. Until the pods have gone their volumes and names are not free.
  const last = objects.filter(isRelease);
  const first = objects.filter((object) => !isRelease(object));
  for (const some of [first, last].filter((list) => list.length > 0))
    await kubectl.run(['delete', '--filename', '-', '--ignore-not-found', '--cascade=foreground'], {
      input: listOf(identities(some)),
    });
}

function isRelease({ metadata }: ClusterObject): boolean {
  return metadata.labels?.['app.kubernetes.io/component'] === 'release';
}

/** Whether nobody else has anything in a namespace. */
async function isOnlyOurs(kubectl: Kubectl, name: string): Promise<boolean> {
  const kinds =
    'deployments.apps,statefulsets.apps,daemonsets.apps,cronjobs.batch,jobs.batch,persistentvolumeclaims,services';
  const all = objectsIn(await kubectl.run(['get', kinds, '--output', 'json']));
  return all.every(({ metadata }) => metadata.labels?.[INSTANCE] === name && metadata.labels[MANAGED_BY] !== undefined);
}
