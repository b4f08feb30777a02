import type { RolloutFailure } from '../cause.js';
import { idOf, type Container, type Service, type Task } from './answers.js';
import { causeOf } from './causes.js';
import type { Manager } from './manager.js';
import type { Progress } from './progress.js';

/** Lines of a failed task that are looked through and shown. */
const LINES = 40;

/** Seconds until logs are given up: those of a node that is gone never come. */
const PATIENCE = 6;

/** Looks at the task at fault, and names the cause. */
export async function failureOf(
  manager: Manager,
  stack: string,
  service: Service,
  { task, because }: Extract<Progress, { is: 'failed' }>,
  startup: number,
): Promise<RolloutFailure> {
  const [container, logs] = await Promise.all([task && containerOf(manager, task), task ? logsOf(manager, task) : []]);
  return causeOf({
    app: idOf(service, stack),
    because,
    task,
    startup,
    container,
    logs,
    message: service.UpdateStatus?.Message,
  });
}

/** The container of a task, where it is on the node that we talk to. */
export async function containerOf({ docker, node }: Manager, task: Task): Promise<Container | undefined> {
  const id = task.Status.ContainerStatus?.ContainerID;
  if (task.NodeID !== node || !id) return undefined;
  const [container] = await docker.inspect<Container>('container', [id]);
  return container;
}

/** Whether a container runs on although its checks say that it should not. One that has ended by itself is told to be unhealthy as well. */
export function failsItsChecks(container: Container | undefined): boolean {
  return container?.State.Status === 'running' && container.State.Health?.Status === 'unhealthy';
}

async function logsOf({ docker }: Manager, task: Task): Promise<string[]> {
  if (!task.Status.ContainerStatus?.ContainerID) return [];
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE * 1000);
  try {
    const { stdout, stderr } = await docker.attempt(['service', 'logs', '--raw', '--tail', String(LINES), task.ID], {
      signal: patience.signal,
    });
    return `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
