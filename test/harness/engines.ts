import { homedir } from 'node:os';
import { join } from 'node:path';
import { run, type RunOptions } from './process.js';

/** Variables for the child processes that talk to an engine. */
export type Environment = Readonly<Record<string, string>>;

/** A machine of the lab, with an address on its network. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** Its network namespace; absent for an engine that the harness did not start. */
  readonly netns?: string;
}

export interface Engine extends AsyncDisposable {
  /** DOCKER_HOST of this engine (of the builder, for Kubernetes), DOCKER_CONFIG with compose and buildx, PATH, KUBECONFIG. */
  readonly env: Environment;
  /** Prefix of image references that every engine can push to and pull from: `${registry}/shop-api:1`. */
  readonly registry: string;
  /** Third-party images in that registry, by full version. */
  readonly images: Readonly<Record<'python' | 'nginx' | 'postgres' | 'redis' | 'certbot', string>>;
  /** Ends this process's use of it; the engine stops when nobody uses it any more. */
  stop(): Promise<void>;
}

export interface DockerEngine extends Engine {
  /** The engine's DOCKER_HOST. */
  readonly host: string;
  /** Where published ports answer, for the host and for client machines. */
  readonly address: string;
  /** Absent when the engine shares the host's network. What is published on 127.0.0.1 answers only in here. */
  readonly netns?: string;
  /** Shuts its machine down and switches it on again, with its data. Only an engine that the harness started. */
  stopNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
}

export interface SwarmManager extends Machine {
  /** This manager's own DOCKER_HOST; that of the named manager in a Swarm that the harness did not start. */
  readonly host: string;
}

export interface SwarmEngine extends Engine {
  readonly managers: readonly SwarmManager[];
  /** Where images are built: has a cache, which the managers do not. */
  readonly builder: DockerEngine;
  /** Ends a manager and its containers as a power cut would. */
  stopNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
}

export interface KubernetesEngine extends Engine {
  readonly kubeconfig: string;
  readonly nodes: readonly Machine[];
  readonly builder: DockerEngine;
  stopNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
  /** A volume that any PersistentVolumeClaim without a class can take. */
  addVolume(name: string, size?: string): Promise<void>;
}

export type EngineName = 'docker' | 'swarm' | 'kubernetes';

const script = join(import.meta.dirname, 'engines', 'engines.sh');

/** The process whose life the engines share; the global setup of a test run sets it for all test files. */
export const holderVariable = 'ASGI_SYNTH_HOLDER';

/** The Docker engine of the bare-metal target. */
export function dockerEngine(): Promise<DockerEngine> {
  asked.add('docker');
  return builder();
}

/** A Swarm of three managers. */
export function swarmEngine(): Promise<SwarmEngine> {
  asked.add('swarm');
  return once('swarm', async () => {
    const values = await start('swarm');
    return {
      ...common('swarm', values),
      ...nodeSwitches(),
      builder: await builder(),
      managers: machines(values).map((machine) => ({
        ...machine,
        host: machine.netns ? hostOf(machine.name, values) : need(values, 'DOCKER_HOST'),
      })),
    };
  });
}

/** A Kubernetes cluster of two nodes with DNS and the Gateway API's definitions. */
export function kubernetesEngine(): Promise<KubernetesEngine> {
  asked.add('kubernetes');
  return once('kubernetes', async () => {
    const values = await start('kubernetes');
    return {
      ...common('kubernetes', values),
      ...nodeSwitches(),
      builder: await builder(),
      kubeconfig: need(values, 'KUBECONFIG'),
      nodes: machines(values),
      addVolume: async (name, size = '1Gi') => void (await engines(['volume', name, size])),
    };
  });
}

/** Downloads and builds what the engines need. Minutes on a cold machine, nothing on a warm one. */
export async function installEngines(names: readonly EngineName[]): Promise<void> {
  await engines(['install', ...names], { timeoutSeconds: 3600, echo: true });
}

/** The folder in which Pebble is, the ACME server that Let's Encrypt tests clients with. Half a minute on a cold machine. */
export async function installPebble(): Promise<string> {
  await engines(['install', 'pebble'], { timeoutSeconds: 600 });
  const cache = process.env['ASGI_SYNTH_CACHE'] ?? join(homedir(), '.cache/asgi-synth');
  return join(cache, 'path');
}

/** Downloads and builds act and gitlab-ci-local, which run pipelines of GitHub and GitLab, and an SSH server. Two minutes on a cold machine. */
export async function installPipelineRunners(): Promise<void> {
  await engines(['install', 'pipelines'], { timeoutSeconds: 1200 });
}

/** Ends this process's (or this test run's) use of all engines. */
export async function releaseEngines(): Promise<void> {
  started.clear();
  asked.clear();
  await engines(['down', 'all', '--for', holder()], { timeoutSeconds: 120 });
}

