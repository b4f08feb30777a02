import type { Complaint } from '../../errors.js';
import type { DockerInfo } from '../docker.js';
import type { Release } from '../ledger.js';
import { otherTargetRuns } from '../other-target.js';
import type { Plan } from '../plan.js';
import type { SwarmNode } from './answers.js';
import { unpinned } from './pins.js';

/** What the engine is and has. */
export interface Facts {
  readonly info: Pick<DockerInfo, 'ServerVersion' | 'Name' | 'Swarm'>;
  readonly networks: readonly string[];
  readonly secrets: readonly string[];
  readonly nodes: readonly SwarmNode[];
  /** Names of the containers that Compose made of the output for bare metal. */
  readonly composed: readonly string[];
  readonly current: Release | undefined;
  /** Whether images that are built stay on the engine that builds. @default false */
  readonly imagesStay?: boolean;
}

/** The oldest engine that can run jobs, which secrets are compared with. */
const OLDEST = [20, 10] as const;

/** Why this engine is no manager of a Swarm that will do; without it nothing else can be asked. */
export function wrongEngine({ ServerVersion, Name, Swarm }: Facts['info']): Complaint[] {
  const [major = 0, minor = 0] = ServerVersion.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return [{ message: `Docker Engine ${ServerVersion} on ${Name} is too old; use 24 or newer` }];
  if (Swarm.LocalNodeState !== 'active')
    return [
      {
        message: `the engine on ${Name} is in no Swarm; run docker swarm init there, or name a manager with --context`,
      },
    ];
  if (!Swarm.ControlAvailable)
    return [
      {
        message: `${Name} is a worker of its Swarm; name a manager with --context or DOCKER_HOST, or run docker node promote ${Name} on one`,
      },
    ];
  return [];
}

/** What a plan needs and the Swarm has not. */
export function missingFor(plan: Plan, facts: Facts): Complaint[] {
  const { networks, secrets, nodes, current, composed } = facts;
  const { network } = plan;
  return [
    ...composed.slice(0, 1).map((container) => otherTargetRuns(plan, 'bare-metal', `container ${container}`)),
    ...withoutRegistry(plan, facts),
    ...(network === undefined || networks.includes(network)
      ? []
      : [{ message: `there is no network ${network}; run docker network create --driver overlay ${network}` }]),
    ...plan.secrets
      .filter(({ external }) => external !== undefined && !secrets.includes(external))
      .map(({ id, external }) => ({
        message: `secret ${id} is external, but the Swarm has no secret ${external}; run docker secret create ${external} FILE`,
      })),
    // On another node than before, the volume would be a new and empty one.
    ...(current ? unpinned(current.files, nodes) : [])
      .filter((label) => plan.volumes.some((id) => label === `${plan.name}.${id}`))
      .map((label) => ({
        message: `no node has the label ${label}, which says where the volume is; run docker node update --label-add ${label}=true NODE with the node that has it`,
      })),
  ];
}

/** Every node pulls the image; what one engine alone has reaches no other. */
function withoutRegistry({ apps }: Plan, { nodes, imagesStay = false }: Facts): Complaint[] {
  const able = nodes.filter(({ Spec, Status }) => Spec.Availability === 'active' && Status.State === 'ready');
  const built = apps.filter((app) => app.built).map(({ id }) => id);
  if (!imagesStay || able.length < 2 || built.length === 0) return [];
  return [
    {
      message: `the ${able.length} nodes of this Swarm must pull the image of ${built.join(', ')}, and without a registry it is on the engine alone that builds it; give the stack a registry, such as registry: "ghcr.io/acme"`,
    },
  ];
}
