import {
  nginxConfig,
  type NginxRoute,
  type NginxServer,
  type NginxUpstream,
  type NginxValues,
} from '../formats/nginx.js';
import type { NginxTls } from '../formats/nginx/tls.js';
import { affinity, longestRequest, type AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { proxyRead, type Timeouts } from '../model/timeouts.js';
import { staticId, withStatic } from '../model/tree.js';
import { tlsSecrets } from '../model/tls.js';
import type { AcmeSource } from '../model/acme.js';

/** Port inside its container on which an nginx of ours takes requests: it may not bind one below 1024. */
export const EDGE_PORT = 8080;

/** Port inside its container on which an nginx of ours tells that it is alive. */
export const EDGE_STATUS_PORT = 8081;

/** Port inside its container on which an nginx of ours takes requests over TLS. */
export const EDGE_TLS_PORT = 8443;

/** Folder inside its container in which an nginx of ours finds its certificate and key. */
export const EDGE_SECRETS = '/run/secrets';

/** What an nginx of ours needs to end TLS: the names of two files in `EDGE_SECRETS`. */
export interface EdgeCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** How a target reaches its apps. */
export interface EdgeNetwork {
  readonly resolver: NginxValues['resolver'];
  readonly status: string;
  /** Name under which every process of an app is found, or every container with its static files. */
  hostOf(id: string): string;
  timeoutsOf(app: AsgiApp): Timeouts;
  /** Seconds for which connections may outlast a new configuration. @default - as long as they may outlast a stop */
  readonly outlast?: number;
  /** Folder inside the container in which a deployment says where an app is for the moment. @default - none */
  readonly pins?: string;
  /** File inside the container that tells clients to use another connection. @default - none */
  readonly leaving?: string;
  /** Path at which a balancer in front asks whether it may send requests. @default - none */
  readonly check?: string;
  /** Whether each address of an app is one process, so that clients can be kept at it. @default false */
  readonly isProcessAddress?: boolean;
  /** The certificate with which nginx serves HTTPS. @default - HTTP alone */
  readonly tls?: EdgeCertificate | undefined;
  /** The service that gets the certificate of nginx while it runs. @default - none */
  readonly acme?: AcmeEdge | undefined;
  /** Whether UDP reaches it on its port of HTTPS, so that it takes HTTP/3. @default false */
  readonly http3?: boolean;
}

/** What an nginx of ours needs to end TLS with a certificate that comes while it runs. */
export interface AcmeEdge {
  /** `host:port` of the service that answers the certificate authority. */
  readonly server: string;
  /** File of directives inside the container that names the certificate, or refuses every handshake. */
  readonly file: string;
}

/** The `nginx.conf` that puts the apps of a stack under their hosts and prefixes. */
export function edgeConfig(stack: Stack, network: EdgeNetwork, header: readonly string[]): string {
  const { apps } = stack;
  return nginxConfig({
    header,
    port: EDGE_PORT,
    status: network.status,
    resolver: network.resolver,
    // A deployment asks from inside the container, as over HTTPS: whether there is a certificate already is not up to it.
    trusted: [...stack.trustedProxies, ...(network.acme === undefined ? [] : [LOOPBACK])],
    accessLog: stack.accessLog,
    requestId: stack.requestId,
    upstreams: [
      ...apps.map((app) => ({
        name: app.node.id,
        server: `${network.hostOf(app.node.id)}:${app.port}`,
        peers: app.processes,
        idle: network.timeoutsOf(app).upstreamIdle,
        ...(network.isProcessAddress ? stickyTo(app, stack) : {}),
      })),
      ...withStatic(stack).map((app) => staticUpstream(app, network)),
    ],
    snippets: stack.nginx,
    servers: [...redirects(stack), ...virtualHosts(apps, network)],
    shutdown: network.outlast ?? edgeShutdown(stack),
    ...(network.pins === undefined ? {} : { pins: network.pins }),
    ...(network.leaving === undefined ? {} : { leaving: network.leaving }),
    ...(network.check === undefined ? {} : { check: network.check }),
    ...(network.tls === undefined ? {} : { tls: edgeTls(stack, network, ownPair(network.tls)) }),
    ...(network.acme === undefined
      ? {}
      : { tls: edgeTls(stack, network, { file: network.acme.file }), challenges: network.acme.server }),
  });
}

function staticUpstream(app: AsgiApp, network: EdgeNetwork): NginxUpstream {
  return { name: staticId(app), server: `${network.hostOf(staticId(app))}:${EDGE_PORT}`, peers: 2, idle: 60 };
}

/** The files of an app: nobody sends bodies there, and whoever is away is away. */
function staticRoutes(app: AsgiApp): NginxRoute[] {
  return app.static.map(({ path }) => ({
    prefix: '/',
    path: `${app.pathPrefix === '/' ? '' : app.pathPrefix}${path}`,
    upstream: staticId(app),
    read: 60,
    body: 1024,
    headers: app.responseHeaders,
  }));
}

function stickyTo(app: AsgiApp, { tls }: Stack): Pick<NginxUpstream, 'sticky'> {
  const kind = affinity(app);
  if (kind !== 'cookie') return { sticky: kind };
  // Without the redirect a client may stay at HTTP, and must not lose its process there.
  return { sticky: { path: app.pathPrefix, secure: tls?.redirect === true } };
}

const LOOPBACK = '127.0.0.1';

function ownPair({ certificate, key }: EdgeCertificate): NginxTls['pair'] {
  return { certificate: `${EDGE_SECRETS}/${certificate}`, key: `${EDGE_SECRETS}/${key}` };
}

function edgeTls({ tls, httpsPort }: Stack, { http3 = false }: EdgeNetwork, pair: NginxTls['pair']): NginxTls {
  return {
    port: EDGE_TLS_PORT,
    pair,
    ...(tls?.redirect ? { redirectTo: httpsPort.port } : {}),
    ...(tls?.hsts === undefined ? {} : { hsts: tls.hsts }),
    ...(http3 ? { http3: httpsPort.port } : {}),
  };
}

/** The own certificate of a stack whose nginx on Docker serves HTTPS with it; the files are named as the secrets are. */
export function dockerCertificate(stack: Stack): EdgeCertificate | undefined {
  const [certificate, key] = hasOwnEdge(stack) ? tlsSecrets(stack) : [];
  return certificate && key && { certificate: certificate.node.id, key: key.node.id };
}

/** The certificate that a stack gets itself, where its nginx on Docker serves HTTPS with it. */
export function dockerAcme(stack: Stack): AcmeSource | undefined {
  const source = stack.tls?.source;
  return hasOwnEdge(stack) && source?.kind === 'acme' ? source : undefined;
}

/** Whether the nginx of a stack on Docker takes HTTPS, wherever its certificate comes from. */
export function takesHttps(stack: Stack): boolean {
  return dockerCertificate(stack) !== undefined || dockerAcme(stack) !== undefined;
}

/** Whether the nginx of a stack on Docker takes HTTP/3. */
export function takesHttp3(stack: Stack): boolean {
  return takesHttps(stack) && stack.tls?.http3 === true;
}

/** What the nginx of a stack on Docker takes HTTPS over. */
export function httpsProtocols(stack: Stack): ('tcp' | 'udp')[] {
  if (!takesHttps(stack)) return [];
  return takesHttp3(stack) ? ['tcp', 'udp'] : ['tcp'];
}

/** Seconds for which connections may outlast a stop of the edge. */
export function edgeShutdown({ apps }: Stack): number {
  return Math.min(55, Math.max(...apps.map(longestRequest)));
}

/** One server a host, with its apps and those that answer any host; the last takes every other Host. */
function virtualHosts(apps: readonly AsgiApp[], network: EdgeNetwork): NginxServer[] {
  const anywhere = apps.filter(({ hosts }) => hosts.length === 0);
  const byHost = new Map<string, AsgiApp[]>();
  for (const app of apps) for (const host of app.hosts) byHost.set(host, [...(byHost.get(host) ?? []), app]);
  const route = (app: AsgiApp): NginxRoute[] => [
    ...staticRoutes(app),
    {
      prefix: app.pathPrefix,
      upstream: app.node.id,
      read: network.timeoutsOf(app).proxyRead,
      body: app.bodyLimit,
      ...edgeRules(app),
    },
  ];
  const named = [...byHost].map(([host, own]) => {
    const shared = anywhere.filter(({ pathPrefix }) => !own.some((app) => app.pathPrefix === pathPrefix));
    return { hosts: [host], routes: [...own, ...shared].flatMap(route) };
  });
  return [...named, { hosts: [], routes: anywhere.flatMap(route) }];
}

/** What nginx does for an app beside passing requests on. */
function edgeRules({ routes, responseHeaders, rateLimit, metrics, nginx }: AsgiApp) {
  const limits = routes.map(({ path, bodyLimit, requestTimeout }) => ({
    path,
    read: proxyRead(requestTimeout),
    body: bodyLimit,
  }));
  return {
    limits,
    headers: responseHeaders,
    hidden: metrics === undefined || metrics.public ? [] : [metrics.path],
    snippet: nginx.location,
    ...(rateLimit === undefined ? {} : { rate: { perSecond: rateLimit.requestsPerSecond, burst: rateLimit.burst } }),
  };
}

function redirects(stack: Stack): NginxServer[] {
  return Object.entries(stack.redirects).map(([host, redirect]) => ({ hosts: [host], routes: [], redirect }));
}

/** Whether an nginx of ours takes the requests of a stack on Docker. */
export function hasOwnEdge({ edge }: Stack): boolean {
  return edge === undefined || edge === 'nginx';
}

/** Name of the network of an edge that is there already. */
export function existingNetwork({ edge }: Stack): string | undefined {
  return typeof edge === 'object' ? edge.network : undefined;
}

/** The port under which an app is published itself, where there is no edge. */
export function publishedPort(stack: Stack, app: AsgiApp): number | undefined {
  if (stack.edge !== 'none') return undefined;
  return stack.apps.length === 1 ? stack.httpPort.port : app.port;
}
