import type { Kubectl } from '../kubectl.js';
import type { Plan } from '../plan.js';
import type { Report } from '../report.js';
import { INSTANCE } from '../../targets/kubernetes/workload.js';
import { deleteObjects } from './left-over.js';
import { leftOver, markOf, objectsIn, type ClusterObject } from './objects.js';
import type { Deployment } from './sight.js';

/** Before an apply: who says how many pods there are may be another one than before. */
export async function handOverReplicas(
  kubectl: Kubectl,
  { objects, plan }: { readonly objects: readonly ClusterObject[]; readonly plan: Plan },
  live: readonly Pick<Deployment, 'metadata'>[],
  report: Report,
): Promise<void> {
  await deleteDropped(kubectl, plan, objects, report);
  for (const applied of withoutReplicas(objects, live))
    await kubectl.run(['apply', 'set-last-applied', '--filename', '-'], { input: JSON.stringify(applied) });
}

/** An autoscaler that a version does not have would take back the number that the version has. */
async function deleteDropped(
  kubectl: Kubectl,
  { name }: Plan,
  wanted: readonly ClusterObject[],
  report: Report,
): Promise<void> {
  const there = await kubectl.run([
    'get',
    'horizontalpodautoscalers.autoscaling',
    '--selector',
    `${INSTANCE}=${name}`,
    '--output',
    'json',
  ]);
  await deleteObjects(kubectl, leftOver(objectsIn(there), wanted, markOf(name, wanted)), report);
}

/**
 * What was applied last of the Deployments whose number an autoscaler says from now on, without that number. An apply takes away what the
 * one before has put there, and one pod would be left.
 */
export function withoutReplicas(
  wanted: readonly ClusterObject[],
  live: readonly Pick<Deployment, 'metadata'>[],
): ClusterObject[] {
  const free = wanted.filter(({ kind, spec }) => kind === 'Deployment' && !hasReplicas(spec));
  return free.flatMap(({ metadata: { name } }) => {
    const text = live.find(({ metadata }) => metadata.name === name)?.metadata.annotations?.[LAST_APPLIED];
    const applied = text === undefined ? undefined : (JSON.parse(text) as ClusterObject);
    if (applied === undefined || !hasReplicas(applied['spec'])) return [];
    const { replicas: _, ...spec } = applied['spec'] as { readonly replicas?: unknown };
    return [{ ...applied, spec }];
  });
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function hasReplicas(spec: unknown): boolean {
  return (spec as { readonly replicas?: unknown } | undefined)?.replicas !== undefined;
}
