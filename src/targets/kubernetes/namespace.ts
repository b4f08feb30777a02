import type { Namespace } from 'kubernetes-types/core/v1.js';
import type { Cluster } from './cluster.js';
import { emit, type KubernetesObject } from './objects.js';
import { labels } from './workload.js';

/** The namespace of a stack, which lets in no pod that asks for more than it needs. */
export function namespaceObjects(cluster: Cluster): KubernetesObject[] {
  const { stack, namespace } = cluster;
  if (stack.namespace.create === false) return [];
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { ...labels('namespace', cluster), ...RESTRICTED } },
  } satisfies Namespace;
  return emit(stack, cluster, [object]);
}

const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/audit-version': 'latest',
  'pod-security.kubernetes.io/warn': 'restricted',
  'pod-security.kubernetes.io/warn-version': 'latest',
};
