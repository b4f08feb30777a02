import type { NginxLimits, NginxRoute } from './route.js';
import type { RequestIds } from './requests.js';
import { passedOn, rateLimit, responseHeaders } from './rules.js';
import { pasted, says } from './snippets.js';
import { sentToTls, type NginxTls } from './tls.js';
import { bare, pattern, variable } from './words.js';

/** Bodies above this are passed on as they arrive: nginx would hold them in memory, since its only disk is a tmpfs. */
const LARGEST_BUFFERED_BODY = 32 * 2 ** 20;

/** What of the configuration around it a location must know. */
interface Told {
  readonly isPinnable: boolean;
  readonly isToldToLeave: boolean;
  readonly tls: NginxTls | undefined;
  readonly requestIds: RequestIds;
}

/** What is hidden of a route, its paths with limits of their own, then the rest of it: nginx takes the first pattern that fits. */
export function locations(route: NginxRoute, told: Told): string {
  const rest = { path: route.path ?? '', read: route.read, body: route.body };
  const hidden = (route.hidden ?? []).map((path) => hiddenLocation(route, path, told));
  return [...hidden, ...[...(route.limits ?? []), rest].map((limits) => location(route, limits, told))].join('');
}

/** nginx has decoded the path, and taken out dots and double slashes, before it looks: no other spelling leads there. */
function hiddenLocation(route: NginxRoute, path: string, told: Told): string {
  const place = (isStripped(route) ? route.prefix : '') + path;
  return `        location ~ "^${pattern(place)}(/|$)" {
${sentToTls(told.tls)}${responseHeaders(route, told)}            return 404;
        }
`;
}

function location(route: NginxRoute, { path, read, body }: NginxLimits, told: Told): string {
  const id = variable(route.upstream);
  const place = (isStripped(route) ? route.prefix : '') + path;
  const guard = isStripped(route)
    ? `            if ($uri_${id} = "") {\n                return 400;\n            }\n`
    : '';
  const anew = `@anew_${id}${path === '' ? '' : bare(path)}`;
  const headers = responseHeaders(route, told) + ownDirectives(route, told);
  return `        location ${place === '' ? '/' : `~ "^${pattern(place)}(/|$)"`} {
${sentToTls(told.tls)}${guard}            client_max_body_size ${body};
${rateLimit(route)}${headers}            error_page 502 = ${anew};
${passing(route, { read, body, to: told.isPinnable ? `$up_${id}` : bare(route.upstream) })}        }
        location ${anew} {
            if ($sent) {
                return 502;
            }
${headers}${passing(route, { read, body, to: `$anew_${id}` })}        }
`;
}

/** What the user adds, and ours beside it of which a level has all or none. */
function ownDirectives({ snippet }: NginxRoute, { requestIds }: Told): string {
  return (says(snippet, 'proxy_set_header') ? passedOn(12, requestIds) : '') + pasted(snippet, 12);
}

function passing(
  { upstream: name, prefix, snippet }: NginxRoute,
  { read, body, to }: { read: number; body: number; to: string },
): string {
  const isLarge = body > LARGEST_BUFFERED_BODY && !says(snippet, 'proxy_request_buffering');
  const buffering = isLarge ? '            proxy_request_buffering off;\n' : '';
  return `            proxy_read_timeout ${read}s;
            proxy_send_timeout ${read}s;
${buffering}            proxy_pass http://${to}${prefix === '/' ? '' : `$uri_${variable(name)}`};
`;
}

export const isStripped = ({ prefix }: NginxRoute) => prefix !== '/';

/** The request as the client wrote it, less the prefix: decoding and encoding it again would change what the app sees. */
export function strippedUri({ prefix, upstream: name }: NginxRoute): string {
  const id = variable(name);
  return `    map $request_uri $uri_${id} {
        default "";
        "~^${pattern(prefix)}(?<path_${id}>/.*)$" $path_${id};
        "~^${pattern(prefix)}(?<search_${id}>\\?.*)?$" /$search_${id};
    }

`;
}
