import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type ComposeService } from '../../formats/compose.js';
import { EDGE_COMMAND, EDGE_HEALTHCHECK, EDGE_MEMORY, EDGE_PINS, MOUNTS, ownerLabels } from '../containers.js';
import { thirdPartyImage, type Context } from '../context.js';
import { EDGE_PORT, EDGE_STATUS_PORT, edgeConfig, edgeShutdown } from '../edge.js';
import { bareMetalTimeouts } from './gunicorn.js';

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
    },
    context.header,
  );
}

/** nginx on the host's own port. Without the hash of its configuration: it takes over a new one by a reload, which cuts nobody off. */
export function edgeService(context: Context): ComposeService {
  const { stack, name } = context;
  const { address, port } = stack.httpPort;
  return {
    image: thirdPartyImage('nginx', context),
    entrypoint: EDGE_COMMAND,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    // An app that is not there yet has no address, and nginx would answer 502 until it looks again.
    depends_on: Object.fromEntries(stack.apps.map(({ node }) => [node.id, { condition: 'service_started' as const }])),
    volumes: [
      // The folder, not the file: a container that mounts one file would never see it replaced.
      {
        type: 'bind',
        source: './nginx',
        target: `${MOUNTS}/nginx`,
        read_only: true,
        bind: { create_host_path: false },
      },
      { type: 'tmpfs', target: '/tmp', tmpfs: { size: 128 * 2 ** 20, mode: 0o1777 } },
    ],
    ports: [
      {
        target: EDGE_PORT,
        published: String(port),
        ...(address === undefined ? {} : { host_ip: address.replace(/^\[(.*)\]$/, '$1') }),
        protocol: 'tcp',
      },
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
