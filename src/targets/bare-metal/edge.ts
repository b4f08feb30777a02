import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeMount,
  type ComposePort,
  type ComposeService,
} from '../../formats/compose.js';
import type { HttpPort } from '../../model/stack.js';
import { EDGE_COMMAND, EDGE_HEALTHCHECK, EDGE_MEMORY, EDGE_PINS, MOUNTS, ownerLabels } from '../containers.js';
import { thirdPartyImage, type Context } from '../context.js';
import {
  dockerCertificate,
  EDGE_PORT,
  EDGE_SECRETS,
  EDGE_STATUS_PORT,
  EDGE_TLS_PORT,
  edgeConfig,
  edgeShutdown,
} from '../edge.js';
import { bareMetalTimeouts } from './gunicorn.js';
import { TLS_FOLDER } from './parts.js';

/**
 * Seconds for which a WebSocket or a stream outlasts a reload. An update reloads nginx while the old version still runs, which then closes
 * its own in its own words; those of other apps are no part of it. A stop is bounded by the grace period of the container.
 */
const RELOAD_OUTLAST = 3600;

/** The configuration of the nginx that takes requests on the host. */
export function nginxFile(context: Context): string {
  return edgeConfig(
    context.stack,
    {
      resolver: { address: '127.0.0.11' },
      status: `127.0.0.1:${EDGE_STATUS_PORT}`,
      hostOf: (app) => app.node.id,
      timeoutsOf: bareMetalTimeouts,
      pins: EDGE_PINS,
      outlast: RELOAD_OUTLAST,
      tls: dockerCertificate(context.stack),
    },
    context.header,
  );
}

/** nginx on the host's own port. Without the hash of its configuration: it takes over a new one by a reload, which cuts nobody off. */
export function edgeService(context: Context): ComposeService {
  const { stack, name } = context;
  const tls = dockerCertificate(stack);
  return {
    image: thirdPartyImage('nginx', context),
    entrypoint: EDGE_COMMAND,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    // An app that is not there yet has no address, and nginx would answer 502 until it looks again.
    depends_on: Object.fromEntries(stack.apps.map(({ node }) => [node.id, { condition: 'service_started' as const }])),
    volumes: [
      folder('./nginx', `${MOUNTS}/nginx`),
      ...(tls === undefined ? [] : [folder(`./${TLS_FOLDER}`, EDGE_SECRETS)]),
      { type: 'tmpfs', target: '/tmp', tmpfs: { size: 128 * 2 ** 20, mode: 0o1777 } },
    ],
    ports: [
      published(EDGE_PORT, stack.httpPort),
      ...(tls === undefined ? [] : [published(EDGE_TLS_PORT, stack.httpsPort)]),
    ],
    networks: { default: null },
    healthcheck: EDGE_HEALTHCHECK,
    stop_signal: 'SIGQUIT',
    stop_grace_period: `${edgeShutdown(stack) + 5}s`,
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(EDGE_MEMORY), pids: 64 } } },
    logging: BOUNDED_LOGS,
    labels: { ...stack.labels, ...ownerLabels(name) },
  };
}

/** The folder, not its files: a container that mounts one file would never see it replaced. */
function folder(source: string, target: string): ComposeMount {
  return { type: 'bind', source, target, read_only: true, bind: { create_host_path: false } };
}

function published(target: number, { address, port }: HttpPort): ComposePort {
  return {
    target,
    published: String(port),
    ...(address === undefined ? {} : { host_ip: address.replace(/^\[(.*)\]$/, '$1') }),
    protocol: 'tcp',
  };
}
