import type { Ledger, Release } from '../ledger.js';
import { NAMESPACE, OWNER, type Manager } from './manager.js';
import { allReleases } from './releases.js';
import { secretName } from './revisions.js';
import { configNames } from './stack-yaml.js';

/** Removes what no release needs. What Docker will not remove is in use by something else, and stays. */
export async function prune(manager: Manager, { name, releases }: Ledger): Promise<string[]> {
  const configs = await manager.names('config', `${NAMESPACE}=${name}`);
  const secrets = await manager.names('secret', `${OWNER}=${name}`);
  const needed = [...neededConfigs(releases), ...neededSecrets(name, releases)];
  return [
    ...(await removeAll(configs, needed, (one) => manager.remove('config', one))),
    ...(await removeAll(secrets, needed, (one) => manager.remove('secret', one))),
    ...(await pruneImages(manager, releases)),
  ];
}

export function neededConfigs(releases: readonly Release[]): string[] {
  return [...new Set(releases.flatMap(({ files }) => configNames(files)))];
}

export function neededSecrets(name: string, releases: readonly Release[]): string[] {
  return [
    ...new Set(
      releases.flatMap(({ secrets }) =>
        Object.entries(secrets).map(([id, revision]) => secretName(name, id, revision)),
      ),
    ),
  ];
}

async function removeAll(
  found: readonly string[],
  needed: readonly string[],
  remove: (name: string) => Promise<boolean>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const one of found) if (!needed.includes(one) && (await remove(one))) removed.push(one);
  return removed;
}

/** Images of ours on the engine that we talk to. Stages share them, so that the releases of every name count. */
async function pruneImages(manager: Manager, releases: readonly Release[]): Promise<string[]> {
  const ours = new Set(builtImages(releases).map(repositoryOf));
  if (ours.size === 0) return [];
  const { docker } = manager;
  const found = await docker.lines(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
  const old = found.filter((image) => ours.has(repositoryOf(image)) && !image.endsWith(':<none>'));
  if (old.length === 0) return [];
  const needed = builtImages(await allReleases(manager)).map(withoutDigest);
  return removeAll(old, needed, async (image) => (await docker.attempt(['image', 'rm', image])).exitCode === 0);
}

function builtImages(releases: readonly Release[]): string[] {
  return releases.flatMap(({ plan }) =>
    [...plan.apps, ...(plan.statics ?? [])].filter(({ built }) => built).map(({ image }) => image),
  );
}

function withoutDigest(image: string): string {
  return image.replace(/@sha256:.*/, '');
}

/** The reference without its tag: a registry may have a port. */
export function repositoryOf(image: string): string {
  return withoutDigest(image).replace(/:[^:/]*$/, '');
}
