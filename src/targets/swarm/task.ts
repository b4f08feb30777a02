import {
  BOUNDED_LOGS,
  dockerSize,
  LEAST_PRIVILEGE,
  withoutTemplates,
  type BackgroundService,
  type ComposeFileReference,
  type ComposeMount,
} from '../../formats/compose.js';
import type { Task } from '../../model/task.js';
import { mountsOf } from '../../model/tree.js';
import { MOUNTS, ownerLabels, pidsLimit, temporarySpace } from '../containers.js';
import { appImage, type Context } from '../context.js';

/** What every task of a Swarm has that runs a command beside an app: the app's image, environment, secrets and volumes, and no port. */
export function taskService(task: Task, context: Context) {
  const labels = { ...context.stack.labels, ...ownerLabels(context.name, task) };
  return {
    image: appImage(task.app, context),
    command: task.command,
    ...LEAST_PRIVILEGE,
    environment: environment(task),
    configs: [{ source: 'start', target: `${MOUNTS}/start.py` }],
    secrets: task.secrets.map(({ node }): ComposeFileReference => ({
      source: node.id,
      target: node.id,
      uid: '10001',
      gid: '10001',
      mode: 0o400,
    })),
    volumes: mounts(task),
    networks: { default: null },
    stop_signal: 'SIGTERM',
    // Above a minute the next task starts before this one has stopped (moby#36111): workers can stand beside each other.
    stop_grace_period: `${task.gracePeriod}s`,
    deploy: {
      labels,
      resources: { limits: { cpus: String(task.cpu), memory: dockerSize(task.memory), pids: pidsLimit(1) } },
      placement: { constraints: constraints(task, context) },
    },
    logging: BOUNDED_LOGS,
    labels,
  } satisfies Partial<BackgroundService>;
}

function environment({ environment }: Task): Record<string, string> {
  const names = Object.keys(environment).toSorted();
  return Object.fromEntries(names.map((name) => [name, withoutTemplates(environment[name] ?? '')]));
}

function mounts(task: Task): ComposeMount[] {
  return [
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: temporarySpace(0) } },
    ...mountsOf(task).map(({ path, volume }): ComposeMount => ({
      type: 'volume',
      source: volume.node.id,
      target: path,
    })),
  ];
}

function constraints(task: Task, { name }: Context): string[] {
  return mountsOf(task)
    .filter(({ volume }) => !volume.shared)
    .map(({ volume }) => `node.labels.${name}.${volume.node.id} == true`);
}
