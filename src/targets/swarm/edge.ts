import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type ComposeService } from '../../formats/compose.js';
import { leavingScript } from '../../formats/nginx/leave.js';
import { ACME_MOUNT, acmeEdge, EDGE_VOLUME, takenOverNetwork } from '../acme.js';
import { EDGE_COMMAND, EDGE_HEALTHCHECK, EDGE_LEAVING, EDGE_MEMORY, MOUNTS, ownerLabels } from '../containers.js';
import { thirdPartyImage, type Context } from '../context.js';
import {
  dockerAcme,
  dockerCertificate,
  EDGE_PORT,
  EDGE_STATUS_PORT,
  EDGE_TLS_PORT,
  edgeConfig,
  edgeShutdown,
  httpsProtocols,
  takesHttp3,
  takesHttps,
} from '../edge.js';
import type { OutputFile } from '../target.js';
import { tlsSecrets } from '../../model/tls.js';
import { secretFiles } from './parts.js';
import { swarmTimeouts } from './timeouts.js';

/**
 * The configuration of the nginx that takes requests on each node. A config of a Swarm cannot be changed under its name, so that the
 * command at the head of other files, which changes with its options alone, must not be in it.
 */
export function nginxFile(context: Context): string {
  const header = [
    `Made by asgi-synth for the stack ${context.name}. Do not edit: the head of stack.yaml says how to remake it.`,
  ];
  return edgeConfig(
    context.stack,
    {
      resolver: { address: '127.0.0.11' },
      status: `127.0.0.1:${EDGE_STATUS_PORT}`,
      hostOf: (id) => `tasks.${id}`,
      timeoutsOf: swarmTimeouts,
      leaving: EDGE_LEAVING,
      check: EDGE_CHECK,
      isProcessAddress: true,
      outlast: dockerAcme(context.stack) ? RELOAD_OUTLAST : outlast(context),
      tls: dockerCertificate(context.stack),
      acme: acmeEdge(dockerAcme(context.stack)),
      http3: takesHttp3(context.stack),
    },
    header,
  );
}

/** Seconds for which clients and balancers are told to go elsewhere before nginx stops: two checks of a balancer that asks every 3 s. */
export const LEAVE = 8;

/** Path at which a balancer in front of the nodes asks whether it may send requests to one. */
export const EDGE_CHECK = '/-/healthz';

/**
 * Seconds for which a WebSocket or a stream outlasts the reload that takes a renewed certificate over. A stop is bounded by the grace
 * period of the task.
 */
const RELOAD_OUTLAST = 3600;

/** Seconds for which connections may outlast a stop: with the rest of it, within the minute that a Swarm gives. */
function outlast({ stack }: Context): number {
  return Math.min(55 - LEAVE, edgeShutdown(stack));
}

/** What runs nginx, lets it take a certificate over where that comes while it runs, and stops it. */
export function edgeScript({ stack }: Context): string {
  const acme = dockerAcme(stack);
  return leavingScript(EDGE_COMMAND, EDGE_LEAVING, LEAVE, acme && takenOverNetwork(acme));
}

/** The files that nginx's container gets. */
export function edgeFiles(context: Context): OutputFile[] {
  return [
    { path: 'nginx/nginx.conf', content: nginxFile(context) },
    { path: 'runtime/edge.sh', content: edgeScript(context) },
  ];
}

/** nginx on every node, on the node's own port: the routing mesh would hide who the client is. */
export function edgeService(context: Context): ComposeService {
  const { stack, name } = context;
  const [hasTls, acme] = [takesHttps(stack), dockerAcme(stack)];
  return {
    image: thirdPartyImage('nginx', context),
    entrypoint: ['sh', `${MOUNTS}/edge.sh`],
    ...LEAST_PRIVILEGE,
    configs: [
      { source: 'nginx', target: `${MOUNTS}/nginx/nginx.conf` },
      { source: 'edge', target: `${MOUNTS}/edge.sh` },
    ],
    // One whose certificate is renewed has another secret, and is replaced as for any change of its own.
    secrets: secretFiles(acme ? [acme.token] : hasTls ? tlsSecrets(stack) : []),
    volumes: [
      { type: 'tmpfs', target: '/tmp', tmpfs: { size: 128 * 2 ** 20 } },
      ...(acme ? [{ type: 'volume', source: EDGE_VOLUME, target: ACME_MOUNT } as const] : []),
    ],
    ports: [
      { target: EDGE_PORT, published: stack.httpPort.port, protocol: 'tcp', mode: 'host' },
      ...httpsProtocols(stack).map(
        (protocol) => ({ target: EDGE_TLS_PORT, published: stack.httpsPort.port, protocol, mode: 'host' }) as const,
      ),
    ],
    networks: { default: null },
    healthcheck: EDGE_HEALTHCHECK,
    stop_signal: 'SIGQUIT',
    stop_grace_period: `${LEAVE + outlast(context) + 5}s`,
    deploy: {
      mode: 'global',
      labels: { ...stack.labels, ...ownerLabels(name) },
      resources: { limits: { memory: dockerSize(EDGE_MEMORY), pids: 64 } },
      restart_policy: { condition: 'any', delay: '2s' },
      // Two containers cannot hold one port of a node, so the old one must go first.
      update_config: {
        parallelism: 1,
        delay: '5s',
        order: 'stop-first',
        failure_action: 'rollback',
        monitor: '20s',
        max_failure_ratio: 0,
      },
      rollback_config: {
        parallelism: 1,
        order: 'stop-first',
        failure_action: 'pause',
        monitor: '20s',
        max_failure_ratio: 0,
      },
    },
    logging: BOUNDED_LOGS,
    labels: { ...stack.labels, ...ownerLabels(name) },
  };
}
