import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import type { Volume } from '../../model/volume.js';
import type { Cluster } from './cluster.js';
import { emit, type KubernetesObject } from './objects.js';
import { workload } from './workload.js';

/** The storage that a cluster is asked for. */
export function volumeObjects(volume: Volume, cluster: Cluster): KubernetesObject[] {
  const { name, labels } = workload(volume.node.id, 'storage', cluster);
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels },
    spec: {
      accessModes: [volume.shared ? 'ReadWriteMany' : 'ReadWriteOnce'],
      ...(volume.storageClass === undefined ? {} : { storageClassName: volume.storageClass }),
      resources: { requests: { storage: volume.size } },
    },
  } satisfies PersistentVolumeClaim;
  return emit(volume, cluster, [claim]);
}
