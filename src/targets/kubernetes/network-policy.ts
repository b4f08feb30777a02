import { isIP } from 'node:net';
import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
} from 'kubernetes-types/networking/v1.js';
import type { AsgiApp } from '../../model/app.js';
import type { DataStore } from '../../model/data-store.js';
import type { NetworkPeer } from '../../model/stack-props.js';
import { storesOf, tasksOf, withStatic } from '../../model/tree.js';
import type { Task } from '../../model/task.js';
import { EDGE_PORT, EDGE_TLS_PORT } from '../edge.js';
import { STATIC_PEERS_PORT } from '../statics.js';
import { endsTls } from './certificate.js';
import { hasNginx, type Cluster } from './cluster.js';
import type { KubernetesObject } from './objects.js';
import { stackSelector, workload, type Workload } from './workload.js';

/** Who may reach an app, and whom it may reach. */
export function appNetworkPolicy(app: AsgiApp, own: Workload, cluster: Cluster): KubernetesObject {
  return networkPolicy(own, {
    ingress: fromOutside(app.port, cluster, app.metrics?.from),
    egress: appEgress(app, cluster),
  });
}

/** Nobody may reach what runs beside an app; it may reach what the app may. */
export function taskNetworkPolicy({ app }: Task, own: Workload, cluster: Cluster): KubernetesObject {
  return networkPolicy(own, { ingress: [], egress: appEgress(app, cluster) });
}

/** Everybody may reach the nginx of a stack, and nginx the apps. */
export function nginxNetworkPolicy(own: Workload, cluster: Cluster): KubernetesObject {
  const statics = withStatic(cluster.stack).length > 0 ? [EDGE_PORT] : [];
  const ports = [...new Set([...cluster.stack.apps.map(({ port }) => port), ...statics])].toSorted((a, b) => a - b);
  return networkPolicy(own, {
    ingress: [{ ports: tcp([EDGE_PORT, ...(endsTls(cluster.stack) ? [EDGE_TLS_PORT] : [])]) }],
    egress: [DNS, { to: [{ podSelector: stackSelector(cluster) }], ports: tcp(ports) }],
  });
}

/** Whoever may reach an app may have its files; those who have them may ask each other. */
export function staticNetworkPolicy(own: Workload, cluster: Cluster): KubernetesObject {
  const peers = [{ podSelector: own.selector }];
  return networkPolicy(own, {
    ingress: [...fromOutside(EDGE_PORT, cluster), { from: peers, ports: tcp([STATIC_PEERS_PORT]) }],
    egress: [DNS, { to: peers, ports: tcp([STATIC_PEERS_PORT]) }],
  });
}

/** The apps that use a database may reach it, with what runs beside them, and nobody else; it reaches nobody. */
export function databaseNetworkPolicy(
  own: Workload,
  port: number,
  apps: readonly AsgiApp[],
  cluster: Cluster,
): KubernetesObject {
  const tasks = tasksOf(cluster.stack).filter(({ app }) => apps.includes(app));
  const from = [
    ...apps.map(({ node }) => workload(node.id, 'app', cluster)),
    ...tasks.map(({ node }) => workload(node.id, 'task', cluster)),
  ].map(({ selector }) => ({ podSelector: selector }));
  return networkPolicy(own, { ingress: from.length === 0 ? [] : [{ from, ports: tcp([port]) }], egress: [] });
}

function networkPolicy(
  { name, labels, selector }: Workload,
  { ingress, egress }: { ingress: NetworkPolicyIngressRule[]; egress: NetworkPolicyEgressRule[] },
): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels },
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress', 'Egress'],
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress.length === 0 ? {} : { egress }),
    },
  } satisfies NetworkPolicy;
}

function fromOutside(
  port: number,
  cluster: Cluster,
  scrapers: readonly NetworkPeer[] = [],
): NetworkPolicyIngressRule[] {
  const { allowFrom } = cluster.stack;
  const nginx = hasNginx(cluster.stack);
  // Where the cluster's own edge runs is not known, so without allowFrom nobody can be left out.
  if (allowFrom === undefined && !nginx) return [{ ports: tcp([port]) }];
  const callers = [...(allowFrom ?? []), ...scrapers];
  return [
    ...(nginx ? [{ from: [{ podSelector: workload('nginx', 'edge', cluster).selector }], ports: tcp([port]) }] : []),
    ...callers.map((peer) => ({ from: [policyPeer(peer)], ports: tcp(peer.ports ?? [port]) })),
  ];
}

function appEgress(app: AsgiApp, cluster: Cluster): NetworkPolicyEgressRule[] {
  const { allowTo } = cluster.stack;
  if (allowTo === undefined) return [{}];
  return [
    DNS,
    ...storesOf(app).map((store) => toStore(store, cluster)),
    ...toCollector(app),
    ...allowTo.map((peer) => ({
      to: [policyPeer(peer)],
      ...(peer.ports === undefined ? {} : { ports: tcp(peer.ports) }),
    })),
  ];
}

/** A database of somebody else may be at any address: a policy knows no names. */
function toStore({ node, host, port }: DataStore, cluster: Cluster): NetworkPolicyEgressRule {
  const to =
    host === undefined ? [{ podSelector: workload(node.id, 'database', cluster).selector }] : addressPeers(host);
  return { ...(to.length === 0 ? {} : { to }), ports: tcp([port]) };
}

/** Nor of the collector of telemetry. */
function toCollector({ otel }: AsgiApp): NetworkPolicyEgressRule[] {
  if (otel === undefined) return [];
  const { hostname, port, protocol } = new URL(otel.endpoint);
  const to = addressPeers(hostname.replace(/^\[(.*)\]$/, '$1'));
  const standard = protocol === 'https:' ? 443 : 80;
  return [{ ...(to.length === 0 ? {} : { to }), ports: tcp([port === '' ? standard : Number(port)]) }];
}

function addressPeers(host: string): NetworkPolicyPeer[] {
  return isIP(host) === 0 ? [] : [{ ipBlock: { cidr: withPrefix(host) } }];
}

/** To any address: NodeLocal DNSCache, for one, is no pod. */
const DNS: NetworkPolicyEgressRule = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function policyPeer({ cidr, namespace, pods }: NetworkPeer): NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr: withPrefix(cidr) } };
  return {
    ...(namespace === undefined
      ? {}
      : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }),
    ...(pods === undefined ? {} : { podSelector: { matchLabels: { ...pods } } }),
  };
}

/** Kubernetes takes ranges only, `10.0.0.5/32` for a single address. */
function withPrefix(cidr: string): string {
  return isIP(cidr) === 0 ? cidr : `${cidr}/${isIP(cidr) === 4 ? 32 : 128}`;
}

function tcp(ports: readonly number[]): { protocol: string; port: number }[] {
  return ports.map((port) => ({ protocol: 'TCP', port }));
}
