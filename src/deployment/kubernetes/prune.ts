import type { Kubectl } from '../kubectl.js';
import type { Ledger } from '../ledger.js';
import { INSTANCE } from '../../targets/kubernetes/workload.js';
import { ownSelector } from './labels.js';
import {
  isOurs,
  markOf,
  mountedConfigs,
  objectsIn,
  objectsOf,
  titleOf,
  type ClusterObject,
  type Mark,
} from './objects.js';
import { secretPlaces } from './secret-places.js';

/** Deletes what no release of a ledger needs. Returns what that was. */
export async function pruneCluster(kubectl: Kubectl, ledger: Ledger): Promise<string[]> {
  const [configs, secrets, runs] = [
    await unusedConfigs(kubectl, ledger),
    await unusedSecrets(kubectl, ledger),
    await endedRuns(kubectl, ledger.name),
  ];
  const all = [...configs, ...secrets, ...runs];
  for (const kind of new Set(all.map((object) => object.kind))) {
    const names = all.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    await kubectl.run(['delete', kind.toLowerCase(), ...names, '--ignore-not-found', '--wait=false']);
  }
  return all.map(titleOf);
}

async function unusedConfigs(kubectl: Kubectl, ledger: Ledger): Promise<ClusterObject[]> {
  const [wanted, mark] = wantedConfigs(ledger);
  const args = ['get', 'configmaps,replicasets.apps', '--selector', `${INSTANCE}=${ledger.name}`, '--output', 'json'];
  const live = objectsIn(await kubectl.run(args));
  const mounted = new Set(
    live.filter((object) => object.kind === 'ReplicaSet' && hasPods(object)).flatMap(mountedConfigs),
  );
  return prunable(live, mark).filter(({ metadata }) => !wanted.has(metadata.name) && !mounted.has(metadata.name));
}

/** ConfigMaps of ours that are named by their content. */
export function prunable(live: readonly ClusterObject[], mark: Mark): ClusterObject[] {
  return live.filter(
    (object) =>
      object.kind === 'ConfigMap' &&
      object['immutable'] === true &&
      isOurs(object, mark) &&
      /-[0-9a-f]{8,}$/.test(object.metadata.name),
  );
}

/** A release is brought back by applying all of it: a ConfigMap that goes too early comes again. */
function wantedConfigs({ name, releases }: Ledger): [Set<string>, Mark] {
  const objects = releases.flatMap(({ files }) => objectsOf(files));
  const configs = objects.filter(({ kind }) => kind === 'ConfigMap');
  return [new Set(configs.map(({ metadata }) => metadata.name)), markOf(name, objects)];
}

/** A ReplicaSet with pods: a version may be on its way that is in no ledger yet. */
function hasPods(set: ClusterObject): boolean {
  const { replicas = 0 } = set['spec'] as { readonly replicas?: number };
  return replicas > 0;
}

async function unusedSecrets(kubectl: Kubectl, { name, releases }: Ledger): Promise<ClusterObject[]> {
  const used = new Set(releases.flatMap(({ plan }) => secretPlaces(plan).map((place) => place.name)));
  const args = ['get', 'secrets', '--selector', ownSelector(name, 'secret'), '--output', 'name'];
  const names = (await kubectl.run(args)).split('\n').map((line) => line.replace(/^secret\//, ''));
  return names
    .filter((one) => one !== '' && !used.has(one))
    .map((one) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: one } }));
}

/** One-off pods whose command has ended, and whose caller was killed before it could remove them. */
async function endedRuns(kubectl: Kubectl, name: string): Promise<ClusterObject[]> {
  const args = ['get', 'pods', '--selector', ownSelector(name, 'run'), '--output', 'json'];
  return objectsIn(await kubectl.run(args)).filter(({ status }) =>
    ['Succeeded', 'Failed'].includes((status as { phase?: string } | undefined)?.phase ?? ''),
  );
}
