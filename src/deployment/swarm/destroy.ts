import { UserError, userError } from '../../errors.js';
import { until } from '../wait.js';
import { lockName } from './lock.js';
import { OWNER, type Manager } from './manager.js';
import { removeStack } from './remove-stack.js';

/** Seconds in which an engine takes containers away that have ended. */
const CONTAINERS_GO = 30;

/** Removes everything of a name; of its volumes those on the node that we talk to. Throws where others stay that were to go. */
export async function destroy(
  manager: Manager,
  name: string,
  { volumes }: { readonly volumes: boolean },
): Promise<string[]> {
  const removed = await removeStack(manager, name);
  for (const kind of ['service', 'config', 'secret'] as const)
    for (const one of await manager.names(kind, `${OWNER}=${name}`))
      if ((await manager.remove(kind, one)) && one !== lockName(name)) removed.push(`${kind} ${one}`);
  return volumes ? [...removed, ...(await removeVolumes(manager, name))] : removed;
}

async function removeVolumes(manager: Manager, name: string): Promise<string[]> {
  const removed: string[] = [];
  for (const volume of await manager.docker.lines(['volume', 'ls', '--quiet', '--filter', `label=${OWNER}=${name}`]))
    removed.push(await removeVolume(manager, volume));
  const elsewhere: string[] = [];
  for (const node of await manager.nodes()) {
    const labels = Object.keys(node.Spec.Labels ?? {}).filter((label) => label.startsWith(`${name}.`));
    for (const label of labels) {
      await manager.run(['node', 'update', '--label-rm', label, node.ID]);
      if (node.ID !== manager.node)
        elsewhere.push(`docker volume rm ${name}_${label.slice(name.length + 1)} on ${node.Description.Hostname}`);
    }
  }
  if (elsewhere.length > 0)
    throw new UserError(
      elsewhere.map((command) => ({
        message: `a volume on another node can only be removed there, everything else of ${name} is gone; run ${command}`,
      })),
    );
  return removed;
}

/** Once the engine has taken the last container that has it away, which it does a little after that has ended. */
async function removeVolume({ docker }: Manager, volume: string): Promise<string> {
  const end = performance.now() + CONTAINERS_GO * 1000;
  const { exitCode, stderr } = await until(
    async () => {
      const ran = await docker.attempt(['volume', 'rm', volume]);
      return /in use/.test(ran.stderr) && performance.now() < end ? undefined : ran;
    },
    { signal: new AbortController().signal, everyMilliseconds: 1000 },
  );
  if (exitCode === 0) return `volume ${volume}`;
  throw userError(
    `the volume ${volume} stays: ${stderr.trim()}; end what uses it, then run docker volume rm ${volume}`,
  );
}
