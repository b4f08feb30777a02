import type { Ingress, IngressRule } from 'kubernetes-types/networking/v1.js';
import type { GatewayProps, IngressProps } from '../../model/stack-props.js';
import type { Stack } from '../../model/stack.js';
import type { Tls } from '../../model/tls.js';
import type { IngressTls } from './certificate.js';
import { hasNginx, hasRoutes, type Cluster } from './cluster.js';
import type { KubernetesObject } from './objects.js';
import { labels, objectName } from './workload.js';

/** A way from the cluster's own edge to a Service. */
export interface Route {
  /** Name of the route and of its Service. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Whether requests for other hosts are let in as well. */
  readonly anyHost: boolean;
  readonly prefix: string;
  readonly requestSeconds: number;
  /**
   * Other limits for a path behind the prefix and what is below it. An Ingress cannot have them.
   * @default - none
   */
  readonly limits?: readonly { readonly path: string; readonly requestSeconds: number }[];
  /**
   * Paths that another Service answers, prefix included.
   * @default - none
   */
  readonly others?: readonly { readonly path: string; readonly name: string }[];
  /**
   * Headers of every answer. An Ingress cannot set them.
   * @default - none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** What an Ingress needs to serve HTTPS. @default - HTTP alone */
  readonly https?: IngressTls | undefined;
}

/** An Ingress, or HTTPRoutes where the stack names a Gateway. */
export function routes({ gateway, ingress = {}, tls }: Stack, route: Route): KubernetesObject[] {
  return gateway === undefined ? [ingressObject(ingress, route)] : httpRoutes(attached(gateway, tls), route);
}

/** What is to be served over HTTPS must not be served over HTTP as well. */
function attached(gateway: GatewayProps, tls: Tls | undefined): GatewayProps {
  const listener = gateway.listener ?? (tls === undefined ? undefined : 'https');
  return listener === undefined ? gateway : { ...gateway, listener };
}

/** Only what every controller understands, and cert-manager: annotations are a language of each of them. */
function ingressObject({ className }: IngressProps, route: Route): KubernetesObject {
  const { annotations = {}, tls } = route.https ?? {};
  const http: IngressRule['http'] = {
    paths: [...(route.others ?? []).map(({ path, name }) => backend(path, name)), backend(route.prefix, route.name)],
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: route.name,
      labels: route.labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      ...(tls === undefined ? {} : { tls }),
      rules: [...route.hosts.map((host) => ({ host, http })), ...(route.anyHost ? [{ http }] : [])],
    },
  } satisfies Ingress;
}

function backend(path: string, name: string): NonNullable<IngressRule['http']>['paths'][number] {
  return { path, pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } };
}

/** The most host names that the Gateway API allows in one HTTPRoute. */
const HOSTS_PER_ROUTE = 16;

function httpRoutes(gateway: GatewayProps, route: Route): KubernetesObject[] {
  if (route.anyHost) return [httpRoute(gateway, route, [])];
  const parts = Math.ceil(route.hosts.length / HOSTS_PER_ROUTE);
  return Array.from({ length: parts }, (_, part) => {
    const hosts = route.hosts.slice(part * HOSTS_PER_ROUTE, (part + 1) * HOSTS_PER_ROUTE);
    return httpRoute(gateway, route, hosts, part === 0 ? '' : `-hosts-${part + 1}`);
  });
}

interface HttpRoute {
  readonly apiVersion: 'gateway.networking.k8s.io/v1';
  readonly kind: 'HTTPRoute';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly parentRefs: readonly {
      readonly name: string;
      readonly namespace?: string;
      readonly sectionName?: string;
    }[];
    readonly hostnames?: readonly string[];
    readonly rules: readonly {
      readonly matches?: readonly { readonly path: { readonly type: 'PathPrefix'; readonly value: string } }[];
      readonly filters?: readonly object[];
      readonly backendRefs?: readonly { readonly name: string; readonly port: number }[];
      readonly timeouts?: { readonly request: string };
    }[];
  };
}

function httpRoute(gateway: GatewayProps, route: Route, hostnames: readonly string[], suffix = ''): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: route.name + suffix, labels: route.labels },
    spec: {
      ...parents(gateway),
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules: [
        ...(route.others ?? []).map((other) => otherRule(route, other)),
        ...[...(route.limits ?? []), { path: '', requestSeconds: route.requestSeconds }].map((limits) =>
          rule(route, limits),
        ),
      ],
    },
  } satisfies HttpRoute;
}

function parents({ name, namespace, listener }: GatewayProps): Pick<HttpRoute['spec'], 'parentRefs'> {
  return {
    parentRefs: [
      {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(listener === undefined ? {} : { sectionName: listener }),
      },
    ],
  };
}

function rule(route: Route, { path, requestSeconds }: { path: string; requestSeconds: number }) {
  const prefix = route.prefix === '/' ? '' : route.prefix;
  const filters = [...(prefix === '' ? [] : [replacedPrefix(path === '' ? '/' : path)]), ...setHeaders(route.headers)];
  return {
    matches: [{ path: { type: 'PathPrefix', value: prefix + path || '/' } }],
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: [{ name: route.name, port: 80 }],
    timeouts: { request: `${requestSeconds}s` },
  } satisfies HttpRoute['spec']['rules'][number];
}

/** The path goes on as it is. */
function otherRule({ headers }: Route, { path, name }: { path: string; name: string }) {
  const filters = setHeaders(headers);
  return {
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: [{ name, port: 80 }],
  } satisfies HttpRoute['spec']['rules'][number];
}

function setHeaders(headers: Route['headers'] = {}): object[] {
  const set = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return set.length === 0 ? [] : [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }];
}

function replacedPrefix(replacePrefixMatch: string): object {
  return { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch } } };
}

/** HTTPRoutes that send hosts to others, one for each of these. */
export function redirectRoutes(cluster: Cluster): KubernetesObject[] {
  const { stack } = cluster;
  const { gateway, redirects, tls } = stack;
  if (gateway === undefined || hasNginx(stack) || !hasRoutes(stack)) return [];
  return Object.entries(redirects).map(([from, hostname], index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: objectName(`redirect-${index + 1}`, cluster), labels: labels('edge', cluster) },
    spec: {
      ...parents(attached(gateway, tls)),
      hostnames: [from],
      // What it does not name, path and query, stays as it was asked for.
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname, statusCode: 308 } }] }],
    },
  })) satisfies HttpRoute[];
}
