import type { Secret } from '../../model/secret.js';
import type { Cluster } from './cluster.js';
import { objectName } from './workload.js';

/** Name of the Secret that holds a value, under a key named as its id. Its operator makes it; no file here does. */
export function secretName({ external, node }: Secret, cluster: Cluster): string {
  return external ?? storedSecretName(node.id, cluster);
}

/** The same by the id of one that is not external. */
export function storedSecretName(id: string, cluster: Pick<Cluster, 'name'>): string {
  return objectName(id.replaceAll('_', '-'), cluster);
}
