import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type ComposeDeploy,
  type ComposePort,
  type ComposeService,
} from '../../formats/compose.js';
import { largestBody, type AsgiApp } from '../../model/app.js';
import {
  appHealthcheck,
  healthWindow,
  MOUNTS,
  ownerLabels,
  pidsLimit,
  shimCommand,
  temporarySpace,
} from '../containers.js';
import { configReferences } from '../config-files.js';
import { appImage, type Context } from '../context.js';
import { existingNetwork, publishedPort } from '../edge.js';
import { loggingReferences } from '../observability.js';
import { singleProcessCommand } from '../server.js';
import { environment, mounts, placement, secretFiles } from './parts.js';
import { swarmTimeouts } from './timeouts.js';

/** Replicas of one Uvicorn process each. */
export function appService(app: AsgiApp, context: Context): ComposeService {
  const timeouts = swarmTimeouts(app);
  const labels = { ...context.stack.labels, ...ownerLabels(context.name, app) };
  return {
    image: appImage(app, context),
    entrypoint: shimCommand(app),
    command: singleProcessCommand(app, context, timeouts),
    ...LEAST_PRIVILEGE,
    environment: environment(app, context),
    configs: [
      { source: 'start', target: `${MOUNTS}/start.py` },
      { source: 'health', target: `${MOUNTS}/health.py` },
      ...loggingReferences(app),
      ...configReferences(app),
    ],
    secrets: secretFiles(app.secrets),
    volumes: mounts(app, temporarySpace(largestBody(app))),
    ports: ports(app, context),
    networks: networks(app, context),
    healthcheck: appHealthcheck(app),
    stop_signal: 'SIGTERM',
    stop_grace_period: `${timeouts.stopGrace}s`,
    deploy: deploy(app, context, labels),
    logging: BOUNDED_LOGS,
    labels,
  };
}

function ports(app: AsgiApp, { stack }: Context): ComposePort[] {
  const published = publishedPort(stack, app);
  return published === undefined ? [] : [{ target: app.port, published, protocol: 'tcp', mode: 'ingress' }];
}

function networks(app: AsgiApp, { stack, name }: Context): ComposeService['networks'] {
  return {
    default: null,
    ...(existingNetwork(stack) === undefined ? {} : { edge: { aliases: [`${name}-${app.node.id}`] } }),
  };
}

/** How many tasks start beside the old ones: a quarter at a time, as a Deployment does. */
export function updatedAtOnce({ processes }: AsgiApp): number {
  return Math.max(1, Math.floor(processes / 4));
}

function deploy(app: AsgiApp, context: Context, labels: Record<string, string>): ComposeDeploy {
  const { stack } = context;
  const parallelism = updatedAtOnce(app);
  return {
    mode: 'replicated',
    replicas: app.processes,
    // nginx balances requests over the tasks themselves; a virtual address would pin each of its connections to one task.
    endpoint_mode: stack.edge === 'none' ? 'vip' : 'dnsrr',
    labels,
    resources: { limits: { cpus: String(app.cpu), memory: dockerSize(app.memory), pids: pidsLimit(1) } },
    restart_policy: { condition: 'any', delay: '2s' },
    update_config: {
      parallelism,
      order: 'start-first',
      failure_action: 'rollback',
      monitor: `${healthWindow(app)}s`,
      max_failure_ratio: 0,
    },
    rollback_config: {
      parallelism,
      order: 'start-first',
      failure_action: 'pause',
      monitor: `${healthWindow(app)}s`,
      max_failure_ratio: 0,
    },
    placement: placement(app, context),
  };
}
