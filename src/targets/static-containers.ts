import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type ComposeHealthcheck } from '../formats/compose.js';
import { leavingScript } from '../formats/nginx/leave.js';
import type { AsgiApp } from '../model/app.js';
import { staticId, withStatic } from '../model/tree.js';
import {
  DRAIN,
  EDGE_COMMAND,
  EDGE_HEALTHCHECK,
  EDGE_LEAVING,
  MOUNTS,
  OWNER_LABELS,
  ownerLabels,
} from './containers.js';
import type { Context } from './context.js';
import { EDGE_STATUS_PORT, existingNetwork } from './edge.js';
import type { OutputFile } from './target.js';
import { STATIC_MEMORY, STATIC_SHUTDOWN, STATIC_TEMPORARY, staticConfig, staticImage } from './statics.js';

/** What runs the nginx of static files: it goes on serving until the edge has let go of it. */
export const STATIC_SCRIPT = leavingScript(EDGE_COMMAND, EDGE_LEAVING, DRAIN);

/** Path of that script in an output. */
export const STATIC_SCRIPT_PATH = 'runtime/static.sh';

/** Path of the configuration in an output. */
export function staticConfigPath(app: AsgiApp): string {
  return `${staticId(app)}/nginx.conf`;
}

/** The configuration for both Docker targets. `hostOf` is the name under which all containers of a service are found. */
export function dockerStaticConfig(app: AsgiApp, context: Context, hostOf: (id: string) => string): string {
  return staticConfig(app, {
    // A config of a Swarm cannot be changed under its name, so that nothing may be in it that options change.
    header: [
      `Made by asgi-synth for the stack ${context.name}. Do not edit: the head of the file beside it says how to remake it.`,
    ],
    peers: hostOf(staticId(app)),
    status: `127.0.0.1:${EDGE_STATUS_PORT}`,
    resolver: { address: '127.0.0.11' },
  });
}

/** The files that the containers of static files get. `hostOf` as for the configuration. */
export function dockerStaticFiles(context: Context, hostOf: (id: string) => string): OutputFile[] {
  const apps = withStatic(context.stack);
  if (apps.length === 0) return [];
  return [
    { path: STATIC_SCRIPT_PATH, content: STATIC_SCRIPT },
    ...apps.map((app) => ({ path: staticConfigPath(app), content: dockerStaticConfig(app, context, hostOf) })),
  ];
}

/** What the container of static files is on both. */
export function staticContainer(app: AsgiApp, context: Context) {
  const { stack, name } = context;
  return {
    image: staticImage(app, context),
    entrypoint: ['sh', `${MOUNTS}/static.sh`],
    ...LEAST_PRIVILEGE,
    configs: [
      { source: 'static', target: `${MOUNTS}/static.sh` },
      { source: staticId(app), target: `${MOUNTS}/nginx/nginx.conf` },
    ],
    networks: {
      default: null,
      ...(existingNetwork(stack) === undefined ? {} : { edge: { aliases: [`${name}-${staticId(app)}`] } }),
    },
    healthcheck: { ...EDGE_HEALTHCHECK, start_period: '10s' } satisfies ComposeHealthcheck,
    stop_signal: 'SIGQUIT' as const,
    stop_grace_period: `${DRAIN + STATIC_SHUTDOWN + 5}s`,
    logging: BOUNDED_LOGS,
    labels: { ...stack.labels, ...staticLabels(app, context) },
  };
}

export function staticLabels(app: AsgiApp, { name }: Context): Record<string, string> {
  return { ...ownerLabels(name), [OWNER_LABELS.app]: staticId(app) };
}

export const STATIC_LIMITS = { memory: dockerSize(STATIC_MEMORY), pids: 32 } as const;

/** Bytes of its tmpfs. */
export const STATIC_TMPFS = { type: 'tmpfs', target: '/tmp', size: STATIC_TEMPORARY } as const;
