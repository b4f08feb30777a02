import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, type Docker } from '../docker.js';
import type { ExecOptions, Ran } from '../exec.js';
import type { Service, Snapshot, SwarmNode, Task } from './answers.js';

/** Seconds that a Swarm gets to find a new leader. */
const ELECTION = 30;

/** What a manager says while the Swarm has no leader, or has just got another one. */
const NO_LEADER =
  /does not have a leader|no elected primary|leader is needed|context deadline exceeded|DeadlineExceeded|code = Unavailable|connection error|update out of sequence|request timed out|raft/i;

/** What a manager says of a name that is taken. */
export const ALREADY = /already exists|name conflicts/i;

/** A manager of a Swarm. While a leader is elected, commands wait for it. */
export class Manager {
  readonly docker: Docker;
  /** Id of its node. */
  readonly node: string;

  constructor(docker: Docker, node: string) {
    this.docker = docker;
    this.node = node;
  }

  async attempt(args: readonly string[], options?: ExecOptions): Promise<Ran> {
    for (const end = performance.now() + ELECTION * 1000; ; await sleep(1000)) {
      const ran = await this.docker.attempt(args, options);
      if (ran.exitCode === 0 || !NO_LEADER.test(ran.stderr) || performance.now() > end) return ran;
    }
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

  /** Those that are still there. */
  async inspect<T>(kind: readonly string[], ids: readonly string[]): Promise<T[]> {
    if (ids.length === 0) return [];
    const { stdout } = await this.attempt([...kind, ...ids]);
    return JSON.parse(stdout || '[]') as T[];
  }

  async services(stack: string): Promise<Service[]> {
    const ids = await this.lines(['service', 'ls', '--quiet', '--filter', `label=${NAMESPACE}=${stack}`]);
    const services = await this.inspect<Service>(['service', 'inspect'], ids);
    return services.toSorted((one, other) => (one.Spec.Name < other.Spec.Name ? -1 : 1));
  }

  /** Its history included: Swarm keeps five tasks a place. */
  async tasks(services: readonly string[]): Promise<Task[]> {
    if (services.length === 0) return [];
    const { stdout } = await this.attempt(['service', 'ps', '--quiet', '--no-trunc', ...services]);
    return this.inspect<Task>(['inspect', '--type', 'task'], stdout.split('\n').filter(Boolean));
  }

  async nodes(): Promise<SwarmNode[]> {
    return this.inspect<SwarmNode>(['node', 'inspect'], await this.lines(['node', 'ls', '--quiet']));
  }

  async snapshot(stack: string): Promise<Snapshot> {
    const [services, nodes] = await Promise.all([this.services(stack), this.nodes()]);
    return { services, nodes, tasks: await this.tasks(services.map(({ ID }) => ID)) };
  }

  /** Names of the objects of a kind, those with a label where one is given. */
  async names(kind: 'config' | 'secret' | 'service' | 'network', label?: string): Promise<string[]> {
    const filter = label === undefined ? [] : ['--filter', `label=${label}`];
    return this.lines([kind, 'ls', ...filter, '--format', '{{.Name}}']);
  }

  /** Removes an object; whether it was there and could go. */
  async remove(kind: 'config' | 'secret' | 'service' | 'network', name: string): Promise<boolean> {
    const { exitCode } = await this.attempt([kind, 'rm', name]);
    return exitCode === 0;
  }
}

/** Label that `docker stack` gives to what is its own. */
export const NAMESPACE = 'com.docker.stack.namespace';

/** Label that says whose an object is which `docker stack` knows nothing of. */
export const OWNER = 'asgi-synth.stack';
