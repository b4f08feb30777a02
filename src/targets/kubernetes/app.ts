import { HEALTH_SCRIPT, START_SCRIPT } from '../../formats/python.js';
import type { AsgiApp } from '../../model/app.js';
import { staticId } from '../../model/tree.js';
import { proxyRead } from '../../model/timeouts.js';
import { loggingFiles } from '../observability.js';
import { staticPath } from '../statics.js';
import { autoscaler } from './autoscaler.js';
import { ingressTls } from './certificate.js';
import { clusterTimeouts, hasAddressAffinity, hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { appNetworkPolicy } from './network-policy.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { appPod, isBoundToNode, usesHealthScript, usesStartScript } from './pod.js';
import { startDeadline } from './probes.js';
import { routes } from './routes.js';
import { HTTP, podsName, service } from './service.js';
import { deployment, disruptionBudget, objectName, serviceAccount, workload, type Workload } from './workload.js';

/** Everything that an app is in a cluster. */
export function appObjects(app: AsgiApp, cluster: Cluster): KubernetesObject[] {
  const own = workload(app.node.id, 'app', cluster);
  const scripts = emit(app, cluster, scriptConfigs(app, own)).map(namedByContent);
  return [
    ...scripts,
    ...emit(app, cluster, [
      serviceAccount(own, app.annotations),
      deployment(own, {
        replicas: app.scaling === undefined ? app.processes : undefined,
        progressDeadlineSeconds: startDeadline(app),
        annotations: scrapeAnnotations(app),
        pod: appPod(app, cluster, scripts[0]?.metadata.name),
      }),
      ...(app.scaling === undefined ? [] : [autoscaler(app, app.scaling, own)]),
      ...services(app, own, cluster),
      // Pods that share a node can only leave it together, so a budget of one would block its drain for ever.
      disruptionBudget(own, isBoundToNode(app) ? '100%' : 1),
      appNetworkPolicy(app, own, cluster),
      ...appRoutes(app, own, cluster),
    ]),
  ];
}

/**
 * How the usual configuration of Prometheus finds pods. A ServiceMonitor would say more, but is a resource of the Prometheus Operator, and
 * a cluster without it refuses the whole apply.
 */
function scrapeAnnotations({ metrics, port }: AsgiApp): Record<string, string> {
  if (metrics === undefined) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(port),
    'prometheus.io/path': metrics.path,
  };
}

function scriptConfigs(app: AsgiApp, own: Workload): KubernetesObject[] {
  const scripts = {
    ...(usesHealthScript(app) ? { 'health.py': HEALTH_SCRIPT } : {}),
    ...(usesStartScript(app) ? { 'start.py': START_SCRIPT } : {}),
    ...loggingFiles(app),
  };
  return Object.keys(scripts).length === 0 ? [] : [configMap(own, scripts)];
}

function services(app: AsgiApp, own: Workload, { stack }: Cluster): KubernetesObject[] {
  return [
    service(own, {
      type: 'ClusterIP',
      ...(hasAddressAffinity(app, stack) ? { sessionAffinity: 'ClientIP' } : {}),
      ports: [{ ...HTTP, port: 80 }],
    }),
    // Its name stands for the pods themselves: nginx balances requests over them, where a Service would balance connections.
    ...(hasNginx(stack)
      ? [service({ ...own, name: podsName(own) }, { clusterIP: 'None', ports: [{ ...HTTP, port: app.port }] })]
      : []),
  ];
}

function appRoutes(app: AsgiApp, own: Workload, cluster: Cluster): KubernetesObject[] {
  const { stack } = cluster;
  if (hasNginx(stack) || !hasRoutes(stack)) return [];
  return routes(stack, {
    ...own,
    hosts: app.hosts,
    anyHost: app.hosts.length === 0,
    prefix: app.pathPrefix,
    requestSeconds: clusterTimeouts(app, stack).proxyRead,
    limits: app.routes.map(({ path, requestTimeout }) => ({ path, requestSeconds: proxyRead(requestTimeout) })),
    others: app.static.map(({ path }) => ({ path: staticPath(app, path), name: objectName(staticId(app), cluster) })),
    headers: app.responseHeaders,
    https: ingressTls({ hosts: app.hosts, isFirst: stack.apps[0] === app }, cluster),
  });
}
