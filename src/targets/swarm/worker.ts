import type { BackgroundService, UpdateConfig } from '../../formats/compose.js';
import type { Worker } from '../../model/worker.js';
import { shimCommand, workerHealthcheck, workerParallelism, workerWindow } from '../containers.js';
import type { Context } from '../context.js';
import { taskService } from './task.js';

/** Replicas of a worker. Nobody sends anything to them, so that they have no address of their own. */
export function workerService(worker: Worker, context: Context): BackgroundService {
  const { image, deploy, ...task } = taskService(worker, context);
  const { labels, resources, placement } = deploy;
  return {
    image,
    entrypoint: shimCommand(worker.app, { drainSeconds: 0 }),
    ...task,
    healthcheck: workerHealthcheck(worker),
    deploy: {
      mode: 'replicated',
      replicas: worker.processes,
      endpoint_mode: 'dnsrr',
      labels,
      resources,
      restart_policy: { condition: 'any', delay: '2s' },
      update_config: update(worker, 'rollback'),
      rollback_config: update(worker, 'pause'),
      placement,
    },
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
