import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import type { Database } from '../../model/database.js';
import { appsUsing } from '../../model/tree.js';
import { DATABASE_HEALTH, DATABASE_STARTUP, DATABASE_STOP_GRACE, databaseContainer } from '../databases.js';
import type { Cluster } from './cluster.js';
import { verbatim } from './expansion.js';
import { databaseNetworkPolicy } from './network-policy.js';
import { emit, type KubernetesObject } from './objects.js';
import { pullPolicy, resources, secretVolumes } from './pod.js';
import { size } from './quantity.js';
import { service } from './service.js';
import {
  CONTAINER_SECURITY,
  objectName,
  placement,
  podBasics,
  serviceAccount,
  workload,
  type Workload,
} from './workload.js';

const PORT = 'database';

/** Everything that a database is in a cluster; its volume is a file of its own. */
export function databaseObjects(database: Database, cluster: Cluster): KubernetesObject[] {
  const own = workload(database.node.id, 'database', cluster);
  const { port } = database;
  return emit(database, cluster, [
    serviceAccount(own),
    onlyOne(own, databasePod(database, own, cluster)),
    // Its address outlives the pod: after a restart nobody asks an old answer of DNS.
    service(own, { type: 'ClusterIP', ports: [{ name: PORT, port, targetPort: PORT, protocol: 'TCP' }] }),
    databaseNetworkPolicy(own, port, appsUsing(database, cluster.stack), cluster),
  ]);
}

/**
 * A Deployment rather than a StatefulSet, whose claim would be named by Kubernetes and stay behind when the stack is deleted; the volume
 * is a claim of ours as any other. `Recreate` ends the old pod before the new one starts; where Kubernetes does not, as after a pod was
 * deleted by hand, the new server waits at the lock of the volume.
 */
function onlyOne({ name, labels, selector }: Workload, pod: PodSpec): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: DATABASE_STARTUP + 180,
      strategy: { type: 'Recreate' },
      selector,
      template: { metadata: { labels }, spec: pod },
    },
  } satisfies Deployment;
}

function databasePod(database: Database, own: Workload, cluster: Cluster): PodSpec {
  const { user, temporary } = databaseContainer(database, cluster);
  const basics = podBasics(own, cluster);
  const { password, volume } = database;
  return {
    ...basics,
    ...placement(database),
    securityContext: { ...basics.securityContext, runAsUser: user, runAsGroup: user, fsGroup: user },
    terminationGracePeriodSeconds: DATABASE_STOP_GRACE,
    containers: [container(database, cluster)],
    volumes: [
      ...Object.entries(temporary).map(([path, bytes]) => ({
        name: volumeName(path),
        emptyDir: { medium: 'Memory', sizeLimit: size(bytes) },
      })),
      ...secretVolumes([password], cluster),
      { name: 'data', persistentVolumeClaim: { claimName: objectName(volume.node.id, cluster) } },
    ],
  };
}

function container(database: Database, cluster: Cluster): Container {
  const { image, entrypoint, command, environment, data, temporary, health } = databaseContainer(database, cluster);
  const { port } = database;
  const probe = { exec: { command: health.map(verbatim) }, timeoutSeconds: DATABASE_HEALTH.timeout };
  return {
    name: database.node.id,
    image,
    imagePullPolicy: pullPolicy(image),
    command: entrypoint.map(verbatim),
    args: command.map(verbatim),
    ...variables(environment),
    ports: [{ name: PORT, containerPort: port, protocol: 'TCP' }],
    startupProbe: { ...probe, periodSeconds: 2, failureThreshold: DATABASE_STARTUP / 2 },
    readinessProbe: { ...probe, periodSeconds: DATABASE_HEALTH.interval, failureThreshold: 3 },
    livenessProbe: { tcpSocket: { port: PORT }, timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 6 },
    resources: resources(database),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      ...Object.keys(temporary).map((mountPath) => ({ name: volumeName(mountPath), mountPath })),
      { name: 'secrets', mountPath: '/run/secrets', readOnly: true },
      { name: 'data', mountPath: data },
    ],
  };
}

/** The API server drops an empty list, and every apply would put it back. */
function variables(environment: Readonly<Record<string, string>>): Pick<Container, 'env'> {
  const env = Object.entries(environment).map(([name, value]) => ({ name, value: verbatim(value) }));
  return env.length === 0 ? {} : { env };
}

function volumeName(path: string): string {
  return path.slice(1).replaceAll('/', '-');
}
