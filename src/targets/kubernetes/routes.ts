import type { Ingress, IngressRule } from 'kubernetes-types/networking/v1.js';
import type { GatewayProps, IngressProps } from '../../model/stack-props.js';
import type { Stack } from '../../model/stack.js';
import type { KubernetesObject } from './objects.js';

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
}

/** An Ingress, or HTTPRoutes where the stack names a Gateway. */
export function routes({ gateway, ingress = {} }: Stack, route: Route): KubernetesObject[] {
  return gateway === undefined ? [ingressObject(ingress, route)] : httpRoutes(gateway, route);
}

/** Only what every controller understands: annotations are a language of each of them. */
function ingressObject({ className }: IngressProps, route: Route): KubernetesObject {
  const http: IngressRule['http'] = {
    paths: [
      { path: route.prefix, pathType: 'Prefix', backend: { service: { name: route.name, port: { name: 'http' } } } },
    ],
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: route.name, labels: route.labels },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: [...route.hosts.map((host) => ({ host, http })), ...(route.anyHost ? [{ http }] : [])],
    },
  } satisfies Ingress;
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
    readonly parentRefs: readonly { readonly name: string; readonly namespace?: string }[];
    readonly hostnames?: readonly string[];
    readonly rules: readonly {
      readonly matches: readonly { readonly path: { readonly type: 'PathPrefix'; readonly value: string } }[];
      readonly filters?: readonly (typeof STRIP_PREFIX)[];
      readonly backendRefs: readonly { readonly name: string; readonly port: number }[];
      readonly timeouts: { readonly request: string };
    }[];
  };
}

const STRIP_PREFIX = {
  type: 'URLRewrite',
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
} as const;

function httpRoute(
  { name, namespace }: GatewayProps,
  route: Route,
  hostnames: readonly string[],
  suffix = '',
): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: route.name + suffix, labels: route.labels },
    spec: {
      parentRefs: [{ name, ...(namespace === undefined ? {} : { namespace }) }],
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: route.prefix } }],
          ...(route.prefix === '/' ? {} : { filters: [STRIP_PREFIX] }),
          backendRefs: [{ name: route.name, port: 80 }],
          timeouts: { request: `${route.requestSeconds}s` },
        },
      ],
    },
  } satisfies HttpRoute;
}
