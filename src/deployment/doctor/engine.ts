import { composeComplaint } from '../bare-metal/check.js';
import type { DockerInfo } from '../docker.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { isAtLeast, lastWords, tryJson, type Answer, type Machine } from './machine.js';

/** What `docker info` tells beside what a deployment asks for. */
interface EngineInfo extends DockerInfo {
  readonly DockerRootDir: string;
  readonly OperatingSystem: string;
}

/** The engine that docker talks to, as it answered. */
export interface Engine {
  /** Why nothing is known of it; undefined where it answers. */
  readonly trouble: Pick<Finding, 'seen' | 'fix'> | undefined;
  readonly info: Partial<EngineInfo>;
  readonly context: string;
  /** Where it listens, `unix:///var/run/docker.sock`, without a password. */
  readonly endpoint: string;
  /** Whether it runs on this machine. */
  readonly local: boolean;
  /** Runs docker on that engine. */
  run(args: readonly string[]): Promise<Answer>;
  /** Runs docker where it needs no engine. */
  client(args: readonly string[]): Promise<Answer>;
}

/** Asks the engine who it is. @param context that is asked for instead of the current one */
export async function askEngine(machine: Machine, context: string | undefined): Promise<Engine> {
  const words = context === undefined ? [] : ['--context', context];
  const client = (args: readonly string[]) => machine.run('docker', args);
  const run = (args: readonly string[]) => client([...words, ...args]);
  const [said, found] = await Promise.all([
    run(['info', '--format', '{{json .}}']),
    run(['context', 'inspect', '--format', '{{.Name}} {{.Endpoints.docker.Host}}']),
  ]);
  const [current = context ?? 'default', inContext = 'an unknown address'] = found.stdout.trim().split(' ');
  const variable = context === undefined ? machine.dockerHost : undefined;
  const endpoint = withoutPassword(variable ?? inContext);
  const where = { context: variable === undefined ? current || (context ?? 'default') : 'DOCKER_HOST', endpoint };
  const info = tryJson<Engine['info']>(said) ?? {};
  return { ...where, info, trouble: troubleOf(said, info, where), local: /^(unix|npipe):/.test(endpoint), run, client };
}

function troubleOf(
  said: Answer,
  { ServerVersion }: Engine['info'],
  { context, endpoint }: Pick<Engine, 'context' | 'endpoint'>,
): Engine['trouble'] {
  if (said.end === 'missing')
    return { seen: 'the docker command is not in PATH', fix: 'install Docker: docs.docker.com/engine/install' };
  if (ServerVersion) return undefined;
  if (/context ".*" does not exist|context not found|load context|resolve docker endpoint/i.test(said.stderr))
    return { seen: lastWords(said), fix: 'docker context ls shows the contexts that there are' };
  const why = lastWords(said);
  // That says nothing which is not said here.
  const reason = why.startsWith('Cannot connect to the Docker daemon at') ? '' : `: ${why}`;
  const seen = `no engine answers at ${endpoint} (${named(context)})${reason}`;
  if (/permission denied/i.test(said.stderr))
    return { seen, fix: 'sudo usermod -aG docker "$USER" and log in again (that group is as good as root)' };
  return { seen, fix: 'start Docker, or name another engine with --context or DOCKER_HOST; docker context ls' };
}

function named(context: string): string {
  return context === 'DOCKER_HOST' ? 'from DOCKER_HOST' : `context ${context}`;
}

function withoutPassword(endpoint: string): string {
  return endpoint.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, '$1@');
}

/** What is said of whatever only an engine can tell. */
export const WITHOUT_ENGINE = ['cannot be asked without an engine', 'mend docker-engine first'] as const;
const WITHOUT_DOCKER = ['cannot be asked without the docker command', 'mend docker-engine first'] as const;

/** The engine of the contract. Older ones are tried by nobody, though 20.10 is known to work. */
const ENGINE_FLOOR = [24] as const;

export function checkEngine({ trouble, info, context, endpoint }: Engine): Finding {
  if (trouble) return { check: 'docker-engine', result: 'failed', ...trouble };
  const version = info.ServerVersion ?? '';
  const seen = `${version} on ${info.Name} (${named(context)}, ${endpoint})`;
  if (isAtLeast(version, ENGINE_FLOOR)) return ok('docker-engine', seen);
  return warning(
    'docker-engine',
    `${seen} is older than ${ENGINE_FLOOR.join('.')}, the oldest that outputs are made for`,
    'update Docker: docs.docker.com/engine/install',
  );
}

/** The Compose plugin, which reads compose.yaml. */
export async function checkCompose({ client, info }: Engine): Promise<Finding> {
  const said = await client(['compose', 'version', '--short']);
  if (said.end === 'missing') return failed('compose', ...WITHOUT_DOCKER);
  if (said.end === 'silent') return silent('compose', 'docker compose version');
  const complaint = composeComplaint(said);
  if (!complaint) return ok('compose', said.stdout.trim().replace(/^v/, ''));
  const [seen = '', fix = ''] = complaint.message.split('; ');
  return failed('compose', seen, `${fix}: ${installation(info)}`);
}

/** The plugin that builds images, with cache mounts and bind mounts that the classic builder has not. */
export async function checkBuildx({ client, info }: Engine): Promise<Finding> {
  const said = await client(['buildx', 'version']);
  if (said.end === 'missing') return failed('buildx', ...WITHOUT_DOCKER);
  if (said.end === 'silent') return silent('buildx', 'docker buildx version');
  const version = /\bv?(\d+\.\d+[^\s]*)/.exec(said.stdout)?.[1];
  if (said.exitCode === 0 && version !== undefined) return ok('buildx', version);
  return failed(
    'buildx',
    'docker buildx is not installed on this machine, and no image can be built',
    `install the plugin docker-buildx-plugin: ${installation(info)}`,
  );
}

function installation({ OperatingSystem }: Engine['info']): string {
  return OperatingSystem === 'Docker Desktop'
    ? 'it comes with Docker Desktop, which wants an update'
    : 'docs.docker.com/engine/install';
}

function silent(check: string, command: string): Finding {
  return failed(check, 'no answer in time', `see what hangs: ${command}`);
}
