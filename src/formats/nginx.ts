import { challengeLocation, challengeUpstream } from './nginx/challenges.js';
import { clientAddress } from './nginx/client.js';
import { askedByBalancer, toldToLeave } from './nginx/leave.js';
import { isStripped, locations, strippedUri } from './nginx/locations.js';
import { affinityLine } from './nginx/affinity.js';
import type { NginxRoute, NginxServer, NginxUpstream } from './nginx/route.js';
import { passedOn, ruleBlocks } from './nginx/rules.js';
import { pasted, type NginxText } from './nginx/snippets.js';
import { comment, resolver, type NginxResolver } from './nginx/shared.js';
import { keptAtReload, pinnable, pinned } from './nginx/pins.js';
import { accessLog, requestIds, requestIdVariable, tellsRequestId, type AccessLog } from './nginx/requests.js';
import { askedPort, sentToTls, tellsOfTls, tlsListen, tlsSettings, type NginxTls } from './nginx/tls.js';
import { bare, quoted, variable } from './nginx/words.js';

export type { NginxLimits, NginxRoute, NginxServer, NginxUpstream } from './nginx/route.js';

/** Values of an `nginx.conf` that only passes requests on. All times in seconds. */
export interface NginxValues {
  /** Lines above everything, without `#`. */
  readonly header: readonly string[];
  /** Port that takes requests. Above 1023, since nginx runs without the capability to bind a lower one. */
  readonly port: number;
  /** @default - HTTP alone */
  readonly tls?: NginxTls;
  /** Address and port that answers `/healthz` for nginx itself. */
  readonly status: string;
  /** Name server that knows the upstreams, or a file that holds the `resolver` directive. */
  readonly resolver: NginxResolver;
  /** Address ranges whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trusted: readonly string[];
  /** @default 'json' */
  readonly accessLog?: AccessLog;
  /**
   * Whether answers tell the id of their request, and `trusted` may have given it.
   * @default false
   */
  readonly requestId?: boolean;
  readonly upstreams: readonly NginxUpstream[];
  readonly servers: readonly NginxServer[];
  /** How long open connections may last when nginx stops or takes over a new configuration. */
  readonly shutdown: number;
  /**
   * Folder of pins, which need not be there: while the files of `nginxPins` are in it, upstreams are at the addresses that these name.
   * @default - upstreams are always where their host name says
   */
  readonly pins?: string;
  /**
   * File that need not be there: while it is, clients are told to use another connection for their next request.
   * @default - clients learn that nginx stops when it closes their connections
   */
  readonly leaving?: string;
  /**
   * Path at which a balancer in front learns whether this nginx takes requests, asked with a Host that no server names: 204, or 503
   * while clients are told to leave.
   * @default - none
   */
  readonly check?: string;
  /**
   * `host:port` of whoever answers what a certificate authority asks each host over HTTP (RFC 8555, 8.3).
   * @default - nobody does
   */
  readonly challenges?: string;
  /**
   * Directives of the user for the block of all servers, and for every server that has routes.
   * @default - none
   */
  readonly snippets?: { readonly http?: NginxText | undefined; readonly server?: NginxText | undefined };
}

/** Text of an `nginx.conf` for nginx 1.30 and newer. */
export function nginxConfig(values: NginxValues): string {
  return `${comment(values.header)}${values.header.length > 0 ? '\n' : ''}worker_processes 2;
worker_rlimit_nofile 16384;
worker_shutdown_timeout ${values.shutdown}s;
pid /tmp/nginx.pid;
error_log stderr warn;
daemon off;

events {
    worker_connections 4096;
}

http {
    ${resolver(values.resolver)}
    resolver_timeout 2s;
    server_tokens off;
    server_names_hash_bucket_size 512;
    variables_hash_bucket_size 256;
    variables_hash_max_size 8192;

${accessLog(values.accessLog ?? 'json', requestIdVariable(values))}
    # Nothing but /tmp can be written, and it is memory: answers are never spooled.
    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    proxy_max_temp_file_size 0;

    client_header_timeout 15s;
    client_body_timeout 60s;
    send_timeout 60s;
    keepalive_timeout 75s;
${values.pins === undefined ? '' : keptAtReload()}    reset_timedout_connection on;

${clientAddress(values.trusted)}
${requestIds(values)}${values.tls === undefined ? '' : tlsSettings(values.tls)}    # The port of the Host header, which $host leaves out; redirects of the app need it.
    map ${askedPort(values.tls)} $host_port {
        default "";
        "~(?<port>:[0-9]{1,5})$" $port;
    }

    # An empty Connection header keeps the connection to the app open; "close" would cost 40 % of the throughput.
    map $http_upgrade $connection_upgrade {
        default upgrade;
        "" "";
    }

    # What a client says of itself in these headers never reaches an app.
    proxy_http_version 1.1;
${passedOn(4, values)}    proxy_redirect off;

    # A process that is gone is tried once more elsewhere; a POST that was sent never is.
    proxy_connect_timeout 2s;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 3;
    proxy_next_upstream_timeout 10s;

    # When the addresses of an app change while one that is gone is tried, nginx ends the request instead of trying the next,
    # and an nginx that has just started may know no address yet. The request is then passed on anew, once, if nothing of it was
    # sent to anybody: to the addresses that the name server gives at that moment.
    map $upstream_bytes_sent $sent {
        default 1;
        "~^0(, 0)*$" 0;
    }

${values.upstreams.map(upstream).join('\n')}
${values.challenges === undefined ? '' : challengeUpstream(values.challenges)}${values.pins === undefined ? '' : pinnable(values.upstreams, values.pins)}${values.upstreams.map((one) => lookedUp(one, values)).join('')}${values.servers
    .flatMap(({ routes }) => routes)
    .filter(firstOfUpstream)
    .map((route) => (isStripped(route) ? strippedUri(route) : '') + ruleBlocks(route))
    .join('')}    server {
        listen ${values.status};
        access_log off;
        location = /healthz {
            return 204;
        }
    }

${pasted(values.snippets?.http, 4)}${values.servers.map((one) => server(one, values)).join('\n')}}
`;
}

