import type { Container, ContainerPort, ResourceRequirements, VolumeMount } from 'kubernetes-types/core/v1.js';
import { EDGE_LEAVING, MOUNTS } from '../containers.js';
import { EDGE_PORT, EDGE_STATUS_PORT } from '../edge.js';
import { LOGS, pullPolicy } from './pod.js';
import { CONTAINER_SECURITY } from './workload.js';

/** How one nginx of ours differs from another. */
interface NginxContainer {
  readonly image: string;
  /** Seconds for which balancers may still send requests to a container that is to stop. */
  readonly drain: number;
  /** Ports beside those of HTTP and of its own state. */
  readonly ports?: readonly ContainerPort[];
  readonly resources: Required<Pick<ResourceRequirements, 'requests' | 'limits'>>;
  /** What is mounted beside its configuration. */
  readonly mounts?: readonly VolumeMount[];
}

/** The container of an nginx of ours, with the configuration of the volume `config` and a temporary folder of the volume `tmp`. */
export function nginxContainer({ image, drain, ports = [], resources, mounts = [] }: NginxContainer): Container {
  return {
    name: 'nginx',
    image,
    imagePullPolicy: pullPolicy(image),
    command: ['sh', `${MOUNTS}/nginx/start.sh`],
    ports: [
      { name: 'http', containerPort: EDGE_PORT, protocol: 'TCP' },
      ...ports,
      { name: 'status', containerPort: EDGE_STATUS_PORT, protocol: 'TCP' },
    ],
    startupProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 30 },
    readinessProbe: {
      httpGet: { path: '/healthz', port: 'status' },
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    // nginx replaces its own workers: what is left to find is a master that listens no more.
    livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // While balancers still send requests here, clients that keep their connections learn that these go.
    lifecycle: { preStop: { exec: { command: ['sh', '-c', `: >${EDGE_LEAVING}; exec sleep ${drain}`] } } },
    resources: {
      requests: { ...resources.requests, ...LOGS.requests },
      limits: { ...resources.limits, ...LOGS.limits },
    },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'config', mountPath: `${MOUNTS}/nginx`, readOnly: true },
      ...mounts,
    ],
  };
}
