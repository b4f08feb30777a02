import { code, markdownPage, type MarkdownSection } from '../../formats/markdown.js';
import { processCount } from '../../model/scaling.js';
import { volumesOf } from '../../model/tree.js';
import { jobTable, processTable, scheduleTable, workerTable } from '../readme.js';
import { staticTable } from '../readme-static.js';
import { endsTls, hasIngressTls } from './certificate.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import { certificate } from './readme-certificate.js';
import { metrics } from './readme-metrics.js';
import { whenItFails } from './readme-failures.js';
import { databases, deploy, jobs, look, prune, remove, rollBack } from './readme-operation.js';
import { placementNeeds } from './readme-placement.js';
import { scale } from './readme-scale.js';
import { build, credentials, secrets } from './readme-setup.js';

/** The operator's page: what to run, and what to look at when it fails. */
export function readme(cluster: Cluster): string {
  const { name, header } = cluster;
  const made = header.map((line, index) => (index === 0 ? line : code(line.trim()))).join(' ');
  return markdownPage(`${name} on Kubernetes`, [
    [
      '',
      made,
      introduction(cluster),
      processTable(cluster, processCount),
      ...staticTable(
        cluster,
        'With `synth deploy` the new files come before the new app, and the last of the old ones go after the last pod of the old app; with kubectl alone they go a minute after the first new pod is ready. A page that stays open and asks for an old file then gets 404.',
      ),
      ...workerTable(cluster),
      ...jobTable(cluster),
      ...scheduleTable(
        cluster,
        'Each is a CronJob; the last three Jobs that were done and the last three that failed stay with their logs.',
      ),
    ],
    needs(cluster),
    ...build(cluster),
    ...credentials(cluster),
    ...secrets(cluster),
    ...jobs(cluster),
    deploy(cluster),
    ...certificate(cluster),
    ...databases(cluster),
    ...metrics(cluster),
    look(cluster),
    whenItFails(cluster),
    scale(cluster),
    rollBack(cluster),
    prune(cluster),
    remove(cluster),
    notNative(cluster),
  ]);
}

function introduction(cluster: Cluster): string {
  return `Each replica is one pod with one Uvicorn process; a Deployment replicates, restarts and replaces them. ${edge(cluster)} Everything is in the namespace ${code(cluster.namespace)}.`;
}

function edge({ stack, name }: Cluster): string {
  const front = stack.gateway ? `HTTPRoutes at the Gateway ${code(stack.gateway.name)} lead` : 'An Ingress leads';
  if (hasNginx(stack) && hasRoutes(stack)) return `${front} to two nginx, which balance requests over all ready pods.`;
  if (hasNginx(stack))
    return `Two nginx take requests on port ${stack.httpPort.port}${endsTls(stack) ? `, over HTTPS on port ${stack.httpsPort.port},` : ''} of a load balancer, and balance them over all ready pods.`;
  if (hasRoutes(stack)) return `${front} to them.`;
  return `There is no edge: inside the cluster the app ${code(stack.apps[0]!.node.id)} is ${code(`http://${name}-${stack.apps[0]!.node.id}`)}.`;
}

function needs(cluster: Cluster): MarkdownSection {
  const { stack } = cluster;
  const items = [
    'Kubernetes 1.34 or newer, and `kubectl`; commands run in this folder.',
    ...(hasRoutes(stack) ? [routeNeed(stack)] : []),
    ...(stack.tls?.source.kind === 'issued' && hasIngressTls(stack)
      ? [
          `cert-manager, and its ${stack.tls.source.by === 'issuer' ? 'Issuer' : 'ClusterIssuer'} ${code(stack.tls.source.name)}.`,
        ]
      : []),
    ...(hasNginx(stack) ? ['The cluster domain `cluster.local`, by which nginx finds the pods.'] : []),
    ...(hasNginx(stack) && !hasRoutes(stack)
      ? ['Something that gives addresses to Services of type LoadBalancer: a cloud, or MetalLB.']
      : []),
    ...(stack.apps.some(({ scaling }) => scaling !== undefined)
      ? [
          'The metrics API, by which pods are counted in and out: `kubectl top pods`. Most clusters have a metrics-server.',
        ]
      : []),
    ...placementNeeds(cluster),
    ...(volumesOf(stack).length > 0 ? ['StorageClasses that provide the volumes: `kubectl get storageclasses`.'] : []),
  ];
  return ['What it needs', { list: items }];
}

function routeNeed({ gateway, ingress }: Cluster['stack']): string {
  if (gateway) {
    const place =
      gateway.namespace === undefined
        ? ''
        : ` in namespace ${code(gateway.namespace)}, whose listeners let in routes of other namespaces`;
    return `Gateway API 1.4 or newer, and the Gateway ${code(gateway.name)}${place}.`;
  }
  return `A controller for the IngressClass ${ingress?.className === undefined ? 'that is the default of the cluster' : code(ingress.className)}.`;
}

function notNative({ stack }: Cluster): MarkdownSection {
  const plain = hasRoutes(stack) && !hasNginx(stack);
  return [
    'What Kubernetes does not do',
    {
      list: [
        'It does not go back by itself from a version that fails: the old pods serve until somebody does.',
        'It restarts no pod for a changed Secret.',
        'NetworkPolicies hold only where the network of the cluster enforces them.',
        'Limits for processes and for the size of logs are settings of the kubelet, not of a pod.',
        ...(plain ? ['Limits for bodies, and what is answered to a foreign Host, are up to the controller.'] : []),
        ...(hasRoutes(stack) && stack.tls !== undefined
          ? ['Whether HTTP is sent to HTTPS, and HSTS, are settings of the controller.']
          : []),
        ...(plain && !stack.gateway ? ['So are timeouts and the stripping of a prefix.'] : []),
        ...(hasNginx(stack) && hasRoutes(stack) && stack.trustedProxies.length === 0
          ? ['nginx takes the edge of the cluster for the client, since `trustedProxies` does not name its addresses.']
          : []),
      ],
    },
  ];
}
