import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type BackgroundService } from '../../formats/compose.js';
import type { Task } from '../../model/task.js';
import { MOUNTS, ownerLabels, pidsLimit, temporarySpace } from '../containers.js';
import { configReferences } from '../config-files.js';
import { appImage, type Context } from '../context.js';
import { environment, mounts, placement, secretFiles } from './parts.js';

/** What every task of a Swarm has that runs a command beside an app: the app's image, environment, secrets and volumes, and no port. */
export function taskService(task: Task, context: Context) {
  const labels = { ...context.stack.labels, ...ownerLabels(context.name, task) };
  return {
    image: appImage(task.app, context),
    command: task.command,
    ...LEAST_PRIVILEGE,
    environment: environment(task, context),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }, ...configReferences(task)],
    secrets: secretFiles(task.secrets),
    volumes: mounts(task, temporarySpace(0)),
    networks: { default: null },
    stop_signal: 'SIGTERM',
    // Above a minute the next task starts before this one has stopped (moby#36111): workers can stand beside each other.
    stop_grace_period: `${task.gracePeriod}s`,
    deploy: {
      labels,
      resources: { limits: { cpus: String(task.cpu), memory: dockerSize(task.memory), pids: pidsLimit(1) } },
      placement: placement(task, context),
    },
    logging: BOUNDED_LOGS,
    labels,
  } satisfies Partial<BackgroundService>;
}
