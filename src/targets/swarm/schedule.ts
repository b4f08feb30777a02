import { dockerSize, type BackgroundService, type UpdateConfig } from '../../formats/compose.js';
import type { Schedule } from '../../model/schedule.js';
import { containerMemory, CRASH_WINDOW, MOUNTS, pidsLimit, scheduleShim } from '../containers.js';
import type { Context } from '../context.js';
import { taskService } from './task.js';

/**
 * A scheduler with its command in one task, of which there is never a second one. It remembers no tick: a volume stays on its node, and
 * one that was left there long ago would have ticks run again that ran elsewhere. So it begins with the tick after its start.
 */
export function scheduleService(schedule: Schedule, context: Context): BackgroundService {
  const { image, deploy, configs, ...task } = taskService(schedule, context);
  const { labels, placement } = deploy;
  const memory = dockerSize(containerMemory(schedule));
  return {
    image,
    entrypoint: scheduleShim(schedule),
    ...task,
    configs: [...configs, { source: 'schedule', target: `${MOUNTS}/schedule.py` }],
    healthcheck: { disable: true },
    deploy: {
      mode: 'replicated',
      replicas: 1,
      endpoint_mode: 'dnsrr',
      labels,
      resources: { limits: { cpus: String(schedule.cpu), memory, pids: pidsLimit(2) } },
      restart_policy: { condition: 'any', delay: '2s' },
      update_config: update('rollback'),
      rollback_config: update('pause'),
      placement,
    },
  };
}

function update(failure_action: UpdateConfig['failure_action']): UpdateConfig {
  const monitor = `${CRASH_WINDOW}s`;
  return { parallelism: 1, order: 'stop-first', failure_action, monitor, max_failure_ratio: 0 };
}
