import type { Kubectl } from '../kubectl.js';
import type { Report } from '../report.js';
import { INSTANCE } from '../../targets/kubernetes/workload.js';
import { identities, isOurs, keyOf, leftOver, listOf, objectsIn, titleOf, KEPT_KINDS } from './objects.js';
import type { ClusterObject, Mark } from './objects.js';

/** Kinds of ours that come and go with the stack. ConfigMaps stay until no release needs them. */
const KINDS: readonly string[] = [
  'deployments.apps',
  'jobs.batch',
  'cronjobs.batch',
  'services',
  'serviceaccounts',
  'poddisruptionbudgets.policy',
  'horizontalpodautoscalers.autoscaling',
  'networkpolicies.networking.k8s.io',
  'ingresses.networking.k8s.io',
];

/** Those, and the kinds of the Gateway API where the cluster has it. */
export async function comingKinds(kubectl: Kubectl): Promise<string[]> {
  const { stdout } = await kubectl.attempt([
    'api-resources',
    '--api-group',
    'gateway.networking.k8s.io',
    '--output',
    'name',
  ]);
  return [...KINDS, ...stdout.split('\n').filter((line) => line === 'httproutes.gateway.networking.k8s.io')];
}

/** Deletes what is ours and no longer in the output. What the user added without our labels is only told of. */
export async function deleteLeftOver(
  kubectl: Kubectl,
  versions: { readonly wanted: readonly ClusterObject[]; readonly before: readonly ClusterObject[] },
  mark: Mark,
  report: Report,
): Promise<void> {
  const kinds = (await comingKinds(kubectl)).join(',');
  const labelled = objectsIn(
    await kubectl.run(['get', kinds, '--selector', `${INSTANCE}=${mark.name}`, '--output', 'json']),
  );
  const keys = new Set([...versions.wanted, ...labelled].map(keyOf));
  const dropped = versions.before.filter((object) => !keys.has(keyOf(object)) && !KEPT_KINDS.includes(object.kind));
  // ConfigMaps of ours are pruned once no release needs them, and take part in nothing until then.
  const foreign = (await liveOf(kubectl, dropped)).filter(
    (object) => !isOurs(object, mark) && !(object.kind === 'ConfigMap' && object['immutable'] === true),
  );
  foreign.forEach((object) =>
    report.step(`${titleOf(object)} is no longer in the output; it carries no label of ours and stays`),
  );
  const free = labelled.filter(({ metadata }) => metadata['ownerReferences'] === undefined);
  await deleteObjects(kubectl, leftOver(free, versions.wanted, mark), report);
}

/** Those of some objects that a cluster has, as they are there. */
export async function liveOf(kubectl: Kubectl, objects: readonly ClusterObject[]): Promise<ClusterObject[]> {
  if (objects.length === 0) return [];
  const { stdout, stderr, exitCode } = await kubectl.attempt(
    ['get', '--filename', '-', '--ignore-not-found', '--output', 'json'],
    { input: listOf(identities(objects)) },
  );
  // A kind that the cluster does not know any more has no objects either.
  if (exitCode !== 0 && !/no matches for kind/.test(stderr)) throw new Error(`kubectl get failed: ${stderr.trim()}`);
  return objectsIn(stdout);
}

/** Deletes objects without waiting until their pods have ended. */
export async function deleteObjects(
  kubectl: Kubectl,
  objects: readonly ClusterObject[],
  report: Report,
): Promise<void> {
  if (objects.length === 0) return;
  objects.forEach((object) => report.step(`${titleOf(object)}: no longer needed, deleted`));
  await kubectl.run(['delete', '--filename', '-', '--ignore-not-found', '--wait=false'], {
    input: listOf(identities(objects)),
  });
}
