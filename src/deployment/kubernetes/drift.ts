import type { Difference } from '../deployer.js';
import { CommandFailed } from '../docker.js';
import type { Kubectl } from '../kubectl.js';
import type { Release } from '../ledger.js';
import { differences } from './differences.js';
import { liveOf } from './left-over.js';
import { withManifests } from './manifests.js';
import { keyOf, objectsIn, type ClusterObject } from './objects.js';
import { secretPlaces } from './secret-places.js';
import { readSecrets, withoutStored } from './secrets.js';

/** How a namespace differs from a release: what an apply of it would put right. */
export function driftFrom(kubectl: Kubectl, release: Release): Promise<Difference[]> {
  return withManifests(kubectl, { files: release.files }, async ({ folder, objects }) => {
    const live = await liveOf(kubectl, objects);
    // Into a namespace that has gone nothing can be applied, not even for show.
    if (live.length === 0) return differences(objects, []);
    const args = ['apply', '--kustomize', folder, '--dry-run=server', '--output', 'json'];
    const { stdout, stderr, exitCode } = await kubectl.attempt(args);
    if (exitCode !== 0) throw new CommandFailed(['kubectl', ...args], exitCode, stderr);
    return [...differences(stillThere(objectsIn(stdout), live), live), ...(await missingSecrets(kubectl, release))];
  });
}

/** A cluster forgets a Job that has ended after a while: that it is gone says nothing. */
function stillThere(wanted: readonly ClusterObject[], live: readonly ClusterObject[]): ClusterObject[] {
  const there = new Set(live.map(keyOf));
  return wanted.filter((object) => object.kind !== 'Job' || there.has(keyOf(object)));
}

async function missingSecrets(kubectl: Kubectl, { plan }: Release): Promise<Difference[]> {
  const missing = withoutStored(plan, await readSecrets(kubectl, plan)).map(({ id }) => id);
  return secretPlaces(plan)
    .filter(({ keys }) => Object.keys(keys).some((id) => missing.includes(id)))
    .map(({ name }) => ({ of: `Secret/${name}`, before: 'there', after: 'gone' }));
}
