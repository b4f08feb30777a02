import { until } from '../wait.js';
import type { Task } from './answers.js';
import { OWNER, type Manager } from './manager.js';
import { hasEnded } from './tasks.js';

/** Two secrets whose values are compared. */
export interface Pair {
  readonly id: string;
  readonly current: string;
  readonly candidate: string;
}

/** As many as fit into an exit code that nothing else ends with. */
const PAIRS = 6;
const SAME = 10;

/** Seconds for all of it; a node may have to pull the image. */
const PATIENCE = 90;

const SCRIPT = `
import sys
def read(name):
    with open("/run/secrets/" + name, "rb") as file:
        return file.read()
sys.exit(${SAME} + sum(1 << n for n in range(int(sys.argv[1])) if read("old%d" % n) != read("new%d" % n)))
`;

/**
 * Ids of the pairs whose values differ. No value leaves the Swarm, and no hash of one: a task that has both looks. Where that cannot
 * be done, all count as changed.
 */
export async function changed(
  manager: Manager,
  stack: string,
  image: string,
  pairs: readonly Pair[],
): Promise<string[]> {
  const groups = Array.from({ length: Math.ceil(pairs.length / PAIRS) }, (_, at) =>
    pairs.slice(at * PAIRS, (at + 1) * PAIRS),
  );
  const found = await Promise.all(
    groups.map(async (group, at) => changedOf(group, await compare(manager, { stack, image, group, at }))),
  );
  return found.flat();
}

/** What the exit code of a comparison says. */
export function changedOf(group: readonly Pair[], exitCode: number | undefined): string[] {
  const told = exitCode !== undefined && exitCode >= SAME && exitCode < SAME + 2 ** group.length;
  return group.filter((_, at) => !told || ((exitCode - SAME) >> at) & 1).map(({ id }) => id);
}

interface Comparison {
  readonly stack: string;
  readonly image: string;
  readonly group: readonly Pair[];
  readonly at: number;
}

async function compare(manager: Manager, { stack, image, group, at }: Comparison): Promise<number | undefined> {
  const name = `${stack}-compare-${at}`;
  await manager.remove('service', name);
  const secrets = group.flatMap(({ current, candidate }, n) => [
    ...['--secret', `source=${current},target=old${n}`],
    ...['--secret', `source=${candidate},target=new${n}`],
  ]);
  try {
    await manager.run([
      ...['service', 'create', '--detach', '--quiet', '--no-resolve-image', '--with-registry-auth', '--name', name],
      ...['--mode', 'replicated-job', '--restart-condition', 'none', '--label', `${OWNER}=${stack}`, ...secrets],
      ...['--user', '10001:10001', '--read-only', '--cap-drop', 'ALL', '--no-healthcheck', '--entrypoint', 'python3'],
      ...[image, '-I', '-S', '-c', SCRIPT, String(group.length)],
    ]);
    const task = await until(() => ended(manager, name), { signal: AbortSignal.timeout(PATIENCE * 1000) });
    return task.Status.ContainerStatus?.ExitCode;
  } catch {
    return undefined;
  } finally {
    await manager.remove('service', name);
  }
}

async function ended(manager: Manager, name: string): Promise<Task | undefined> {
  return (await manager.tasks([name])).find(hasEnded);
}
