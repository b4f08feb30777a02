import type { Docker } from '../docker.js';
import { projectContainers } from './containers.js';
import { remove } from './converge.js';
import { ledgerVolume } from './ledger-volume.js';
import { lockName } from './lock.js';

/** Removes the containers and networks of a project and its releases, and its volumes where asked. What it removed, by kind and name. */
export async function destroy(
  docker: Docker,
  name: string,
  { volumes }: { readonly volumes: boolean },
): Promise<string[]> {
  const own = ['--filter', `label=com.docker.compose.project=${name}`, '--format', '{{.Name}}'];
  const removed: string[] = [];
  const each = async (kind: string, names: readonly string[]) => {
    for (const one of names)
      if ((await docker.attempt([kind, 'rm', one])).exitCode === 0) removed.push(`${kind} ${one}`);
  };
  const containers = await projectContainers(docker, name);
  // First what lets requests in.
  await remove(
    docker,
    containers.filter(({ service }) => service === 'nginx'),
  );
  await remove(
    docker,
    containers.filter(({ service }) => service !== 'nginx'),
  );
  removed.push(...containers.map((container) => `container ${container.name}`));
  await removeOneOffs(docker, name);
  await each('network', await docker.lines(['network', 'ls', ...own]));
  if (volumes) await each('volume', await docker.lines(['volume', 'ls', ...own]));
  const ledger = ledgerVolume(name);
  if ((await docker.attempt(['volume', 'rm', ledger])).exitCode === 0)
    removed.push(`volume ${ledger}, the ledger of its releases`);
  await docker.attempt(['rm', '--force', lockName(name)]);
  return removed;
}

async function removeOneOffs(docker: Docker, name: string): Promise<void> {
  const ids = await docker.lines(['ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${name}`]);
  if (ids.length > 0) await docker.attempt(['rm', '--force', '--volumes', ...ids]);
}
