import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  withoutTemplates,
  type BackgroundService,
  type ComposeDeploy,
  type ComposeFileReference,
  type ComposeMount,
  type UpdateConfig,
} from '../../formats/compose.js';
import { mountsOf } from '../../model/tree.js';
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
    secrets: worker.secrets.map(({ node }): ComposeFileReference => ({
      source: node.id,
      target: node.id,
      uid: '10001',
      gid: '10001',
      mode: 0o400,
    })),
    volumes: mounts(worker),
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

function environment({ environment }: Worker): Record<string, string> {
  const names = Object.keys(environment).toSorted();
  return Object.fromEntries(names.map((name) => [name, withoutTemplates(environment[name] ?? '')]));
}

function mounts(worker: Worker): ComposeMount[] {
  return [
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: temporarySpace(0) } },
    ...mountsOf(worker).map(({ path, volume }): ComposeMount => ({
      type: 'volume',
      source: volume.node.id,
      target: path,
    })),
  ];
}

function deploy(worker: Worker, { name }: Context, labels: Record<string, string>): ComposeDeploy {
  const pinned = mountsOf(worker).filter(({ volume }) => !volume.shared);
  return {
    mode: 'replicated',
    replicas: worker.processes,
    endpoint_mode: 'dnsrr',
    labels,
    resources: { limits: { cpus: String(worker.cpu), memory: dockerSize(worker.memory), pids: pidsLimit(1) } },
    restart_policy: { condition: 'any', delay: '2s' },
    update_config: update(worker, 'rollback'),
    rollback_config: update(worker, 'pause'),
    placement: { constraints: pinned.map(({ volume }) => `node.labels.${name}.${volume.node.id} == true`) },
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
