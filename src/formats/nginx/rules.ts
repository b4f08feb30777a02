import type { NginxRoute } from './route.js';
import { requestIdVariable, tellsRequestId, type RequestIds } from './requests.js';
import { says } from './snippets.js';
import { tellsOfTls, type NginxTls } from './tls.js';
import { bare, literal, variable } from './words.js';

/** What nginx does for a route beside passing requests on. */
type Ruled = Pick<NginxRoute, 'upstream' | 'headers' | 'rate' | 'snippet'>;

/** Blocks outside of all servers that the rules of a route need. */
export function ruleBlocks(route: Ruled): string {
  return headerTexts(route) + rateZone(route);
}

/** No escape of nginx means a dollar: a text that has one is the value of a variable, in which nginx looks for no other. */
function headerTexts({ upstream, headers = {} }: Ruled): string {
  return Object.values(headers)
    .map((value, index) =>
      value.includes('$')
        ? `    geo $${headerVariable(upstream, index)} {\n        default ${literal(value)};\n    }\n\n`
        : '',
    )
    .join('');
}

function headerVariable(upstream: string, index: number): string {
  return `header_${variable(upstream)}_${index + 1}`;
}

/** 10 MiB remember 80 000 addresses or more; the one that was seen longest ago makes room. */
function rateZone({ upstream, rate }: Ruled): string {
  if (rate === undefined) return '';
  return `    limit_req_zone $binary_remote_addr zone=rate_${bare(upstream)}:10m rate=${rate.perSecond}r/s;\n\n`;
}

/** Directives of a location that turn a client away which asks too often. A request that is passed on anew is not counted again. */
export function rateLimit({ upstream, rate, snippet }: Ruled): string {
  if (rate === undefined) return '';
  const burst = rate.burst === 0 ? '' : ` burst=${rate.burst} nodelay`;
  const own = [
    ['limit_req', `zone=rate_${bare(upstream)}${burst}`],
    ['limit_req_status', '429'],
    ['limit_req_log_level', 'info'],
  ] as const;
  // Several limits may hold at once, but what is said of them is said once.
  return own
    .filter(([name]) => name === 'limit_req' || !says(snippet, name))
    .map(([name, value]) => `            ${name} ${value};\n`)
    .join('');
}

/** What a server tells its clients in headers of its own, beside what the app says. */
interface ToldByServer {
  readonly isToldToLeave: boolean;
  readonly tls: NginxTls | undefined;
  readonly requestIds: RequestIds;
}

/** Directives of a location that set headers of its answers. It has them alone: one of its own is all that it has. */
export function responseHeaders({ upstream, headers = {}, snippet }: Ruled, server: ToldByServer): string {
  const { isToldToLeave, tls } = server;
  const entries = Object.entries(headers);
  if (entries.length === 0 && !says(snippet, 'add_header')) return '';
  const leaving = isToldToLeave ? '            add_header Connection $leaving;\n' : '';
  const told = tellsOfTls(tls, { indent: 12, headers: entries.map(([name]) => name) });
  const own = entries.map(([name, value], index) => {
    const text = value.includes('$') ? `$${headerVariable(upstream, index)}` : literal(value);
    return `            proxy_hide_header ${literal(name)};
            add_header ${literal(name)} ${text} always;
`;
  });
  // In a bucket of 64 bytes, the default, there is no room for a longer name, and nginx would not start.
  const hash = entries.some(([name]) => name.length > 40) ? '            proxy_headers_hash_bucket_size 256;\n' : '';
  return tellsRequestId(server.requestIds, 12) + leaving + told + hash + own.join('');
}

/** Directives that tell an app who asks, and let through nothing that a client says of that. A level that has one of its own needs all. */
export function passedOn(indent: number, requestIds: RequestIds): string {
  const all = [...PASSED_ON, ['X-Request-ID', requestIdVariable(requestIds)], ['Forwarded', '""']] as const;
  return all.map(([name, value]) => `${' '.repeat(indent)}proxy_set_header ${name} ${value};\n`).join('');
}

const PASSED_ON = [
  ['Host', '$host$host_port'],
  ['Connection', '$connection_upgrade'],
  ['Upgrade', '$http_upgrade'],
  ['X-Forwarded-For', '$remote_addr'],
  ['X-Forwarded-Proto', '$client_scheme'],
  ['X-Forwarded-Host', '$host$host_port'],
  ['X-Forwarded-Port', '""'],
  ['X-Forwarded-Prefix', '""'],
  ['X-Forwarded-Ssl', '""'],
  ['X-Real-IP', '$remote_addr'],
] as const;
