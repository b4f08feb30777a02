import { longestRequest } from '../../model/app.js';
import { proxyRead } from '../../model/timeouts.js';
import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { EDGE_LEAVING } from '../containers.js';
import { thirdPartyImage } from '../context.js';
import { EDGE_SECRETS, EDGE_STATUS_PORT, EDGE_TLS_PORT, edgeConfig, edgeShutdown } from '../edge.js';
import { CERTIFICATE_KEYS, certificateVolume, endsTls, ingressTls } from './certificate.js';
import { clusterTimeouts, ENDPOINT_DRAIN, hasRoutes, type Cluster } from './cluster.js';
import { nginxNetworkPolicy } from './network-policy.js';
import { nginxContainer } from './nginx-container.js';
import { RESOLVER, startScript } from './nginx-start.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { temporary } from './pod.js';
import { cores, size } from './quantity.js';
import { routes } from './routes.js';
import { HTTP, HTTPS, podsHost, service } from './service.js';
import {
  deployment,
  disruptionBudget,
  podBasics,
  serviceAccount,
  spread,
  workload,
  type Workload,
} from './workload.js';

/** An nginx of ours in front of the apps. */
export function nginxObjects(cluster: Cluster): KubernetesObject[] {
  const { stack } = cluster;
  const own = workload('nginx', 'edge', cluster);
  const config = emit(stack, cluster, [nginxConfigMap(own, cluster)]).map(namedByContent);
  return [
    ...config,
    ...emit(stack, cluster, [
      serviceAccount(own),
      deployment(own, {
        replicas: NGINX_PODS,
        progressDeadlineSeconds: 180,
        pod: nginxPod(own, cluster, config[0]?.metadata.name ?? own.name),
      }),
      nginxService(own, cluster),
      disruptionBudget(own, 1),
      nginxNetworkPolicy(own, cluster),
      ...nginxRoutes(own, cluster),
    ]),
  ];
}

function nginxConfigMap(own: Workload, cluster: Cluster): KubernetesObject {
  return configMap(own, { 'nginx.conf': nginxConf(cluster), 'start.sh': startScript(EDGE_LEAVING) });
}

function nginxConf(cluster: Cluster): string {
  return edgeConfig(
    cluster.stack,
    {
      resolver: { file: RESOLVER },
      // Asked by the kubelet, at the pod's own address.
      status: String(EDGE_STATUS_PORT),
      hostOf: (id) => podsHost(id, cluster),
      timeoutsOf: (app) => clusterTimeouts(app, cluster.stack),
      leaving: EDGE_LEAVING,
      isProcessAddress: true,
      tls: endsTls(cluster.stack) ? CERTIFICATE_KEYS : undefined,
    },
    [],
  );
}

function nginxPod(own: Workload, cluster: Cluster, config: string): PodSpec {
  const drain = nginxDrain(cluster);
  return {
    ...podBasics(own, cluster),
    ...spread(own),
    terminationGracePeriodSeconds: drain + edgeShutdown(cluster.stack) + 5,
    containers: [edgeContainer(cluster, drain)],
    volumes: [
      temporary(TEMPORARY),
      { name: 'config', configMap: { name: config } },
      ...(endsTls(cluster.stack) ? [certificateVolume(cluster)] : []),
    ],
  };
}

const TEMPORARY = 128 * 2 ** 20;

export const NGINX_PODS = 2;

/** Cores and bytes that one nginx may take. */
export const NGINX_LIMITS = { cpu: 2, memory: TEMPORARY + 128 * 2 ** 20 };

/** Balancers of clouds look every 5 to 10 s whether a node still has a pod, and believe the second answer. */
const BALANCER_DRAIN = 30;

function nginxDrain({ stack }: Cluster): number {
  return hasRoutes(stack) ? ENDPOINT_DRAIN : BALANCER_DRAIN;
}

function edgeContainer(cluster: Cluster, drain: number): Container {
  const hasTls = endsTls(cluster.stack);
  return nginxContainer({
    image: thirdPartyImage('nginx', cluster),
    drain,
    ports: hasTls ? [{ name: 'https', containerPort: EDGE_TLS_PORT, protocol: 'TCP' }] : [],
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: cores(NGINX_LIMITS.cpu), memory: size(NGINX_LIMITS.memory) },
    },
    mounts: hasTls ? [{ name: 'certificate', mountPath: EDGE_SECRETS, readOnly: true }] : [],
  });
}

/** Behind the cluster's own edge, or with an address of its own that shows who the client is. */
function nginxService(own: Workload, { stack }: Cluster): KubernetesObject {
  if (hasRoutes(stack)) return service(own, { type: 'ClusterIP', ports: [{ ...HTTP, port: 80 }] });
  return service(own, {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    ports: [
      { ...HTTP, port: stack.httpPort.port },
      ...(endsTls(stack) ? [{ ...HTTPS, port: stack.httpsPort.port }] : []),
    ],
  });
}

function nginxRoutes(own: Workload, cluster: Cluster): KubernetesObject[] {
  const { stack } = cluster;
  if (!hasRoutes(stack)) return [];
  const hosts = [...new Set([...stack.apps.flatMap((app) => app.hosts), ...Object.keys(stack.redirects)])];
  return routes(stack, {
    ...own,
    hosts,
    https: ingressTls({ hosts, isFirst: true }, cluster),
    anyHost: stack.apps.some(({ hosts }) => hosts.length === 0),
    prefix: '/',
    requestSeconds: proxyRead(Math.max(...stack.apps.map(longestRequest))),
  });
}
