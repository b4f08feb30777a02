import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import type { AsgiApp } from '../../model/app.js';
import { staticId } from '../../model/tree.js';
import { EDGE_LEAVING } from '../containers.js';
import { EDGE_PORT, EDGE_STATUS_PORT } from '../edge.js';
import {
  STATIC_CPU,
  STATIC_MEMORY,
  STATIC_OVERLAP,
  STATIC_PEERS_PORT,
  STATIC_REPLICAS,
  STATIC_SHUTDOWN,
  STATIC_TEMPORARY,
  staticConfig,
  staticImage,
} from '../statics.js';
import { DNS_DRAIN, ENDPOINT_DRAIN, hasNginx, type Cluster } from './cluster.js';
import { staticNetworkPolicy } from './network-policy.js';
import { nginxContainer } from './nginx-container.js';
import { RESOLVER, startScript } from './nginx-start.js';
import { configMap, emitUnpatched, namedByContent, type KubernetesObject } from './objects.js';
import { temporary } from './pod.js';
import { cores, size } from './quantity.js';
import { HTTP, podsHost, podsName, service } from './service.js';
import {
  deployment,
  disruptionBudget,
  placement,
  podBasics,
  serviceAccount,
  spread,
  workload,
  type Workload,
} from './workload.js';

/** An nginx with the static files of an app, to which every edge leads alike. Patches of the app are not for it. */
export function staticObjects(app: AsgiApp, cluster: Cluster): KubernetesObject[] {
  const own = workload(staticId(app), 'static', cluster);
  const texts = { 'nginx.conf': configText(app, cluster), 'start.sh': startScript(EDGE_LEAVING) };
  const config = emitUnpatched(app, cluster, [configMap(own, texts)]).map(namedByContent);
  return [
    ...config,
    ...emitUnpatched(app, cluster, [
      serviceAccount(own),
      deployment(own, {
        replicas: STATIC_REPLICAS,
        progressDeadlineSeconds: 180,
        // The last pod of the old version stays for that long, for pages that ask for its files.
        minReadySeconds: STATIC_OVERLAP,
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
        pod: pod(app, own, cluster, config[0]?.metadata.name ?? own.name),
      }),
      service(own, { type: 'ClusterIP', ports: [{ ...HTTP, port: 80 }] }),
      // By this one pods find each other, and nginx of ours all of them.
      service({ ...own, name: podsName(own) }, { clusterIP: 'None', ports: [{ ...HTTP, port: EDGE_PORT }] }),
      disruptionBudget(own, 1),
      staticNetworkPolicy(own, cluster),
    ]),
  ];
}

function configText(app: AsgiApp, cluster: Cluster): string {
  return staticConfig(app, {
    header: [],
    peers: podsHost(staticId(app), cluster),
    status: String(EDGE_STATUS_PORT),
    resolver: { file: RESOLVER },
  });
}

function pod(app: AsgiApp, own: Workload, cluster: Cluster, config: string): PodSpec {
  const drain = hasNginx(cluster.stack) ? DNS_DRAIN : ENDPOINT_DRAIN;
  return {
    ...podBasics(own, cluster),
    ...placement(app),
    ...spread(own),
    terminationGracePeriodSeconds: drain + STATIC_SHUTDOWN + 5,
    containers: [container(app, cluster, drain)],
    volumes: [temporary(STATIC_TEMPORARY), { name: 'config', configMap: { name: config } }],
  };
}

function container(app: AsgiApp, cluster: Cluster, drain: number): Container {
  return nginxContainer({
    image: staticImage(app, cluster),
    drain,
    ports: [{ name: 'peers', containerPort: STATIC_PEERS_PORT, protocol: 'TCP' }],
    resources: {
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { cpu: cores(STATIC_CPU), memory: size(STATIC_MEMORY) },
    },
  });
}
