import { isHealthy, isRunning, type Container } from './containers.js';
import type { Service } from './services.js';

/** What is to happen to one service. */
export interface Step {
  readonly service: Service;
  /** Already as it should be; at most one. */
  readonly keep: Container | undefined;
  /** To go once another one serves, oldest first. */
  readonly surplus: readonly Container[];
}

/** What a container must be to stay. */
export interface Wanted {
  readonly services: readonly Service[];
  /** Compose's hash of each service. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Id of each image, by reference. */
  readonly imageIds: ReadonlyMap<string, string>;
  /** When the newest secret of each service was written, in milliseconds since 1970: what was made before has another value. */
  readonly secretsSince: ReadonlyMap<string, number>;
  /** Folder from which files are mounted. */
  readonly directory: string;
  /** Ids of containers that must go, whatever they are. */
  readonly refused: ReadonlySet<string>;
}

/** What is to be done with each service that runs, and with the containers of services that are no more. What is left of a job stays as it is. */
export function sweepOf(containers: readonly Container[], wanted: Wanted): { steps: Step[]; orphans: Container[] } {
  const names = new Set(wanted.services.map(({ name }) => name));
  return {
    steps: wanted.services
      .filter(({ kind }) => kind !== 'job')
      .map((service) =>
        stepOf(
          service,
          containers.filter((container) => container.service === service.name),
          wanted,
        ),
      ),
    orphans: containers.filter(({ service }) => !names.has(service)),
  };
}

function stepOf(service: Service, containers: readonly Container[], wanted: Wanted): Step {
  const right = containers.filter((container) => isRunning(container) && isAsWanted(container, service, wanted));
  // Compose brings a service of several to its number as a whole, and its hash does not tell the number.
  if (service.kind === 'other' && right.length !== service.replicas)
    return { service, keep: undefined, surplus: containers };
  const keep = right.findLast(isHealthy) ?? right.at(-1);
  return { service, keep, surplus: containers.filter((container) => container !== keep) };
}

/** Whether a container is what the output says, files and values of secrets included. */
export function isAsWanted(container: Container, service: Service, wanted: Wanted): boolean {
  const imageId = service.image === undefined ? undefined : wanted.imageIds.get(service.image);
  return (
    !wanted.refused.has(container.id) &&
    container.hash === wanted.hashes.get(service.name) &&
    (imageId === undefined || container.imageId === imageId) &&
    container.created >= (wanted.secretsSince.get(service.name) ?? 0) &&
    Object.entries(container.binds).every(([to, from]) => !isOurs(to) || `${from}/`.includes(`${wanted.directory}/`))
  );
}

function isOurs(path: string): boolean {
  return path.startsWith('/etc/asgi-synth/') || `${path}/`.startsWith('/run/secrets/');
}

export function startsBeside({ service, keep }: Step): boolean {
  return service.kind === 'app' && keep === undefined && !service.published;
}

/** Containers to which requests may go before anything has changed: what is there and healthy, else whatever runs. */
export function servingOf({ keep, surplus }: Step): Container[] {
  if (keep && isHealthy(keep)) return [keep];
  const healthy = surplus.filter(isHealthy);
  return healthy.length > 0 ? healthy : surplus.filter(isRunning);
}
