import type { NginxDirective } from './nginx-reader.js';
import type { NginxPlace } from './nginx-snippets.js';

/** The name of a directive. */
export function headOf({ words: [head = ''] }: NginxDirective): string {
  return head;
}

/** What to do instead of a directive that would contradict the configuration around it; undefined where it may stand. */
export function ruleOf(place: NginxPlace, directive: NginxDirective): string | undefined {
  const name = headOf(directive);
  return (
    (Object.hasOwn(NOWHERE, name) ? NOWHERE[name] : undefined) ??
    FAMILIES.find(([pattern]) => pattern.test(name))?.[1] ??
    (directive.within.length === 0 && Object.hasOwn(OUTERMOST[place], name) ? OUTERMOST[place][name] : undefined) ??
    headerRule(place, directive) ??
    locationRule(place, directive) ??
    variableRule(directive)
  );
}

const REQUESTS_GO = 'requests go to the app, and nowhere else; let an app of the stack answer that path';
const TRUSTED = 'use trustedProxies';
const TLS = 'use tls';
const RESOLVER = 'each target has a name server of its own';
const RETRY = 'what is tried again is chosen so that no request is sent twice';
const MEMORY = 'the root file system is read-only, and /tmp is used already';

/** What no part of a snippet may say. */
const NOWHERE: Readonly<Record<string, string>> = {
  listen: 'use httpPort and httpsPort',
  server: 'use hosts',
  server_name: 'use hosts',
  upstream: REQUESTS_GO,
  include: 'the container has no such file; write here what it says',
  resolver: RESOLVER,
  resolver_timeout: RESOLVER,
  set_real_ip_from: TRUSTED,
  real_ip_header: TRUSTED,
  real_ip_recursive: TRUSTED,
  http2: TLS,
  http3: TLS,
  proxy_http_version: 'connections to the app are kept, which needs HTTP/1.1',
  proxy_max_temp_file_size: MEMORY,
};

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^(fastcgi|grpc|memcached|proxy|scgi|tunnel|uwsgi)_pass$/, REQUESTS_GO],
  [/^ssl_/, TLS],
  [/^proxy_next_upstream/, RETRY],
  [/_temp_path$/, MEMORY],
];

const TIMEOUT = 'use requestTimeout, or routes for some paths';
const ELSEWHERE = 'it is set for all servers already; say it in server, or for an app in location';
const LIMITS = {
  client_max_body_size: 'use bodyLimit, or routes for some paths',
  proxy_read_timeout: TIMEOUT,
  proxy_send_timeout: TIMEOUT,
};
const ANSWERS_ALL = 'it would answer every request; put it into a location or an if';
const HEADERS = 'use responseHeaders of the app, or location: a level with headers of its own inherits none';

/** What would be there twice, or in vain, outside of the blocks of a snippet. */
const OUTERMOST: Readonly<Record<NginxPlace, Readonly<Record<string, string>>>> = {
  http: {
    ...LIMITS,
    add_header: HEADERS,
    ...Object.fromEntries(
      [
        ...['server_tokens', 'server_names_hash_bucket_size', 'variables_hash_bucket_size', 'variables_hash_max_size'],
        ...['client_header_timeout', 'client_body_timeout', 'send_timeout', 'keepalive_timeout'],
        ...['keepalive_min_timeout', 'reset_timedout_connection', 'proxy_connect_timeout', 'proxy_redirect'],
      ].map((name) => [name, ELSEWHERE]),
    ),
  },
  server: { ...LIMITS, add_header: HEADERS, return: ANSWERS_ALL },
  location: {
    ...LIMITS,
    return: ANSWERS_ALL,
    location: 'use nginx: { server } of the stack',
    internal: 'the app would be hidden from its clients',
  },
};

/** Headers of which the app believes that the edge has written them, in lower case. */
const PASSED_ON = [
  ...['connection', 'forwarded', 'host', 'upgrade', 'x-real-ip', 'x-request-id'],
  ...['for', 'host', 'port', 'prefix', 'proto', 'ssl'].map((what) => `x-forwarded-${what}`),
];

/** A level with headers of its own inherits none; in `http` and `location` they stand beside ours. */
function headerRule(place: NginxPlace, { words: [name, header = ''], within }: NginxDirective): string | undefined {
  if (name !== 'proxy_set_header') return undefined;
  if (PASSED_ON.includes(header.toLowerCase())) return 'the app believes that the edge itself has written that header';
  return place === 'server' || within.length > 0
    ? 'say it in http, or for an app in location: anywhere else the app would lose the headers that the edge sets'
    : undefined;
}

function locationRule(place: NginxPlace, { words, within }: NginxDirective): string | undefined {
  if (place !== 'server' || words[0] !== 'location' || within.length > 0) return undefined;
  const path = words.at(-1) ?? '';
  if (path.startsWith('@anew_')) return 'that name is taken; choose another';
  if (path.startsWith('/.well-known/acme-challenge')) return 'certificate authorities ask there; use tls';
  return path === '/' && words[1] !== '=' ? 'that is the place of an app; say it in location of the app' : undefined;
}

/** Variables on which the rest of the configuration relies. */
const TAKEN =
  /^(anew|header|path|search|static|up|uri)_|^(alt_svc|client_scheme|connection_upgrade|from_balancer|host_port|hsts|leaving|port|sent|stopping)$/;

function variableRule({ words }: NginxDirective): string | undefined {
  // nginx makes no difference between large and small letters in them.
  return [...setBy(words), ...captures(words)].some((name) => TAKEN.test(name.toLowerCase()))
    ? 'the configuration around it uses a variable of that name; choose another'
    : undefined;
}

function setBy([name = '', ...rest]: readonly string[]): string[] {
  if (/^(geo|map|split_clients)$/.test(name)) return [withoutSign(rest.at(-1))];
  return /^(set|.*_set)$/.test(name) ? [withoutSign(rest[0])] : [];
}

/** Names of what a regular expression sets (pcre2pattern, "named capture groups"). */
function captures(words: readonly string[]): string[] {
  return words.flatMap((word) => [...word.matchAll(/\(\?P?[<'](\w+)/g)].map(([, name = '']) => name));
}

const withoutSign = (word = '') => word.replace(/^\$\{?|\}$/g, '');
