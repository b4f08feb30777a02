import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.js';
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
  const complaints: string[] = [];
  for (const volume of await manager.docker.lines(['volume', 'ls', '--quiet', '--filter', `label=${OWNER}=${name}`])) {
    const refusal = await removeVolume(manager, volume);
    if (refusal === undefined) removed.push(`volume ${volume}`);
    else
      complaints.push(`the volume ${volume} stays: ${refusal}; end what uses it, then run docker volume rm ${volume}`);
  }
  for (const node of await manager.nodes()) {
    const labels = Object.keys(node.Spec.Labels ?? {}).filter((label) => label.startsWith(`${name}.`));
    for (const label of labels) {
      await manager.run(['node', 'update', '--label-rm', label, node.ID]);
      if (node.ID !== manager.node)
        complaints.push(
          `a volume on another node can only be removed there, everything else of ${name} is gone; run docker volume rm ${name}_${label.slice(name.length + 1)} on ${node.Description.Hostname}`,
        );
    }
  }
  if (complaints.length > 0) throw new UserError(complaints.map((message) => ({ message })));
  return removed;
}

/**
 * Once the engine has taken the last container that has it away, which it does a little after that has ended. Says why where it
 * stays.
 */
async function removeVolume({ docker }: Manager, volume: string): Promise<string | undefined> {
  for (const end = performance.now() + CONTAINERS_GO * 1000; ; await sleep(1000)) {
    const { exitCode, stderr } = await docker.attempt(['volume', 'rm', volume]);
    if (exitCode === 0) return undefined;
    if (!/in use/.test(stderr) || performance.now() > end) return stderr.trim();
  }
}
