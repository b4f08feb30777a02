import type { AsgiApp } from '../model/app.js';
import type { Context } from './context.js';
import { serverLogs } from './observability.js';
import { uvicornCommand } from '../formats/uvicorn.js';
import type { Timeouts } from '../model/timeouts.js';

/**
 * Address ranges of container networks (RFC 1918, RFC 6598, RFC 4193) and loopback. With an edge of ours, which sets
 * X-Forwarded-For anew on each request, the peer is always in one of them; which one, the engine decides.
 */
const CONTAINER_NETWORKS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '::1',
  'fc00::/7',
];

/** Whose X-Forwarded-For and X-Forwarded-Proto an app believes. */
export function trustedByApp({ stack }: Context): readonly string[] {
  // What connects to an app that is published itself is not an edge: only a balancer that the user names may speak for others.
  return stack.edge === 'none'
    ? [...new Set(['127.0.0.1', ...stack.trustedProxies])]
    : [...new Set([...CONTAINER_NETWORKS, ...stack.trustedProxies])];
}

/** ASGI `root_path` of an app: its prefix, which the edge strips. */
export function rootPath({ pathPrefix }: AsgiApp): string {
  return pathPrefix === '/' ? '' : pathPrefix;
}

/** The command of one Uvicorn process, for the targets whose orchestrator multiplies. */
export function singleProcessCommand(app: AsgiApp, context: Context, timeouts: Timeouts): readonly string[] {
  return (
    app.command ??
    uvicornCommand({
      module: app.module,
      factory: app.factory,
      port: app.port,
      gracefulSeconds: timeouts.graceful,
      keepAliveSeconds: timeouts.keepAlive,
      webSocketPingSeconds: timeouts.webSocketPing,
      trusted: trustedByApp(context),
      rootPath: rootPath(app),
      logs: serverLogs(app),
    })
  );
}
