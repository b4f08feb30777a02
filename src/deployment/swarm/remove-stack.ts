import { until } from '../wait.js';
import type { Task } from './answers.js';
import { NAMESPACE, type Manager } from './manager.js';
import { hasEnded } from './tasks.js';

/** Seconds for everything to go: a task may take a minute to stop. */
const PATIENCE = 150;

/** `docker stack rm`, and waits until its containers and networks are gone. Returns what was removed, by kind and name. */
export async function removeStack(manager: Manager, name: string): Promise<string[]> {
  const label = `${NAMESPACE}=${name}`;
  const kinds = ['service', 'config', 'network'] as const;
  const list = async () =>
    (
      await Promise.all(kinds.map(async (kind) => (await manager.names(kind, label)).map((one) => `${kind} ${one}`)))
    ).flat();
  const found = await list();
  if (found.length === 0) return [];
  const tasks = await manager.tasks(await manager.names('service', label));
  await until(
    async () => {
      // A network that a task still uses stays, so that it is said again.
      await manager.attempt(['stack', 'rm', name]);
      return (await list()).length === 0 && (await remaining(manager, tasks)) === 0 ? true : undefined;
    },
    { signal: AbortSignal.timeout(PATIENCE * 1000), everyMilliseconds: 1000 },
  );
  return found;
}

async function remaining(manager: Manager, tasks: readonly Task[]): Promise<number> {
  const alive = tasks.filter((task) => !hasEnded(task)).map(({ ID }) => ID);
  const left = await manager.inspect<Task>(['inspect', '--type', 'task'], alive);
  return left.filter((task) => !hasEnded(task)).length;
}