function upstream({ name, server: address, peers, idle, sticky }: NginxUpstream): string {
  // Twice as many while they are replaced, at less than 1 KiB each.
  const zone = Math.max(128, 2 * peers);
  // max_fails=0: with the default, one hiccup of each process takes all of them out for ten seconds.
  return `    upstream ${bare(name)} {
        zone ${bare(name)} ${zone}k;
${affinityLine(name, sticky)}        server ${bare(address)} resolve max_fails=0;
        keepalive 32;
        # The processes behind one address take connections, not requests: one that is new would wait for 1000 of them.
        keepalive_requests 100;
        keepalive_timeout ${idle}s;
    }
`;
}

/** Where a request goes that is passed on anew: a name with a port is no upstream, so it is looked up for each request. */
function lookedUp({ name, server: address }: NginxUpstream, { pins }: NginxValues): string {
  return `    map 1 $anew_${variable(name)} {
        default ${quoted(address)};
${pins === undefined ? '' : pinned(name, pins)}    }

`;
}

const firstOfUpstream = (route: NginxRoute, index: number, routes: readonly NginxRoute[]) =>
  routes.findIndex(({ upstream: name }) => name === route.upstream) === index;

function server(one: NginxServer, values: NginxValues): string {
  const { port, tls, leaving } = values;
  const isDefault = one.hosts.length === 0;
  const listen = `        listen ${port}${isDefault ? ' default_server' : ''};
${tlsListen(tls, isDefault)}        server_name ${isDefault ? '_' : one.hosts.map(bare).join(' ')};
`;
  return `    server {\n${listen}${tellsRequestId(values)}${leaving === undefined ? '' : toldToLeave(leaving, tls)}${serverBody(one, values)}    }\n`;
}

function serverBody({ hosts, routes, redirect }: NginxServer, values: NginxValues): string {
  const { tls, check } = values;
  const asked = hosts.length > 0 && values.challenges !== undefined ? challengeLocation() : '';
  if (redirect !== undefined) return tellsOfTls(tls) + asked + sentOn(redirect, tls, asked !== '');
  const checked = hosts.length === 0 && check !== undefined ? askedByBalancer(check, tls !== undefined) : '';
  if (routes.length === 0) return checked + noApp(checked !== '');
  return tellsOfTls(tls) + pasted(values.snippets?.server, 8) + asked + checked + paths(routes, values);
}

/** The longest prefix first, and what no app has. */
function paths(routes: readonly NginxRoute[], values: NginxValues): string {
  const { tls, pins, leaving } = values;
  const place = ({ prefix, path = prefix }: NginxRoute) => path;
  const sorted = routes.toSorted((a, b) => place(b).length - place(a).length || (place(a) < place(b) ? -1 : 1));
  const told = { isPinnable: pins !== undefined, isToldToLeave: leaving !== undefined, tls, requestIds: values };
  const rest = sorted.some((route) => place(route) === '/')
    ? ''
    : `        location / {\n${sentToTls(tls)}            return 404;\n        }\n`;
  return sorted.map((route) => locations(route, told)).join('') + rest;
}

/** Over HTTP straight to HTTPS: who is sent there first would be sent twice. */
function sentOn(host: string, tls: NginxTls | undefined, isAsked: boolean): string {
  const indent = isAsked ? 12 : 8;
  const sent = `${sentToTls(tls, { host: bare(host), indent })}${' '.repeat(indent)}return 308 $client_scheme://${bare(host)}$host_port$request_uri;\n`;
  return isAsked ? `        location / {\n${sent}        }\n` : sent;
}

function noApp(isChecked: boolean): string {
  const turnedAway = '# No app has this Host.\n';
  // Of a server, "return" would come before each of its locations.
  return isChecked
    ? `        location / {\n            ${turnedAway}            return 421;\n        }\n`
    : `        ${turnedAway}        return 421;\n`;
}
