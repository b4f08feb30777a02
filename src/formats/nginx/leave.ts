import type { NginxTls } from './tls.js';
import { bare } from './words.js';

/** Directives of a server that ask clients to come back on a new connection while a file is there. */
export function toldToLeave(file: string, tls: NginxTls | undefined): string {
  const hasHttp3 = tls?.http3 !== undefined;
  const unless = (version: string) => `        if (${version}) {
            set $leaving "";
        }
`;
  const unlessNewer = `        # HTTP/2${hasHttp3 ? ' and HTTP/3 have' : ' has'} no such header: a client would refuse the answer, and nginx takes its leave there itself.
        set $stopping $leaving;
${unless('$http2')}${hasHttp3 ? unless('$http3') : ''}`;
  return `        # Before nginx stops it says so: a request on a connection that it is just closing would be lost.
        set $leaving "";
        if (-f ${bare(file)}) {
            set $leaving close;
        }
${tls === undefined ? '' : unlessNewer}        add_header Connection $leaving;
`;
}

/** Location that tells a balancer in front to leave first. Needs what `toldToLeave` sets. */
export function askedByBalancer(path: string, hasHttp2: boolean): string {
  return `        # For a balancer in front: it has to let go before this nginx does.
        location = ${bare(path)} {
            access_log off;
            if (${hasHttp2 ? '$stopping' : '$leaving'}) {
                return 503;
            }
            return 204;
        }
`;
}

/**
 * Shell script that runs nginx and holds its stop signal back, for as long as clients are told to use other connections. For engines
 * that have nothing to do before a stop.
 *
 * @param before lines that run before nginx starts
 */
export function leavingScript(command: readonly string[], file: string, seconds: number, before = ''): string {
  return `#!/bin/sh
# Runs nginx. Before it stops, clients that keep their connection and balancers that ask are told for ${seconds} s to use another one.
${before}leave() {
  : >${bare(file)}
  sleep ${seconds}
  kill -QUIT "$nginx"
}
trap leave QUIT TERM
${command.map(bare).join(' ')} &
nginx=$!
# A signal ends the wait, not nginx.
while :; do
  wait "$nginx"
  status=$?
  kill -0 "$nginx" 2>/dev/null || exit "$status"
done
`;
}
