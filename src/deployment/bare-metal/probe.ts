import type { DockerEngine } from '../docker.js';
import { askHere, certificateHere, containersHere, hostOfEndpoint, killHere } from '../docker-probe.js';
import type { Release } from '../ledger.js';
import type { Probe } from '../probe.js';
import { describeContainer, type DescribedContainer } from './describe.js';

/** A release that runs on one host. */
export function bareMetalProbe(
  { docker, endpoint }: Pick<DockerEngine, 'docker' | 'endpoint'>,
  { plan }: Release,
): Probe {
  const { name, edge } = plan;
  return {
    ask: (request) => askHere(docker, plan, request),
    certificate: () => certificateHere(docker, plan),
    async describe() {
      const ids = (await containersHere(docker, name)).map(({ id }) => id);
      return (await docker.inspect<DescribedContainer>('container', ids)).map(describeContainer);
    },
    kill: (app) => killHere(docker, name, app),
    addresses: async () => (edge ? [`${edge.address ?? hostOfEndpoint(endpoint)}:${edge.port}`] : []),
  };
}
