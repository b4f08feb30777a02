import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  type BackgroundService,
  type ComposeFileReference,
  type ComposeMount,
} from '../../formats/compose.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Task } from '../../model/task.js';
import { mountsOf } from '../../model/tree.js';
import { MOUNTS, ownerLabels, pidsLimit, temporarySpace } from '../containers.js';
import { appImage, contentHash, type Context } from '../context.js';

/** What every container has that runs a command beside an app: the app's image, environment, secrets and volumes, and no port. */
export function taskService(task: Task, context: Context) {
  const { environment } = task;
  return {
    image: appImage(task.app, context),
    command: task.command,
    ...LEAST_PRIVILEGE,
    security_opt: ['no-new-privileges:true'],
    cpu_shares: Math.max(2, Math.round(1024 * task.cpu)),
    environment: Object.fromEntries(Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }],
    secrets: task.secrets.map(({ node }): ComposeFileReference => ({ source: node.id, target: node.id })),
    volumes: mounts(task),
    networks: { default: null },
    stop_signal: 'SIGTERM',
    stop_grace_period: `${task.gracePeriod}s`,
    deploy: { resources: { limits: { memory: dockerSize(task.memory), pids: pidsLimit(1) } } },
    logging: BOUNDED_LOGS,
    labels: {
      ...context.stack.labels,
      ...ownerLabels(context.name, task),
      'asgi-synth.config': contentHash(START_SCRIPT),
    },
  } satisfies Partial<BackgroundService>;
}

function mounts(task: Task): ComposeMount[] {
  return [
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: temporarySpace(0), mode: 0o1777 } },
    ...mountsOf(task).map(({ path, volume }): ComposeMount => ({
      type: 'volume',
      source: volume.node.id,
      target: path,
    })),
  ];
}
