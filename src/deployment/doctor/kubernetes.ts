import type { Stack } from '../../model/stack.js';
import { hasNginx } from '../../targets/kubernetes/cluster.js';
import { neededRights, type Right } from '../kubernetes/check.js';
import { tooOld } from '../kubernetes/connect.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { lastWords, tryJson, type Answer, type Machine } from './machine.js';

/** What is deployed there. */
export interface Deployed {
  readonly stack: Stack;
  /** Deployed name. */
  readonly name: string;
}

type Run = (args: readonly string[]) => Promise<Answer>;

/** kubectl, its cluster, and what its user may do there. */
export async function checkKubernetes(
  machine: Machine,
  context: string | undefined,
  deployed: Deployed | undefined,
): Promise<Finding[]> {
  const words = [...(context === undefined ? [] : ['--context', context]), '--request-timeout', '10s'];
  const run: Run = (args) => machine.run('kubectl', [...words, ...args]);
  const [said, where] = await Promise.all([run(['version', '--output', 'json']), whichCluster(run, context)]);
  if (said.end === 'missing')
    return [failed('kubectl', 'the kubectl command is not in PATH', 'install it: kubernetes.io/docs/tasks/tools')];
  if (said.end === 'silent') return [failed('cluster', `no answer in time from ${where ?? 'kubectl'}`, OTHER_CLUSTER)];
  const { clientVersion, serverVersion } = tryJson<Versions>(said) ?? {};
  const version = clientVersion?.gitVersion.replace(/^v/, '') ?? 'of an unknown version';
  if (!serverVersion)
    return [
      ok('kubectl', version),
      where === undefined
        ? failed('cluster', 'kubectl has no context, so that no cluster is meant', NO_CONTEXT)
        : failed('cluster', `no cluster answers at ${where}: ${lastWords(said)}`, OTHER_CLUSTER),
    ];
  return [
    checkSkew(version, minorOf(clientVersion), minorOf(serverVersion)),
    checkCluster(serverVersion, where ?? 'an unknown address'),
    ...(deployed ? [await checkRights(run, deployed)] : []),
  ];
}

const NO_CONTEXT = 'name one with --context or KUBECONFIG; kubectl config get-contexts shows what there is';
const OTHER_CLUSTER = 'start it, or name another with --context or KUBECONFIG; kubectl config get-contexts';

interface Version {
  readonly minor: string;
  readonly gitVersion: string;
}

interface Versions {
  readonly clientVersion?: Version;
  readonly serverVersion?: Version;
}

function minorOf(version: Version | undefined): number {
  return Number.parseInt(version?.minor ?? '', 10);
}

/** kubectl works with a cluster one minor version away (kubernetes.io/releases/version-skew-policy). */
function checkSkew(version: string, client: number, server: number): Finding {
  if (!(Math.abs(client - server) > 1)) return ok('kubectl', version);
  return warning(
    'kubectl',
    `${version} is for clusters of 1.${client - 1} to 1.${client + 1}, and this one is 1.${server}`,
    `install kubectl 1.${server}: kubernetes.io/docs/tasks/tools`,
  );
}

function checkCluster({ minor, gitVersion }: Version, where: string): Finding {
  const name = `Kubernetes ${gitVersion.replace(/^v/, '')} at ${where}`;
  const old = tooOld(Number.parseInt(minor, 10), name);
  if (old === undefined) return ok('cluster', name);
  const [seen = '', fix = ''] = old.split('; ');
  return failed('cluster', seen, fix);
}

async function whichCluster(run: Run, context: string | undefined): Promise<string | undefined> {
  const config = tryJson<Config>(await run(['config', 'view', '--minify', '--output', 'json']));
  const server = config?.clusters?.[0]?.cluster.server?.replace(/\/\/[^/@]*@/, '//');
  return server && `${server} (context ${context ?? (config?.['current-context'] || 'none')})`;
}

interface Config {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly cluster: { readonly server?: string } }[] | null;
}

async function checkRights(run: Run, { stack, name }: Deployed): Promise<Finding> {
  const namespace = stack.namespace.name ?? name;
  const rights = neededRights({ edge: hasNginx(stack) || undefined }, await hasNamespace(run, namespace));
  const said = await Promise.all(rights.map((right) => run(question(right, namespace))));
  const refused = rights.filter((_, index) => /^no\b/.test(said[index]!.stdout.trim()));
  const unclear = said.find(({ exitCode, stdout }) => exitCode !== 0 && !/^no\b/.test(stdout.trim()));
  const what = { check: 'permissions', of: namespace };
  if (refused.length > 0)
    return failed(
      what,
      `this user may not ${refused.map(words).join(', ')} there`,
      'ask for these rights, or name another context with --context; kubectl auth can-i --list shows what there is',
    );
  if (unclear) return warning(what, `cannot be asked: ${lastWords(unclear)}`, 'kubectl auth can-i --list');
  return ok(what, `this user may ${rights.map(words).join(', ')}`);
}

/** As far as one may know: who may not read namespaces has rights in one that is there. */
async function hasNamespace(run: Run, namespace: string): Promise<boolean> {
  const { stderr, exitCode } = await run(['get', 'namespace', namespace, '--output', 'name']);
  return exitCode === 0 || !/\(NotFound\)/.test(stderr);
}

function question({ verb, group, resource, subresource }: Right, namespace: string): string[] {
  const kind = group === '' ? resource : `${resource}.${group}`;
  const below = subresource === undefined ? [] : ['--subresource', subresource];
  // A namespace is in none.
  return ['auth', 'can-i', verb, kind, ...below, ...(resource === 'namespaces' ? [] : ['--namespace', namespace])];
}

function words({ verb, resource, subresource }: Right): string {
  return `${verb} ${[resource, subresource].filter(Boolean).join('/')}`;
}
