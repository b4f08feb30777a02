import { bare } from './words.js';

/** Directives that say who the client is and which scheme it used. */
export function clientAddress(trusted: readonly string[]): string {
  if (trusted.length === 0) {
    return `    # No balancer is trusted: the client is whoever connects.
    map $scheme $client_scheme {
        default $scheme;
    }
`;
  }
  return `    # A balancer in front says who the client is and which scheme it used.
${trusted.map((range) => `    set_real_ip_from ${bare(range)};`).join('\n')}
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    geo $realip_remote_addr $from_balancer {
${trusted.map((range) => `        ${bare(range)} 1;`).join('\n')}
    }
    map $from_balancer:$http_x_forwarded_proto $client_scheme {
        default $scheme;
        "~*^1:https(,|$)" https;
        "~*^1:http(,|$)" http;
    }
`;
}
