import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeFileReference,
  type ComposePort,
  type ComposeService,
} from '../../formats/compose.js';
import { HEALTH_SCRIPT, START_SCRIPT } from '../../formats/python.js';
import { largestBody, type AsgiApp } from '../../model/app.js';
import { appHealthcheck, MOUNTS, ownerLabels, pidsLimit, shimCommand, temporarySpace } from '../containers.js';
import { configReferences } from '../config-files.js';
import { appImage, contentHash, fromOutput, hasDigest, isBuilt, sourceOf, toOutput, type Context } from '../context.js';
import { existingNetwork, publishedPort } from '../edge.js';
import { loggingFiles, loggingReferences, variablesOf } from '../observability.js';
import { bareMetalTimeouts, gunicornText, hasGunicorn, serverCommand } from './gunicorn.js';
import { dependsOn } from './job.js';
import { filesHashed, mounts, secretFiles } from './parts.js';

/** One container with all processes of an app. */
export function appService(app: AsgiApp, context: Context): ComposeService {
  return {
    image: appImage(app, context),
    ...(isBuiltByCompose(app, context) ? { build: build(app, context) } : {}),
    entrypoint: shimCommand(app),
    command: serverCommand(app),
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    // A weight beside other containers, not a limit: Docker refuses more cores than the machine has.
    cpu_shares: Math.min(262144, Math.max(2, Math.round(1024 * app.cpu * app.processes))),
    ...dependsOn(app, context),
    environment: variablesOf(app, context),
    configs: configs(app),
    secrets: secretFiles(app),
    volumes: mounts(app, temporarySpace(largestBody(app))),
    ports: ports(app, context),
    networks: networks(app, context),
    healthcheck: appHealthcheck(app, { restartAfter: 3, ...(hasGunicorn(app) ? { processes: app.processes } : {}) }),
    stop_signal: 'SIGTERM',
    stop_grace_period: `${bareMetalTimeouts(app).stopGrace}s`,
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory: dockerSize(memoryLimit(app)), pids: pidsLimit(app.processes) } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name, app),
      'asgi-synth.config': configHash(app, context),
    },
  };
}

/** What has a digest is in a registry; Docker refuses to give a new image that name. */
export function isBuiltByCompose(app: AsgiApp, context: Context): boolean {
  return isBuilt(app, context) && !hasDigest(appImage(app, context));
}

/** Bytes on top of the processes: for the shim and Gunicorn's own process. */
export const MANAGER_MEMORY = 64 * 2 ** 20;

/** Bytes that the container may take. */
export function memoryLimit(app: AsgiApp): number {
  return app.processes * app.memory + MANAGER_MEMORY;
}

/** How Compose builds the image of an app. */
export function build(app: AsgiApp, context: Context): NonNullable<ComposeService['build']> {
  const source = sourceOf(app, context);
  const own = app.build.dockerfile !== undefined;
  return {
    context: fromOutput(source.context, context),
    // Compose takes the path from the context, not from its own file.
    dockerfile: own
      ? (source.dockerfile ?? 'Dockerfile')
      : toOutput(source.context, `${app.node.id}/Dockerfile`, context),
    // Our own Dockerfile holds them already.
    args: own ? (app.build.arguments ?? {}) : {},
    secrets: Object.keys(app.build.secrets ?? {})
      .toSorted()
      .map((id) => ({ source: buildSecret(app, id), target: id })),
  };
}

/** Key of a build's secret: secrets of containers have no hyphen. */
export function buildSecret(app: AsgiApp, id: string): string {
  return `build-${app.node.id}-${id}`;
}

function configs(app: AsgiApp): ComposeFileReference[] {
  return [
    { source: 'start', target: `${MOUNTS}/start.py` },
    { source: 'health', target: `${MOUNTS}/health.py` },
    ...(hasGunicorn(app) ? [{ source: `${app.node.id}-gunicorn`, target: `${MOUNTS}/gunicorn.conf.py` }] : []),
    ...loggingReferences(app),
    ...configReferences(app),
  ];
}

/** Compose does not look into mounted files: this label makes it replace a container whose files have changed. */
function configHash(app: AsgiApp, context: Context): string {
  const gunicorn = hasGunicorn(app) ? gunicornText(app, context, []) : '';
  const logging = Object.values(loggingFiles(app));
  return contentHash([START_SCRIPT, HEALTH_SCRIPT, gunicorn, ...logging, ...filesHashed(app, context)].join('\0'));
}

function ports(app: AsgiApp, { stack }: Context): ComposePort[] {
  const published = publishedPort(stack, app);
  if (published === undefined) return [];
  const { address } = stack.httpPort;
  return [
    {
      target: app.port,
      published: String(published),
      ...(address === undefined ? {} : { host_ip: address.replace(/^\[(.*)\]$/, '$1') }),
      protocol: 'tcp',
    },
  ];
}

function networks(app: AsgiApp, { stack, name }: Context): ComposeService['networks'] {
  return {
    default: null,
    ...(existingNetwork(stack) === undefined ? {} : { edge: { aliases: [`${name}-${app.node.id}`] } }),
  };
}
