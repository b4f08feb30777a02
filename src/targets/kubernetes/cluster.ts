import { App, Chart } from 'cdk8s';
import { affinity, type AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import { timeoutsOf, type Timeouts } from '../../model/timeouts.js';
import { contextOf, type Context } from '../context.js';
import type { SynthesizeOptions } from '../target.js';

/** A stack on its way to a cluster. */
export interface Cluster extends Context {
  readonly namespace: string;
  /** Where objects of the namespace are made. */
  readonly chart: Chart;
  /** Where objects that belong to no namespace are made. */
  readonly clusterWide: Chart;
}

export function clusterOf(stack: Stack, options: SynthesizeOptions): Cluster {
  const context = contextOf(stack, 'kubernetes', 'uvicorn', options);
  const namespace = stack.namespace.name ?? context.name;
  const app = new App();
  return {
    ...context,
    namespace,
    chart: new Chart(app, context.name, { namespace, disableResourceNameHashes: true }),
    clusterWide: new Chart(app, 'cluster-wide', { disableResourceNameHashes: true }),
  };
}

/** Whether an nginx of ours takes the requests of a stack. */
export function hasNginx({ edge }: Stack): boolean {
  return edge === 'nginx';
}

/** Whether the cluster's own Ingress or Gateway leads to a stack: to its nginx where it has one, else to its apps. */
export function hasRoutes({ edge, ingress, gateway }: Stack): boolean {
  return edge === 'nginx' ? (ingress ?? gateway) !== undefined : edge !== 'none';
}

/** Whether a Service itself keeps the clients of an app at one pod: it sees their addresses where no edge is in front of it. */
export function hasAddressAffinity(app: AsgiApp, { edge }: Stack): boolean {
  return edge === 'none' && affinity(app) === 'address';
}

/** Seconds until kube-proxy and the cluster's own edge have let go of a pod that is about to stop. */
export const ENDPOINT_DRAIN = 10;

/**
 * Seconds until an nginx of ours has let go of one. It finds pods through DNS, and although it asks each second, CoreDNS as most
 * clusters run it (`ttl 30`, `cache 30`) and NodeLocal DNSCache answer from memory for 30 s. An update does not wait for it: a
 * Deployment goes on while old pods stop.
 */
export const DNS_DRAIN = 35;

export function clusterTimeouts(app: AsgiApp, stack: Stack): Timeouts {
  return timeoutsOf(app, { drain: hasNginx(stack) ? DNS_DRAIN : ENDPOINT_DRAIN });
}