/** A machine of its own beside the engines, for requests from a true other address. */
export async function addClientMachine(name: string): Promise<Machine> {
  const { stdout } = await engines(['client', name]);
  const [netns, address] = stdout.trim().split(' ');
  if (!netns || !address) throw new Error(`engines.sh client ${name} printed ${stdout}`);
  return { name, address, netns };
}

export async function removeClientMachine(name: string): Promise<void> {
  await engines(['client-down', name]);
}

/** `run` in a machine's network: for what answers only there. The host's own network where the machine has none of ours. */
export function runOn(machine: { netns?: string }, command: string, args: readonly string[], options?: RunOptions) {
  const [first = command, ...rest] = [...inNetwork(machine), command, ...args];
  return run(first, rest, options);
}

/** What to put before a command so that it runs in a machine's network. (`ip netns exec` would hide control groups.) */
export function inNetwork(machine: { netns?: string }): string[] {
  return machine.netns ? ['nsenter', `--net=/run/netns/${machine.netns}`] : [];
}

const started = new Map<EngineName, Promise<unknown>>();
/** What callers asked for; the builder is started for the others without being asked for. */
const asked = new Set<EngineName>();

function builder(): Promise<DockerEngine> {
  return once('docker', async () => dockerFrom(await start('docker')));
}

function once<T>(name: EngineName, start: () => Promise<T>): Promise<T> {
  const known = started.get(name) as Promise<T> | undefined;
  if (known) return known;
  const promise = start();
  started.set(name, promise);
  promise.catch(() => started.delete(name));
  return promise;
}

type Values = ReadonlyMap<string, string>;

async function start(name: EngineName): Promise<Values> {
  await engines(['up', name, '--for', holder()], { timeoutSeconds: 3600, echo: true });
  const { stdout } = await engines(['env', name]);
  return new Map(
    [...stdout.matchAll(/^export (\w+)='(.*)'(?::"\$PATH")?$/gm)].map(
      ([, key = '', value = '']) => [key, value] as const,
    ),
  );
}

/** Within a test run that shares its engines, one file's stop must not take them from the others: the teardown stops them. */
async function stop(name: EngineName): Promise<void> {
  started.delete(name);
  asked.delete(name);
  if (process.env[holderVariable]) return;
  if (asked.size === 0) await releaseEngines();
  else if (name !== 'docker') await engines(['down', name, '--for', holder()]);
}

function common(name: EngineName, values: Values): Engine {
  const path = values.get('PATH');
  const variables = ['DOCKER_HOST', 'DOCKER_CONFIG', 'KUBECONFIG'].flatMap((key) => {
    const value = values.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    env: Object.fromEntries([
      ...variables,
      ['PATH', path ? `${path}:${process.env['PATH'] ?? ''}` : (process.env['PATH'] ?? '')],
    ]),
    registry: need(values, 'LAB_REGISTRY'),
    images: {
      python: need(values, 'LAB_PYTHON'),
      nginx: need(values, 'LAB_NGINX'),
      postgres: need(values, 'LAB_POSTGRES'),
      redis: need(values, 'LAB_REDIS'),
      certbot: need(values, 'LAB_CERTBOT'),
    },
    stop: () => stop(name),
    [Symbol.asyncDispose]: () => stop(name),
  };
}

function dockerFrom(values: Values): DockerEngine {
  const netns = values.get('LAB_NETNS');
  return {
    ...common('docker', values),
    ...nodeSwitches(),
    host: need(values, 'DOCKER_HOST'),
    address: need(values, 'LAB_ADDRESS'),
    ...(netns ? { netns } : {}),
  };
}

function machines(values: Values): Machine[] {
  return need(values, 'LAB_NODES')
    .trim()
    .split(/\s+/)
    .map((node) => {
      const [name = '', address = '', netns] = node.split('=');
      return { name, address, ...(netns ? { netns } : {}) };
    });
}

/** The socket of a manager, beside the first manager's. */
function hostOf(name: string, values: Values): string {
  return need(values, 'DOCKER_HOST').replace(/[^/]+\/docker\.sock$/, `${name}/docker.sock`);
}

function nodeSwitches() {
  return {
    stopNode: async (name: string) => void (await engines(['node', 'stop', name])),
    startNode: async (name: string) => void (await engines(['node', 'start', name], { timeoutSeconds: 180 })),
  };
}

function need(values: Values, key: string): string {
  const value = values.get(key);
  if (value === undefined || value === '') throw new Error(`engines.sh env did not say ${key}`);
  return value;
}

function holder(): string {
  return process.env[holderVariable] ?? String(process.pid);
}

function engines(args: readonly string[], options: RunOptions = {}) {
  return run(script, args, options);
}
