import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from '../deployer.js';
import type { Release } from '../ledger.js';
import { isHealthy, projectContainers, type Container } from './containers.js';
import { withRelease, type Home } from './one-off.js';
import { servicesOf, type Service } from './services.js';

/** How the containers of a project and the files that they mount differ from a release. */
export async function drift(home: Home): Promise<Difference[]> {
  const { docker, release, directory } = home;
  const hashes = await withRelease(home, (compose) => compose.hashes());
  const containers = await projectContainers(docker, release.plan.name);
  const services = servicesOf(release.files, release.plan);
  return [...containerDrift(containers, services, hashes), ...fileDrift(release, directory)];
}

export function containerDrift(
  containers: readonly Container[],
  services: readonly Service[],
  hashes: ReadonlyMap<string, string>,
): Difference[] {
  const known = new Set(services.map(({ name }) => name));
  const extra = containers.filter(({ service }) => !known.has(service));
  return [
    ...services.flatMap((service) =>
      serviceDrift(
        service,
        containers.filter((container) => container.service === service.name),
        hashes.get(service.name),
      ),
    ),
    ...extra.map(({ service, name }): Difference => ({ of: service, field: 'container', after: name })),
  ];
}

function serviceDrift(
  { name, image, replicas }: Service,
  containers: readonly Container[],
  hash: string | undefined,
): Difference[] {
  if (containers.length !== replicas)
    return [{ of: name, field: 'containers', before: replicas, after: containers.length }];
  return containers.flatMap((container): Difference[] => {
    if (image !== undefined && container.image !== image)
      return [{ of: name, field: 'image', before: image, after: container.image }];
    if (container.hash !== hash) return [{ of: name, field: 'configuration', before: hash, after: container.hash }];
    return isHealthy(container) ? [] : [{ of: name, field: 'state', before: 'healthy', after: stateOf(container) }];
  });
}

function stateOf({ state }: Container): string {
  return state.Status === 'running' ? (state.Health?.Status ?? 'running') : state.Status;
}

/** Files that are mounted, where this machine has them. */
function fileDrift({ files }: Release, directory: string): Difference[] {
  if (!existsSync(directory)) return [];
  return files.flatMap(({ path, content }): Difference[] => {
    const file = join(directory, ...path.split('/'));
    if (!existsSync(file)) return [{ of: path, before: 'as released' }];
    return readFileSync(file, 'utf8') === content ? [] : [{ of: path, before: 'as released', after: 'changed' }];
  });
}
