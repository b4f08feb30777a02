import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type BackgroundService,
  type ComposeDeploy,
  type UpdateConfig,
} from '../../formats/compose.js';
import type { Worker } from '../../model/worker.js';
import {
  MOUNTS,
  ownerLabels,
  pidsLimit,
  shimCommand,
  temporarySpace,
  workerHealthcheck,
  workerParallelism,
  workerWindow,
} from '../containers.js';
import { appImage, type Context } from '../context.js';
import { environment, mounts, secretFiles, volumeConstraints } from './parts.js';

/** Replicas of a worker. Nobody sends anything to them, so that they have no address of their own. */
export function workerService(worker: Worker, context: Context): BackgroundService {
  const labels = { ...context.stack.labels, ...ownerLabels(context.name, worker) };
  return {
    image: appImage(worker.app, context),
    entrypoint: shimCommand(worker.app, { drainSeconds: 0 }),
    command: worker.command,
    ...LEAST_PRIVILEGE,
    environment: environment(worker),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }],
    secrets: secretFiles(worker.secrets),
    volumes: mounts(worker, temporarySpace(0)),
    networks: { default: null },
    healthcheck: workerHealthcheck(worker),
    stop_signal: 'SIGTERM',
    // Above a minute the next task starts before this one has stopped (moby#36111): workers can stand beside each other.
    stop_grace_period: `${worker.gracePeriod}s`,
    deploy: deploy(worker, context, labels),
    logging: BOUNDED_LOGS,
    labels,
  };
}

function deploy(worker: Worker, context: Context, labels: Record<string, string>): ComposeDeploy {
  return {
    mode: 'replicated',
    replicas: worker.processes,
    endpoint_mode: 'dnsrr',
    labels,
    resources: { limits: { cpus: String(worker.cpu), memory: dockerSize(worker.memory), pids: pidsLimit(1) } },
    restart_policy: { condition: 'any', delay: '2s' },
    update_config: update(worker, 'rollback'),
    rollback_config: update(worker, 'pause'),
    placement: { constraints: volumeConstraints(worker, context) },
  };
}

function update(worker: Worker, failure_action: UpdateConfig['failure_action']): UpdateConfig {
  return {
    parallelism: workerParallelism(worker),
    // The queue keeps what no worker takes, so nothing is lost by a gap, and there are never more consumers than asked for.
    order: 'stop-first',
    failure_action,
    monitor: `${workerWindow(worker)}s`,
    max_failure_ratio: 0,
  };
}
