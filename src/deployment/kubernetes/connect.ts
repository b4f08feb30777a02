import { userError } from '../../errors.js';
import type { EngineOptions } from '../deployer.js';
import { Kubectl } from '../kubectl.js';

/** The oldest cluster that runs the output: before 1.30 the pods' pause before their stop is refused. */
const OLDEST_MINOR = 30;

export interface ClusterConnection {
  readonly kubectl: Kubectl;
  /** Minor version of the server, 34 for 1.34. */
  readonly minor: number;
  /** For people. */
  readonly name: string;
}

interface Versions {
  readonly serverVersion?: { readonly major: string; readonly minor: string; readonly gitVersion: string };
}

interface Config {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly cluster: { readonly server?: string } }[] | null;
}

/** Asks the cluster who it is. */
export async function connectCluster(options: EngineOptions): Promise<ClusterConnection> {
  const kubectl = new Kubectl(options);
  const { stdout, stderr, exitCode } = await kubectl.attempt([
    'version',
    '--output',
    'json',
    '--request-timeout',
    '15s',
  ]);
  const server = versionsIn(stdout).serverVersion;
  const where = await whichCluster(kubectl, options);
  if (exitCode !== 0 || server === undefined)
    throw userError(
      `no Kubernetes cluster answers at ${where}: ${stderr.trim().split('\n').at(-1) || 'it said nothing'}; start it, or name another with --context or KUBECONFIG`,
    );
  return {
    kubectl,
    minor: Number.parseInt(server.minor),
    name: `Kubernetes ${server.gitVersion.replace(/^v/, '')} at ${where}`,
  };
}

/** Why a cluster of that minor version runs no output. */
export function tooOld(minor: number, name: string): string | undefined {
  if (!(minor < OLDEST_MINOR)) return undefined;
  return `${name} is too old: the pause before the stop of a pod, without which updates lose requests, needs 1.${OLDEST_MINOR} or later; update the cluster, or name another with --context`;
}

function versionsIn(json: string): Versions {
  try {
    return JSON.parse(json) as Versions;
  } catch {
    return {};
  }
}

async function whichCluster(kubectl: Kubectl, { context }: EngineOptions): Promise<string> {
  const { stdout, exitCode } = await kubectl.attempt(['config', 'view', '--minify', '--output', 'json']);
  const config = exitCode === 0 ? (JSON.parse(stdout) as Config) : {};
  const server = config.clusters?.[0]?.cluster.server ?? 'an unknown address';
  return `${server} (context ${context ?? (config['current-context'] || 'none')})`;
}
