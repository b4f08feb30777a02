import type { AppStatus, ContainerStatus, DeploymentStatus } from '../deployer.js';
import type { Docker, DockerEngine } from '../docker.js';
import { currentRelease, type Ledger, type Release } from '../ledger.js';
import { READY_DIRECTORY } from '../../formats/python.js';
import { isHealthy, isRunning, projectContainers, type Container } from './containers.js';

export async function status({ docker, name: engine }: DockerEngine, ledger: Ledger): Promise<DeploymentStatus> {
  const release = currentRelease(ledger);
  const containers = await projectContainers(docker, ledger.name);
  const ready = new Map(
    await Promise.all(containers.map(async ({ id }) => [id, await readyWorkers(docker, id)] as const)),
  );
  return {
    name: ledger.name,
    engine,
    ...(release ? { release: release.number, at: release.at, by: release.by } : {}),
    apps: appsOf(release, containers, ready),
  };
}

/** Prints how many workers of Gunicorn have marked themselves ready and are there. */
const COUNT = `import os
print(sum(os.path.exists("/proc/" + pid) for pid in os.listdir("${READY_DIRECTORY}")))`;

/** Undefined where Gunicorn is not at work. */
async function readyWorkers(docker: Docker, id: string): Promise<number | undefined> {
  const { stdout, exitCode } = await docker.attempt(['exec', id, 'python3', '-I', '-S', '-c', COUNT]);
  return exitCode === 0 ? Number(stdout.trim()) : undefined;
}

/** @param ready workers that are ready, by id of the container */
export function appsOf(
  release: Release | undefined,
  containers: readonly Container[],
  ready: ReadonlyMap<string, number | undefined>,
): AppStatus[] {
  const { apps = [], statics = [], workers = [], databases = [], jobs = [] } = release?.plan ?? {};
  const ids = [...apps, ...statics, ...workers, ...databases].map(({ id }) => id);
  // A job has ended when all is well.
  const found = containers.map(({ service }) => service).filter((name) => !jobs.some(({ id }) => id === name));
  const names = [...new Set([...ids, ...found])];
  return names.map((name) => {
    const plan = apps.find(({ id }) => id === name);
    const own = containers.filter(({ service }) => service === name);
    // One container has all processes of an app, and of anything else one.
    const each = plan?.processes ?? 1;
    const planned = workers.find(({ id }) => id === name)?.processes ?? each;
    // Without a release nobody has said how many there should be.
    const wanted = release ? planned : own.reduce((sum, { id }) => sum + (ready.get(id) || 1), 0);
    const counted = own.map((container) => ({
      container,
      processes: isRunning(container) ? (ready.get(container.id) ?? each) : 0,
    }));
    const healthy = counted
      .filter(({ container }) => isHealthy(container))
      .reduce((sum, { processes }) => sum + processes, 0);
    return {
      app: name,
      image: plan?.image ?? own.at(-1)?.image ?? '',
      wanted,
      healthy,
      containers: counted.map(({ container, processes }) => containerStatus(container, processes)),
    };
  });
}

function containerStatus(container: Container, processes: number): ContainerStatus {
  const { name, image, restarts, state } = container;
  return { name, image, state: wordOf(container), restarts, since: state.StartedAt, processes };
}

function wordOf(container: Container): ContainerStatus['state'] {
  if (!isRunning(container)) return 'stopped';
  if (isHealthy(container)) return 'healthy';
  return container.state.Health?.Status === 'unhealthy' ? 'unhealthy' : 'starting';
}
