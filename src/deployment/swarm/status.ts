import type { AppStatus, ContainerStatus, DeploymentStatus } from '../deployer.js';
import { currentRelease, type Ledger } from '../ledger.js';
import { idOf, type Service, type Snapshot, type SwarmNode, type Task } from './answers.js';
import { hasEnded, isReachable, placeOf, tasksOf, wantedTasks } from './tasks.js';

/** What runs, from what the Swarm says. */
export function statusOf(ledger: Ledger, snapshot: Snapshot, engine: string): DeploymentStatus {
  const release = currentRelease(ledger);
  return {
    name: ledger.name,
    engine,
    ...(release ? { release: release.number, at: release.at, by: release.by } : {}),
    apps: [
      ...snapshot.services.map((service) => appStatus(service, snapshot, ledger.name)),
      ...missing(ledger, snapshot),
    ],
  };
}

function appStatus(service: Service, snapshot: Snapshot, stack: string): AppStatus {
  const all = tasksOf(service, snapshot);
  const tasks = all.filter((task) => isReachable(task, snapshot.nodes));
  const present = tasks.filter((task) => !hasEnded(task));
  const app = idOf(service, stack);
  return {
    app,
    image: service.Spec.TaskTemplate.ContainerSpec?.Image ?? '',
    wanted: wantedTasks(service, tasks),
    healthy: present.filter((task) => isHealthy(task) && task.DesiredState === 'running').length,
    containers: [...present, ...given(tasks, present)].map((task) => containerStatus(task, app, all, snapshot.nodes)),
  };
}

/** Of a place in which nothing runs, its last task: why is in its logs. */
function given(tasks: readonly Task[], present: readonly Task[]): Task[] {
  const taken = new Set(present.map(placeOf));
  const last = new Map<string, Task>();
  for (const task of tasks.filter((one) => one.DesiredState === 'running' && !taken.has(placeOf(one)))) {
    const other = last.get(placeOf(task));
    if (!other || other.CreatedAt < task.CreatedAt) last.set(placeOf(task), task);
  }
  return [...last.values()];
}

function isHealthy({ Status }: Task): boolean {
  return Status.State === 'running';
}

function containerStatus(task: Task, app: string, all: readonly Task[], nodes: readonly SwarmNode[]): ContainerStatus {
  const node = nodes.find(({ ID }) => ID === task.NodeID)?.Description.Hostname;
  return {
    name: `${app}.${task.Slot ?? node ?? ''}.${task.ID}`,
    ...(node === undefined ? {} : { node }),
    image: task.Spec.ContainerSpec?.Image ?? '',
    state: stateOf(task),
    restarts: all.filter((other) => placeOf(other) === placeOf(task) && wasRestarted(other, task)).length,
    since: task.Status.Timestamp,
    processes: isHealthy(task) ? 1 : 0,
  };
}

function stateOf(task: Task): ContainerStatus['state'] {
  if (hasEnded(task)) return 'stopped';
  return isHealthy(task) ? 'healthy' : 'starting';
}

/** Ended by itself before this one came: what an update stopped is `shutdown`. Swarm remembers the last five of a place. */
function wasRestarted(other: Task, task: Task): boolean {
  return other.CreatedAt < task.CreatedAt && ['failed', 'complete', 'rejected'].includes(other.Status.State);
}

function missing(ledger: Ledger, { services }: Snapshot): AppStatus[] {
  const found = services.map((service) => idOf(service, ledger.name));
  const { apps = [], statics = [] } = currentRelease(ledger)?.plan ?? {};
  return [...apps, ...statics]
    .filter(({ id }) => !found.includes(id))
    .map(({ id, image, processes }) => ({ app: id, image, wanted: processes, healthy: 0, containers: [] }));
}
