import type { Complaint } from '../../errors.js';
import type { Kubectl } from '../kubectl.js';
import type { Plan, SecretPlan } from '../plan.js';
import { tooOld, type ClusterConnection } from './connect.js';
import { objectsIn } from './objects.js';
import type { StoredSecret } from './secrets.js';

/** What is wrong with a cluster for a plan. */
export async function checkCluster({ kubectl, minor, name }: ClusterConnection, plan: Plan): Promise<Complaint[]> {
  const old = tooOld(minor, name);
  if (old !== undefined) return [{ message: old }];
  const namespace = plan.namespace ?? plan.name;
  const exists = await hasNamespace(kubectl, namespace);
  const own = kubectl.in(namespace);
  const found = await Promise.all([
    namespaceComplaints(plan, exists),
    missingRights(own, plan, exists),
    exists ? missingSecrets(own, plan) : withoutNamespace(plan),
    missingEdge(own, plan),
  ]);
  return found.flat().map((message) => ({ message }));
}

/** Whether a namespace is there, as far as one may know. */
export async function hasNamespace(kubectl: Kubectl, namespace: string): Promise<boolean> {
  const { stderr, exitCode } = await kubectl.attempt(['get', 'namespace', namespace, '--output', 'name']);
  if (exitCode === 0) return true;
  if (/\(NotFound\)/.test(stderr)) return false;
  // Who has rights in a namespace alone may not read the namespace itself.
  if (/\(Forbidden\)/.test(stderr)) return true;
  throw new Error(`kubectl get namespace ${namespace} failed: ${stderr.trim()}`);
}

function namespaceComplaints({ namespace, cluster }: Plan, exists: boolean): string[] {
  if (exists || cluster?.createsNamespace !== false) return [];
  return [
    `the namespace ${namespace} does not exist, and the stack says that it does not make it (namespace.create is false); kubectl create namespace ${namespace}`,
  ];
}

/** A right, as a review of it is asked for. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** What the whole of a deployment rests on; what else is missing, the first dry run says. @param exists whether its namespace does */
export function neededRights({ edge }: { readonly edge?: unknown }, exists: boolean): Right[] {
  return [
    { verb: 'create', group: 'apps', resource: 'deployments' },
    { verb: 'patch', group: 'apps', resource: 'deployments' },
    { verb: 'create', group: '', resource: 'secrets' },
    { verb: 'create', group: 'coordination.k8s.io', resource: 'leases' },
    { verb: 'list', group: '', resource: 'pods' },
    ...(edge ? [{ verb: 'create', group: '', resource: 'pods', subresource: 'exec' }] : []),
    ...(exists ? [] : [{ verb: 'create', group: '', resource: 'namespaces' }]),
  ];
}

/** Asks all at once, which `kubectl auth can-i` cannot. Who may not even ask learns it from the first dry run. */
async function missingRights(kubectl: Kubectl, plan: Plan, exists: boolean): Promise<string[]> {
  const rights = neededRights(plan, exists);
  const reviews = rights.map((right) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace: plan.namespace, ...right } },
  }));
  const { stdout, exitCode } = await kubectl.attempt(['create', '--filename', '-', '--output', 'json'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: reviews }),
  });
  if (exitCode !== 0) return [];
  const answers = objectsIn<{ readonly status: { readonly allowed: boolean } }>(stdout);
  return rights
    .filter((_, index) => answers[index]?.status.allowed === false)
    .map(
      ({ verb, resource, subresource }) =>
        `this user may not ${verb} ${[resource, subresource].filter(Boolean).join('/')} in namespace ${plan.namespace}, which a deployment needs; ask for that right, or name another context with --context`,
    );
}

async function missingSecrets(kubectl: Kubectl, { secrets, cluster, namespace }: Plan): Promise<string[]> {
  const external = secrets.filter((secret) => secret.external !== undefined);
  const names = [
    ...new Set([...external.map((secret) => secret.external ?? ''), ...(cluster?.imagePullSecrets ?? [])]),
  ];
  if (names.length === 0) return [];
  const found = objectsIn<StoredSecret>(
    await kubectl.run(['get', 'secrets', ...names, '--ignore-not-found', '--output', 'json']),
  );
  const byName = new Map(found.map((secret) => [secret.metadata.name, secret]));
  return [
    ...external.flatMap((secret) => externalComplaint(secret, byName.get(secret.external ?? ''), namespace)),
    ...(cluster?.imagePullSecrets ?? [])
      .filter((name) => !byName.has(name))
      .map(
        (name) =>
          `imagePullSecrets names the Secret ${name}, which is not in namespace ${namespace}; make it as "Private registry" in README.md says`,
      ),
  ];
}

export function externalComplaint(
  { id, external }: SecretPlan,
  stored: StoredSecret | undefined,
  namespace: string | undefined,
): string[] {
  if (stored === undefined)
    return [
      `secret ${id} is external, but there is no Secret ${external} in namespace ${namespace}; make it there, with the key ${id}`,
    ];
  if (stored.data?.[id] !== undefined) return [];
  return [
    `the Secret ${external} in namespace ${namespace} has no key ${id}; it has ${Object.keys(stored.data ?? {}).join(', ') || 'none'}`,
  ];
}

function withoutNamespace({ secrets, cluster, namespace }: Plan): string[] {
  const names = [...secrets.flatMap(({ external }) => external ?? []), ...(cluster?.imagePullSecrets ?? [])];
  if (names.length === 0) return [];
  return [
    `the stack expects the Secrets ${[...new Set(names)].join(', ')} in namespace ${namespace}, which does not exist yet; kubectl apply -f namespace.yaml and make them there`,
  ];
}

async function missingEdge(kubectl: Kubectl, { cluster, namespace }: Plan): Promise<string[]> {
  return [
    ...(cluster?.ingressClass === undefined ? [] : await missingClass(kubectl, cluster.ingressClass)),
    ...(cluster?.gateway === undefined ? [] : await missingGateway(kubectl, cluster.gateway, namespace)),
  ];
}

async function missingClass(kubectl: Kubectl, ingressClass: string): Promise<string[]> {
  const { stderr } = await kubectl.attempt(['get', 'ingressclasses', ingressClass, '--output', 'name']);
  if (!/\(NotFound\)/.test(stderr)) return [];
  const { stdout } = await kubectl.attempt(['get', 'ingressclasses', '--output', 'name']);
  const there = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^.*\//, ''));
  return [
    `ingress.className is ${ingressClass}, but the cluster has ${there.length === 0 ? 'no IngressClass: install an Ingress controller' : `only ${there.join(', ')}: name one of them, or install the other controller`}`,
  ];
}

async function missingGateway(
  kubectl: Kubectl,
  { name, namespace = '' }: { readonly name: string; readonly namespace?: string },
  own: string | undefined,
): Promise<string[]> {
  const where = namespace === '' ? (own ?? '') : namespace;
  const { stderr } = await kubectl
    .in(where)
    .attempt(['get', 'gateways.gateway.networking.k8s.io', name, '--output', 'name']);
  if (/doesn't have a resource type/.test(stderr))
    return [
      'the stack has a gateway, but the cluster does not know the Gateway API; install a controller of it, with the definitions (HTTPRoute, Gateway) that belong to it',
    ];
  if (!/\(NotFound\)/.test(stderr)) return [];
  return [
    `gateway.name is ${name}, but there is no Gateway ${name} in namespace ${where}; make it there, or name another`,
  ];
}
