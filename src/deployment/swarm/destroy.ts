import { UserError } from '../../errors.js';
import { lockName } from './lock.js';
import { OWNER, type Manager } from './manager.js';
import { removeStack } from './remove-stack.js';

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
  const { docker } = manager;
  for (const volume of await docker.lines(['volume', 'ls', '--quiet', '--filter', `label=${OWNER}=${name}`]))
    if ((await docker.attempt(['volume', 'rm', volume])).exitCode === 0) removed.push(`volume ${volume}`);
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
