import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type BackgroundService,
  type ComposeFileReference,
  type ComposeMount,
} from '../../formats/compose.js';
import { START_SCRIPT } from '../../formats/python.js';
import { mountsOf } from '../../model/tree.js';
import type { Worker } from '../../model/worker.js';
import { MOUNTS, ownerLabels, pidsLimit, shimCommand, temporarySpace, workerHealthcheck } from '../containers.js';
import { dependencies } from './app.js';
import { appImage, contentHash, type Context } from '../context.js';

/** Containers of a worker: nobody inside would multiply a command that we do not know, so that Compose does. */
export function workerService(worker: Worker, context: Context): BackgroundService {
  const { environment } = worker;
  return {
    image: appImage(worker.app, context),
    entrypoint: shimCommand(worker.app, { drainSeconds: 0 }),
    command: worker.command,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    cpu_shares: Math.max(2, Math.round(1024 * worker.cpu)),
    ...dependencies(worker.app),
    environment: Object.fromEntries(Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }],
    secrets: worker.secrets.map(({ node }): ComposeFileReference => ({ source: node.id, target: node.id })),
    volumes: mounts(worker),
    networks: { default: null },
    healthcheck: workerHealthcheck(worker),
    stop_signal: 'SIGTERM',
    stop_grace_period: `${worker.gracePeriod}s`,
    restart: 'unless-stopped',
    deploy: {
      replicas: worker.processes,
      resources: { limits: { memory: dockerSize(worker.memory), pids: pidsLimit(1) } },
    },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name, worker),
      'asgi-synth.config': contentHash(START_SCRIPT),
    },
  };
}

function mounts(worker: Worker): ComposeMount[] {
  return [
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: temporarySpace(0), mode: 0o1777 } },
    ...mountsOf(worker).map(({ path, volume }): ComposeMount => ({
      type: 'volume',
      source: volume.node.id,
      target: path,
    })),
  ];
}
