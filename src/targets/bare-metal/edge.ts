import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeMount,
  type ComposePort,
  type ComposeService,
} from '../../formats/compose.js';
import type { HttpPort } from '../../model/stack.js';
import { ACME, ACME_MOUNT, acmeEdge, takenFromVolume } from '../acme.js';
import { EDGE_COMMAND, EDGE_HEALTHCHECK, EDGE_MEMORY, EDGE_PINS, MOUNTS, ownerLabels } from '../containers.js';
import { contentHash, thirdPartyImage, type Context } from '../context.js';
import { staticId, withStatic } from '../../model/tree.js';
import {
  dockerAcme,
  dockerCertificate,
  EDGE_PORT,
  EDGE_SECRETS,
  EDGE_STATUS_PORT,
  EDGE_TLS_PORT,
  edgeConfig,
  edgeShutdown,
  httpsProtocols,
  takesHttp3,
} from '../edge.js';
import type { OutputFile } from '../target.js';
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
      hostOf: (id) => id,
      timeoutsOf: bareMetalTimeouts,
      pins: EDGE_PINS,
      outlast: RELOAD_OUTLAST,
      tls: dockerCertificate(context.stack),
      acme: acmeEdge(dockerAcme(context.stack)),
      http3: takesHttp3(context.stack),
    },
    context.header,
  );
}

/** What runs nginx where its certificate comes while it runs. nginx takes the place of the shell, so that signals reach it. */
const EDGE_SCRIPT = `#!/bin/sh
# Runs nginx, and lets it take over the certificate that the service ${ACME} gets.
${takenFromVolume()}exec ${EDGE_COMMAND.join(' ')}
`;

/** The files that nginx's container gets. */
export function edgeFiles(context: Context): OutputFile[] {
  return [
    { path: 'nginx/nginx.conf', content: nginxFile(context) },
    ...(dockerAcme(context.stack) ? [{ path: 'runtime/edge.sh', content: EDGE_SCRIPT }] : []),
  ];
}

/** nginx on the host's own port. Without the hash of its configuration: it takes over a new one by a reload, which cuts nobody off. */
export function edgeService(context: Context): ComposeService {
  const { stack, name } = context;
  const [tls, acme] = [dockerCertificate(stack), dockerAcme(stack)];
  return {
    image: thirdPartyImage('nginx', context),
    entrypoint: acme ? ['sh', `${MOUNTS}/edge.sh`] : EDGE_COMMAND,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    // An app that is not there yet has no address, and nginx would answer 502 until it looks again.
    depends_on: Object.fromEntries(
      [...stack.apps.map(({ node }) => node.id), ...withStatic(stack).map(staticId)].map((id) => [
        id,
        { condition: 'service_started' as const },
      ]),
    ),
    ...(acme ? { configs: [{ source: 'edge', target: `${MOUNTS}/edge.sh` }] } : {}),
    volumes: [
      folder('./nginx', `${MOUNTS}/nginx`),
      ...(tls === undefined ? [] : [folder(`./${TLS_FOLDER}`, EDGE_SECRETS)]),
      ...(acme ? [{ type: 'volume', source: ACME, target: ACME_MOUNT, read_only: true } as const] : []),
      { type: 'tmpfs', target: '/tmp', tmpfs: { size: 128 * 2 ** 20, mode: 0o1777 } },
    ],
    ports: [
      published(EDGE_PORT, stack.httpPort, 'tcp'),
      ...httpsProtocols(stack).map((protocol) => published(EDGE_TLS_PORT, stack.httpsPort, protocol)),
    ],
    networks: { default: null },
    healthcheck: EDGE_HEALTHCHECK,
    stop_signal: 'SIGQUIT',
    stop_grace_period: `${edgeShutdown(stack) + 5}s`,
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(EDGE_MEMORY), pids: 64 } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...stack.labels,
      ...ownerLabels(name),
      ...(acme ? { 'asgi-synth.config': contentHash(EDGE_SCRIPT) } : {}),
    },
  };
}

/** The folder, not its files: a container that mounts one file would never see it replaced. */
function folder(source: string, target: string): ComposeMount {
  return { type: 'bind', source, target, read_only: true, bind: { create_host_path: false } };
}

function published(target: number, { address, port }: HttpPort, protocol: 'tcp' | 'udp'): ComposePort {
  return {
    target,
    published: String(port),
    ...(address === undefined ? {} : { host_ip: address.replace(/^\[(.*)\]$/, '$1') }),
    protocol,
  };
}
