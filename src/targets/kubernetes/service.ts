import type { Service } from 'kubernetes-types/core/v1.js';
import type { KubernetesObject } from './objects.js';
import type { Cluster } from './cluster.js';
import { objectName, type Workload } from './workload.js';

/** The port of a Service that leads to the port named `http` of its pods. */
export const HTTP = { name: 'http', targetPort: 'http', protocol: 'TCP', appProtocol: 'http' } as const;

/** The same for HTTPS. */
export const HTTPS = { name: 'https', targetPort: 'https', protocol: 'TCP', appProtocol: 'https' } as const;

/** A name, and mostly an address, under which pods are reached. */
export function service({ name, labels, selector }: Workload, spec: Service['spec']): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: { ...spec, selector: selector.matchLabels ?? {} },
  } satisfies Service;
}

/** Host name that has the address of every ready pod of a workload. */
export function podsHost(id: string, cluster: Cluster): string {
  return `${podsName({ name: objectName(id, cluster) })}.${cluster.namespace}.svc.cluster.local`;
}

/** Name of the Service whose DNS name has the address of every ready pod. */
export function podsName({ name }: Pick<Workload, 'name'>): string {
  return `${name}-pods`;
}
