import { OWNER_LABELS } from '../targets/containers.js';
import { certificateCommand, certificateIn, curlAnswer, curlCommand } from './curl.js';
import type { Docker } from './docker.js';
import { KILL_COMMAND, killedPid } from './kill-process.js';
import type { Plan } from './plan.js';
import type { Answer, AskRequest, Killed } from './probe.js';

/** A container of a stack on the engine that the docker command talks to. */
interface Found {
  readonly id: string;
  readonly name: string;
  /** Id of the app, worker or database; `nginx` for the edge. */
  readonly app: string;
}

const EDGE = 'nginx';

/** Id of what a container belongs to, `nginx` for the edge. */
export function ownerOf(labels: Readonly<Record<string, string>> | null | undefined): string {
  return labels?.[OWNER_LABELS.app] ?? labels?.[OWNER_LABELS.database] ?? EDGE;
}

/** Containers of a stack that run on this one engine, healthy ones first. */
export async function containersHere(docker: Docker, name: string): Promise<readonly Found[]> {
  const owner = Object.values(OWNER_LABELS).map((label) => `{{.Label "${label}"}}`);
  const format = `{{.ID}}\t{{.Names}}\t${owner.join('')}\t{{.Status}}`;
  const own = ['--filter', `label=asgi-synth.stack=${name}`, '--filter', 'status=running'];
  const lines = await docker.lines(['ps', '--no-trunc', ...own, '--format', format]);
  const rows = lines.map((line) => line.split('\t'));
  const healthy = rows.filter(([, , , status = '']) => status.includes('(healthy)'));
  return [...healthy, ...rows.filter((row) => !healthy.includes(row))].map(([id = '', container = '', app = '']) => ({
    id,
    name: container,
    app: app || EDGE,
  }));
}

async function edgeHere(docker: Docker, name: string): Promise<Found | undefined> {
  return (await containersHere(docker, name)).find(({ app }) => app === EDGE);
}

/** Asks the edge that runs on this engine. */
export async function askHere(
  docker: Docker,
  plan: Pick<Plan, 'name' | 'edge'>,
  request: AskRequest,
): Promise<Answer | undefined> {
  const edge = await edgeHere(docker, plan.name);
  if (!edge) return undefined;
  const { body } = request;
  const interactive = body === undefined ? [] : ['--interactive'];
  return curlAnswer(
    await docker.attempt(
      ['exec', ...interactive, edge.id, ...curlCommand(request, plan)],
      body === undefined ? {} : { input: body },
    ),
  );
}

/** The certificate of the edge that runs on this engine. */
export async function certificateHere(docker: Docker, plan: Pick<Plan, 'name' | 'edge'>): Promise<string | undefined> {
  if (plan.edge?.https === undefined) return undefined;
  const edge = await edgeHere(docker, plan.name);
  return edge && certificateIn(await docker.attempt(['exec', edge.id, ...certificateCommand(plan)]));
}

/** Kills a process of an app in a container that runs on this engine. */
export async function killHere(docker: Docker, name: string, app: string): Promise<Killed | undefined> {
  for (const container of await containersHere(docker, name)) {
    if (container.app !== app) continue;
    const pid = killedPid(await docker.attempt(['exec', container.id, ...KILL_COMMAND]));
    if (pid !== undefined) return { container: container.name, pid };
  }
  return undefined;
}

/** The host in `ssh://user@host:22`, `tcp://host:2376` or a local socket. */
export function hostOfEndpoint(endpoint: string): string {
  return /^(?:ssh|tcp|http|https):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(endpoint)?.[1] ?? '127.0.0.1';
}

/** Names of variables written as `NAME=value`. */
export function variableNames(env: readonly string[] | null | undefined): string[] {
  return (env ?? []).map((line) => line.split('=', 1)[0] ?? '');
}
