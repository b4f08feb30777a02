import type { Docker } from '../docker.js';
import { askHere, certificateHere, killHere } from '../docker-probe.js';
import type { Release } from '../ledger.js';
import type { Probe } from '../probe.js';
import { describeService, type DescribedService } from './describe.js';

/** A release that runs on a Swarm: the edge and processes of the manager that the docker command talks to, services of all nodes. */
export function swarmProbe(docker: Docker, { plan }: Release): Probe {
  const { name, edge } = plan;
  return {
    ask: (request) => askHere(docker, plan, request),
    certificate: () => certificateHere(docker, plan),
    async describe() {
      const own = ['--filter', `label=asgi-synth.stack=${name}`];
      const services = await docker.lines(['service', 'ls', '--quiet', ...own]);
      const found = await docker.inspect<DescribedService>('service', services);
      return found.filter(({ Spec }) => Spec.Labels?.['com.docker.stack.namespace'] === name).map(describeService);
    },
    kill: (app) => killHere(docker, name, app),
    async addresses() {
      if (!edge) return [];
      const nodes = await docker.lines(['node', 'ls', '--quiet']);
      const found = await docker.inspect<{ Status: { State: string; Addr: string } }>('node', nodes);
      return found.filter(({ Status }) => Status.State === 'ready').map(({ Status }) => `${Status.Addr}:${edge.port}`);
    },
  };
}
