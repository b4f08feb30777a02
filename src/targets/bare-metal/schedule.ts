import { dockerSize, type BackgroundService } from '../../formats/compose.js';
import { SCHEDULE_SCRIPT, START_SCRIPT } from '../../formats/python.js';
import type { Schedule } from '../../model/schedule.js';
import { containerMemory, MOUNTS, pidsLimit, scheduleShim } from '../containers.js';
import { contentHash, type Context } from '../context.js';
import { dependsOn } from './job.js';
import { filesHashed } from './parts.js';
import { taskService } from './task.js';

/** Every image has this folder, and lets everybody write there; a volume that is new there takes that over. */
const MEMORY = '/var/tmp';

/** A scheduler with its command in one container, of which there is never a second one. */
export function scheduleService(schedule: Schedule, context: Context): BackgroundService {
  const { image, deploy: _deploy, configs, volumes, labels, ...task } = taskService(schedule, context);
  const hashed = [START_SCRIPT + SCHEDULE_SCRIPT, ...filesHashed(schedule, context)];
  const memory = dockerSize(containerMemory(schedule));
  return {
    image,
    entrypoint: scheduleShim(schedule, `${MEMORY}/asgi-synth-${schedule.node.id}`),
    ...task,
    ...dependsOn(schedule.app, context),
    configs: [...configs, { source: 'schedule', target: `${MOUNTS}/schedule.py` }],
    // The last tick outlives the container, so that none runs twice and none is lost.
    volumes: volumes.some(({ target }) => target === MEMORY)
      ? volumes
      : [...volumes, { type: 'volume', source: schedule.node.id, target: MEMORY }],
    healthcheck: { disable: true },
    restart: 'unless-stopped',
    deploy: { resources: { limits: { memory, pids: pidsLimit(2) } } },
    labels: { ...labels, 'asgi-synth.config': contentHash(hashed.join('\0')) },
  };
}

/** The volume in which the last tick is. */
export function scheduleVolume({ node }: Schedule, { name, stack }: Context): object {
  return { name: `${name}_${node.id}`, driver: 'local', labels: { ...stack.labels, 'asgi-synth.stack': name } };
}
