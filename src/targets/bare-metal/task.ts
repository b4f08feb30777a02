import { BOUNDED_LOGS, dockerSize, LEAST_PRIVILEGE, type BackgroundService } from '../../formats/compose.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Task } from '../../model/task.js';
import { MOUNTS, ownerLabels, pidsLimit, temporarySpace } from '../containers.js';
import { configReferences } from '../config-files.js';
import { appImage, contentHash, type Context } from '../context.js';
import { variablesOf } from '../observability.js';
import { filesHashed, mounts, secretFiles } from './parts.js';

/** What every container has that runs a command beside an app: the app's image, environment, secrets and volumes, and no port. */
export function taskService(task: Task, context: Context) {
  return {
    image: appImage(task.app, context),
    command: task.command,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    cpu_shares: Math.max(2, Math.round(1024 * task.cpu)),
    environment: variablesOf(task, context),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }, ...configReferences(task)],
    secrets: secretFiles(task),
    volumes: mounts(task, temporarySpace(0)),
    networks: { default: null },
    stop_signal: 'SIGTERM',
    stop_grace_period: `${task.gracePeriod}s`,
    deploy: { resources: { limits: { memory: dockerSize(task.memory), pids: pidsLimit(1) } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name, task),
      'asgi-synth.config': contentHash([START_SCRIPT, ...filesHashed(task, context)].join('\0')),
    },
  } satisfies Partial<BackgroundService>;
}
