import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type BackgroundService } from '../../formats/compose.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Worker } from '../../model/worker.js';
import { MOUNTS, ownerLabels, pidsLimit, shimCommand, temporarySpace, workerHealthcheck } from '../containers.js';
import { appImage, contentHash, type Context } from '../context.js';
import { dependencies } from './app.js';
import { environment, mounts, secretFiles } from './parts.js';

/** Containers of a worker: nobody inside would multiply a command that we do not know, so that Compose does. */
export function workerService(worker: Worker, context: Context): BackgroundService {
  return {
    image: appImage(worker.app, context),
    entrypoint: shimCommand(worker.app, { drainSeconds: 0 }),
    command: worker.command,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    cpu_shares: Math.max(2, Math.round(1024 * worker.cpu)),
    ...dependencies(worker.app),
    environment: environment(worker),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }],
    secrets: secretFiles(worker),
    volumes: mounts(worker, temporarySpace(0)),
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
