import { affinity, longestRequest, type AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import type { Tls } from '../../model/tls.js';
import { volumesOf } from '../../model/tree.js';
import { arithmeticProblems } from '../arithmetic.js';
import { edgeProps, hasRedirects } from '../docker-problems.js';
import { requestProps, shownMetrics, toldByController as controllerProblems } from '../observability-problems.js';
import type { Problem } from '../target.js';
import { kubernetesFootprint } from './footprint.js';
import { externalCertificate, httpsPortInVain, sourceName, tlsProblem, withoutTlsEdge } from '../tls-problems.js';
import { asksItself, endsTls, hasIngressTls } from './certificate.js';
import { hasAddressAffinity, hasNginx, hasRoutes } from './cluster.js';

/** What a cluster cannot honour in a stack. */
export function kubernetesProblems(stack: Stack): Problem[] {
  return [
    ...foreignNetwork(stack),
    ...edgePorts(stack),
    ...tlsProblems(stack),
    ...redirects(stack),
    ...observability(stack),
    ...snippets(stack),
    ...stack.apps.flatMap((app) => [
      ...withoutEdge(app, stack),
      ...bodyLimit(app, stack),
      ...rateLimit(app, stack),
      ...sticky(app, stack),
      ...plainIngress(app, stack),
    ]),
    ...dockerVolumes(stack),
    ...arithmeticProblems(stack, kubernetesFootprint(stack)),
  ];
}

function foreignNetwork(stack: Stack): Problem[] {
  if (typeof stack.edge !== 'object' || (stack.ingress ?? stack.gateway)) return [];
  const message = `edge.network names the Docker network ${stack.edge.network}, which a cluster does not have; say which edge it is here, with ingress: { className } or gateway: { name, namespace }`;
  return [{ id: 'edge-network', construct: stack, prop: 'edge', message }];
}

function edgePorts(stack: Stack): Problem[] {
  return (['httpPort', 'httpsPort'] as const)
    .filter((prop) => stack.given.has(prop))
    .flatMap((prop): Problem[] => {
      const { address, port } = stack[prop];
      if (!hasNginx(stack) || hasRoutes(stack)) {
        const message = `${prop} is ${port}, but what takes requests for a cluster has ports of its own; leave it out, or use edge: "nginx" without ingress and gateway`;
        return [{ id: 'http-port', construct: stack, prop, message }];
      }
      if (prop === 'httpsPort' && !endsTls(stack)) return httpsPortInVain(stack);
      if (address === undefined) return [];
      const message = `${prop} binds the address ${address}, but the balancer of a cluster has addresses of its own; use the port alone, and allowFrom or a firewall`;
      return [{ id: 'http-port', construct: stack, prop, message }];
    });
}

function tlsProblems(stack: Stack): Problem[] {
  const { tls, gateway } = stack;
  if (tls === undefined) return [];
  if (asksItself(stack) && gateway === undefined && (hasNginx(stack) || hasRoutes(stack))) return acmeOfCluster(stack);
  if (hasIngressTls(stack))
    return [...externalCertificate(stack), ...withoutHosts(stack), ...toldByController(stack, tls, 'an Ingress')];
  if (!hasRoutes(stack))
    return hasNginx(stack) ? [...nginxCertificate(stack, tls), ...withoutUdp(stack)] : withoutTlsEdge(stack);
  const listener = gateway?.listener ?? 'https';
  const message = `tls names a certificate, but a Gateway has those of its own listeners; let whoever runs the Gateway ${gateway?.name} put one into its listener ${listener}, and accept this: the routes attach to that listener alone`;
  return [tlsProblem('tls-certificate', stack, message), ...toldByController(stack, tls, 'a Gateway')];
}

function acmeOfCluster(stack: Stack): Problem[] {
  const message =
    'tls.acme has the stack get its certificate itself, but in a cluster that is for cert-manager to do; use tls: { issuer } or { clusterIssuer } with an Ingress, tls: { secretName } with a Certificate of your own, or accept that there is HTTP alone';
  return [tlsProblem('tls-certificate', stack, message)];
}

function nginxCertificate(stack: Stack, { source }: Tls): Problem[] {
  if (source.kind !== 'issued') return externalCertificate(stack);
  const message = `tls names ${sourceName(source)}, which gets certificates for an Ingress, and with edge: "nginx" alone there is none; use ingress: { className }, or tls: { secretName } with a Certificate of your own, or accept that nginx serves HTTP alone`;
  return [tlsProblem('tls-certificate', stack, message)];
}

/** What a host is for nginx, an Ingress needs to tell certificates apart. */
function withoutHosts(stack: Stack): Problem[] {
  const [open] = stack.apps.filter(({ hosts }) => hosts.length === 0);
  if (open === undefined) return [];
  const message = `tls of an Ingress is for hosts that it names, but ${open.node.path} has no hosts; name them, or use edge: "nginx" without ingress and gateway`;
  return [tlsProblem('tls-hosts', stack, message)];
}

function toldByController(stack: Stack, { given, http3 }: Tls, edge: string): Problem[] {
  const settings = (prop: string) =>
    `tls.${prop} is up to the controller of ${edge}, which has settings of its own for that`;
  return [
    ...(['redirect', 'hsts'] as const)
      .filter((prop) => given.has(prop))
      .map((prop) => {
        const message = `${settings(prop)}; leave it out, use edge: "nginx" without ingress and gateway, or set it there and accept this`;
        return tlsProblem('tls-redirect', stack, message);
      }),
    ...(http3
      ? [tlsProblem('tls-http3', stack, `${settings('http3')}; leave it out, or set it there and accept this`)]
      : []),
  ];
}

/** One Service for a port of both protocols is up to who makes balancers, and so is that a connection stays at its nginx. */
function withoutUdp(stack: Stack): Problem[] {
  if (!stack.tls?.http3) return [];
  const message =
    'tls.http3 needs a balancer that takes the port of HTTPS over UDP beside TCP, which not every cluster has; leave it out, let an Ingress or a Gateway with HTTP/3 of its own stand before nginx, or accept that clients stay at HTTP/2';
  return [tlsProblem('tls-http3', stack, message)];
}

function withoutEdge(app: AsgiApp, { edge }: Stack): Problem[] {
  if (edge !== 'none') return [];
  return edgeProps(app).map((prop) => ({
    id: 'hosts-without-edge',
    construct: app,
    prop,
    message: `${prop} is what an edge does, and edge is "none"; take that out, or accept that callers inside the cluster reach the app without it`,
  }));
}

/** What is told of requests, and who may see the metrics. */
function observability(stack: Stack): Problem[] {
  const { gateway, edge } = stack;
  if (hasNginx(stack)) return withoutScraper(stack);
  if (edge === 'none')
    return requestProps(stack).map((prop) => ({
      id: 'hosts-without-edge',
      construct: stack,
      prop,
      message: `${prop} is what an edge does, and edge is "none"; take that out, or accept this`,
    }));
  const route = gateway === undefined ? 'an Ingress' : 'a Gateway';
  return [
    ...controllerProblems(stack, route),
    ...shownMetrics(stack, { shownBy: `${route} shows`, way: 'use edge: "nginx"' }),
  ];
}

/** With an nginx of ours nobody else reaches the pods, unless it is said who does. */
function withoutScraper({ apps, allowFrom }: Stack): Problem[] {
  if (allowFrom !== undefined) return [];
  return apps
    .filter(({ metrics }) => metrics !== undefined && metrics.from === undefined)
    .map((construct): Problem => ({
      id: 'metrics-scraper',
      construct,
      prop: 'metrics',
      message:
        'metrics are for a scraper, but with edge: "nginx" nobody else reaches the pods; say who scrapes with metrics.from, such as [{ namespace: "monitoring" }], or with allowFrom',
    }));
}

function redirects(stack: Stack): Problem[] {
  if (!hasRedirects(stack) || hasNginx(stack)) return [];
  const problem = (id: 'hosts-without-edge' | 'redirects', message: string): Problem => ({
    ...{ id, construct: stack, prop: 'redirects', message },
  });
  if (stack.edge === 'none')
    return [
      problem(
        'hosts-without-edge',
        'redirects is what an edge does, and edge is "none"; take that out, or accept this',
      ),
    ];
  if (stack.gateway) return [];
  const message =
    'redirects have no setting in an Ingress; use gateway: { name } or edge: "nginx", or set them in its controller and accept this';
  return [problem('redirects', message)];
}

/** For an app without an edge, `withoutEdge` says it. */
function snippets(stack: Stack): Problem[] {
  if (hasNginx(stack)) return [];
  const constructs = stack.edge === 'none' ? [stack] : [stack, ...stack.apps];
  return constructs
    .filter(({ given }) => given.has('nginx'))
    .map((construct) => ({
      id: 'nginx-snippet',
      construct,
      prop: 'nginx',
      message:
        'nginx holds directives for an nginx that is deployed with the stack, and here none is; use edge: "nginx", or set them in the controller and accept this',
    }));
}

function bodyLimit(app: AsgiApp, stack: Stack): Problem[] {
  if (hasNginx(stack) || !hasRoutes(stack)) return [];
  const routes = app.routes.some((route) => route.bodyLimit !== app.bodyLimit);
  return [...(app.given.has('bodyLimit') ? ['bodyLimit'] : []), ...(routes ? ['routes'] : [])].map((prop) => ({
    id: 'body-limit',
    construct: app,
    prop,
    message: `${prop === 'routes' ? 'bodyLimit of routes' : prop} has no setting in an Ingress or the Gateway API; use edge: "nginx", or set it in the controller and accept this`,
  }));
}

function rateLimit(app: AsgiApp, stack: Stack): Problem[] {
  if (hasNginx(stack) || !hasRoutes(stack) || app.rateLimit === undefined) return [];
  const message =
    'rateLimit has no setting in an Ingress or the Gateway API; use edge: "nginx", or set it in the controller and accept this';
  return [{ id: 'rate-limit', construct: app, prop: 'rateLimit', message }];
}

function sticky(app: AsgiApp, stack: Stack): Problem[] {
  const kind = affinity(app);
  if (kind === undefined || hasNginx(stack) || hasAddressAffinity(app, stack)) return [];
  const message =
    stack.edge === 'none'
      ? 'sticky is "cookie", but with edge: "none" nobody gives clients one; use "address", which a Service knows, or edge: "nginx"'
      : `sticky has no setting in ${stack.gateway ? 'a route of the Gateway API, whose session persistence is experimental' : 'an Ingress'}; use edge: "nginx", or set it in the controller and accept this`;
  return [{ id: 'sticky', construct: app, prop: 'sticky', message }];
}

/** The longest time that every known Ingress controller waits unless it is told otherwise. */
const INGRESS_TIMEOUT = 60;

function plainIngress(app: AsgiApp, stack: Stack): Problem[] {
  if (!hasRoutes(stack) || stack.gateway) return [];
  return [
    ...(app.pathPrefix !== '/' && !hasNginx(stack) ? [pathPrefix(app)] : []),
    ...(hasNginx(stack) ? [] : responseHeaders(app)),
    ...(app.given.has('requestTimeout') && app.requestTimeout > INGRESS_TIMEOUT ? [edgeTimeout(app)] : []),
    ...edgeTimeoutOfRoutes(app, stack),
  ];
}

function pathPrefix(app: AsgiApp): Problem {
  const message = `pathPrefix is ${app.pathPrefix}, but an Ingress cannot strip it; use gateway: { name } or edge: "nginx", or strip it in the controller and accept this`;
  return { id: 'path-prefix', construct: app, prop: 'pathPrefix', message };
}

function edgeTimeout(app: AsgiApp): Problem {
  const message = `requestTimeout is ${app.requestTimeout}, but an Ingress has no setting for it, and controllers give up after ${INGRESS_TIMEOUT} s by default; use gateway: { name } or edge: "nginx" without ingress, or set it in the controller and accept this`;
  return { id: 'edge-timeout', construct: app, prop: 'requestTimeout', message };
}

function responseHeaders(app: AsgiApp): Problem[] {
  if (Object.keys(app.responseHeaders).length === 0) return [];
  const message =
    'responseHeaders have no setting in an Ingress; use gateway: { name } or edge: "nginx", or set them in the app or the controller and accept this';
  return [{ id: 'response-headers', construct: app, prop: 'responseHeaders', message }];
}

/** An nginx of ours tells paths apart, but an Ingress in front of it gives up when it does. */
function edgeTimeoutOfRoutes(app: AsgiApp, stack: Stack): Problem[] {
  const own = app.routes.filter(({ requestTimeout }) => requestTimeout !== app.requestTimeout);
  const longest = longestRequest(app);
  if (own.length === 0 || (hasNginx(stack) && (longest <= INGRESS_TIMEOUT || longest === app.requestTimeout)))
    return [];
  const message = `requestTimeout of routes is up to ${longest}, but an Ingress has no setting for it, and controllers give up after ${INGRESS_TIMEOUT} s by default; use gateway: { name } or edge: "nginx" without ingress, or set it in the controller and accept this`;
  return [{ id: 'edge-timeout', construct: app, prop: 'routes', message }];
}

function dockerVolumes(stack: Stack): Problem[] {
  return volumesOf(stack)
    .filter(({ driver, storageClass }) => driver !== undefined && storageClass === undefined)
    .map((construct) => ({
      id: 'volume-driver',
      construct,
      prop: 'driver',
      message: `driver ${construct.driver} is Docker's; say what provides the storage here with storageClass, as kubectl get storageclasses lists them`,
    }));
}
