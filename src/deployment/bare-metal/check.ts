import type { Complaint } from '../../errors.js';
import type { Docker } from '../docker.js';
import { otherTargetRuns } from '../other-target.js';
import type { Plan } from '../plan.js';

/** Oldest Compose that reads what we emit. */
const COMPOSE_FLOOR = [2, 24] as const;

/** What stands in the way of a deployment on this engine. */
export async function complaintsOf(docker: Docker, plan: Plan): Promise<Complaint[]> {
  const compose = composeComplaint(await docker.attempt(['compose', 'version', '--short']));
  if (compose) return [compose];
  return [...(await foreignProject(docker, plan)), ...(await onSwarm(docker, plan))];
}

/** @param ran `docker compose version --short` */
export function composeComplaint(ran: { readonly stdout: string; readonly exitCode: number }): Complaint | undefined {
  const floor = COMPOSE_FLOOR.join('.');
  if (ran.exitCode !== 0)
    return {
      message: `docker compose is not installed on this machine; install the plugin docker-compose-plugin, ${floor} or newer`,
    };
  const version = ran.stdout.trim().replace(/^v/, '');
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const isOld = major < COMPOSE_FLOOR[0] || (major === COMPOSE_FLOOR[0] && minor < COMPOSE_FLOOR[1]);
  return isOld
    ? { message: `docker compose is ${version}, and ${floor} or newer is needed; update docker-compose-plugin` }
    : undefined;
}

/** What a manager knows of the whole Swarm, and a worker of itself. */
async function onSwarm(docker: Docker, plan: Plan): Promise<Complaint[]> {
  const own = ['--filter', `label=com.docker.stack.namespace=${plan.name}`, '--format'];
  const { stdout } = await docker.attempt(['service', 'ls', ...own, '{{.Name}}']);
  const [service] = stdout.split('\n').filter(Boolean);
  const [container] = service === undefined ? await docker.lines(['ps', ...own, '{{.Names}}']) : [];
  const seen = service === undefined ? container && `container ${container}` : `service ${service}`;
  return seen === undefined ? [] : [otherTargetRuns(plan, 'swarm', seen)];
}

/** A Compose project of the same name that somebody else made would be taken for a version of ours. */
async function foreignProject(docker: Docker, { name }: Plan): Promise<Complaint[]> {
  const own = ['--filter', `label=com.docker.compose.project=${name}`, '--format'];
  const lines = await docker.lines(['ps', '--all', ...own, '{{.Names}} {{.Label "asgi-synth.stack"}}']);
  const ours = lines.some((line) => line.split(' ')[1] === name);
  const [first] = lines;
  if (first === undefined || ours) return [];
  return [
    {
      message: `a Compose project ${name} that is not of asgi-synth is on this engine (container ${first.split(' ')[0]}); rename the stack, or run docker compose -p ${name} down first`,
    },
  ];
}
