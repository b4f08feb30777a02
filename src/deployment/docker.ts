import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { userError } from '../errors.js';
import { exec, execInteractive, type ExecOptions, type Ran } from './exec.js';
import type { EngineOptions } from './deployer.js';

/**
 * The engine that the docker command talks to. We use that command, not its API: contexts, DOCKER_HOST=ssh://, TLS and the credentials of
 * registries are its work, and Compose and stack files are read by nothing else.
 */
export class Docker {
  private readonly options: EngineOptions;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  /** Words in front of each command. */
  private words(args: readonly string[]): string[] {
    return [...(this.options.context === undefined ? [] : ['--context', this.options.context]), ...args];
  }

  /** Whatever its exit code. */
  attempt(args: readonly string[], options?: ExecOptions): Promise<Ran> {
    return exec('docker', this.words(args), options);
  }

  /** What it prints, less the line break at its end. Throws where it fails. */
  async run(args: readonly string[], options?: ExecOptions): Promise<string> {
    const { stdout, stderr, exitCode } = await this.attempt(args, options);
    if (exitCode !== 0) throw new CommandFailed(['docker', ...args], exitCode, stderr || stdout);
    return stdout.trimEnd();
  }

  async lines(args: readonly string[], options?: ExecOptions): Promise<string[]> {
    return (await this.run(args, options)).split('\n').filter((line) => line !== '');
  }

  /** What it prints, as JSON. */
  async json<T>(args: readonly string[], options?: ExecOptions): Promise<T> {
    return JSON.parse(await this.run(args, options)) as T;
  }

  /** `docker inspect` of those that are still there. */
  async inspect<T>(kind: string, ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    const { stdout } = await this.attempt([kind, 'inspect', ...ids]);
    return JSON.parse(stdout || '[]') as T[];
  }

  /** Starts a command whose streams the caller keeps. Ctrl-C at the terminal does not reach it. */
  spawn(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn('docker', this.words(args), { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  interactive(args: readonly string[], options?: Pick<ExecOptions, 'signal' | 'cwd'>): Promise<number> {
    return execInteractive('docker', this.words(args), options);
  }
}

/** A command of a tool that failed although nothing was known to be wrong. */
export class CommandFailed extends Error {
  readonly exitCode: number;
  readonly said: string;

  constructor(command: readonly string[], exitCode: number, said: string) {
    super(`${command.slice(0, 4).join(' ')} failed with ${exitCode}: ${lastLine(said)}`);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
    this.said = said;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** What `docker info` tells of an engine. */
export interface DockerInfo {
  readonly ServerVersion: string;
  readonly Name: string;
  readonly SystemTime: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Swarm: { readonly LocalNodeState: string; readonly ControlAvailable: boolean; readonly NodeID: string };
}

export interface DockerEngine {
  readonly docker: Docker;
  readonly info: DockerInfo;
  /** Where it listens, `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** Whether files of this machine can be mounted there. */
  readonly local: boolean;
  /** For people. */
  readonly name: string;
}

/** Asks the engine who it is. */
export async function connectDocker(options: EngineOptions): Promise<DockerEngine> {
  const docker = new Docker(options);
  const { stdout, stderr, exitCode } = await docker.attempt(['info', '--format', '{{json .}}']);
  const info = tryInfo(stdout);
  const { context, endpoint } = await whichEndpoint(docker, options);
  if (exitCode !== 0 || !info?.ServerVersion)
    throw userError(
      `no Docker engine answers at ${endpoint} (context ${context}): ${lastLine(stderr) || 'it said nothing'}; start it, or name another with --context or DOCKER_HOST`,
    );
  return {
    docker,
    info,
    endpoint,
    local: /^(unix|npipe):/.test(endpoint),
    name: `Docker Engine ${info.ServerVersion} on ${info.Name} (context ${context}, ${endpoint})`,
  };
}

function tryInfo(text: string): DockerInfo | undefined {
  try {
    return JSON.parse(text) as DockerInfo;
  } catch {
    return undefined;
  }
}

async function whichEndpoint(docker: Docker, options: EngineOptions): Promise<{ context: string; endpoint: string }> {
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && host !== '' && options.context === undefined) return { context: 'default', endpoint: host };
  const { stdout } = await docker.attempt(['context', 'inspect', '--format', '{{.Name}} {{.Endpoints.docker.Host}}']);
  const [context = options.context ?? 'default', endpoint = 'an unknown address'] = stdout.trim().split(' ');
  return { context, endpoint };
}
