import { UserError, userError, type Complaint } from '../../errors.js';
import type { StoredSecrets } from '../deployer.js';
import type { Release } from '../ledger.js';
import type { Plan } from '../plan.js';
import { withoutValues } from '../secret-values.js';
import { changed, type Pair } from './compare.js';
import { ALREADY, OWNER, type Manager } from './manager.js';
import { revisionsOf, secretName, storedRevisions, type Revision } from './revisions.js';

/** Stores what is new. A value that is the running one keeps its revision, so that nothing restarts. */
export async function storeSecrets(
  manager: Manager,
  plan: Plan,
  values: ReadonlyMap<string, Uint8Array>,
  previous: Release | undefined,
): Promise<StoredSecrets> {
  const ids = plan.secrets.map(({ id }) => id);
  const { revisions, missing } = revisionsOf(plan, {
    stored: storedRevisions(plan.name, ids, await manager.names('secret')),
    given: new Set(values.keys()),
    running: previous?.secrets ?? {},
  });
  if (missing.length > 0) throw new UserError(withoutValues(missing));
  for (const { id, does, revision } of revisions)
    if (does !== 'keep') await create(manager, plan.name, id, revision, values.get(id) ?? new Uint8Array());
  const rotated = await rotatedOf(manager, plan, revisions, previous);
  return {
    rotated,
    revisions: Object.fromEntries(
      revisions.map((one) => [
        one.id,
        one.does === 'compare' && !rotated.includes(one.id) ? one.current : one.revision,
      ]),
    ),
  };
}

/** What to say of each secret that is neither given nor stored. */
export async function secretComplaints(manager: Manager, plan: Plan, given: ReadonlySet<string>): Promise<Complaint[]> {
  const ids = plan.secrets.map(({ id }) => id);
  const stored = storedRevisions(plan.name, ids, await manager.names('secret'));
  return withoutValues(revisionsOf(plan, { stored, given, running: {} }).missing);
}

/** The value goes through standard input: command lines can be read by everybody. */
async function create(manager: Manager, stack: string, id: string, revision: number, value: Uint8Array): Promise<void> {
  const name = secretName(stack, id, revision);
  const { exitCode, stderr } = await manager.attempt(['secret', 'create', '--label', `${OWNER}=${stack}`, name, '-'], {
    input: value,
  });
  // A revision is given once: one that is there is ours, and only the answer was lost.
  if (exitCode !== 0 && !ALREADY.test(stderr))
    throw userError(
      `secret ${id} cannot be stored: ${stderr.trim().split('\n').at(-1) ?? ''}; a Swarm takes 1 to 500 KB`,
    );
}

async function rotatedOf(
  manager: Manager,
  { name, apps }: Plan,
  revisions: readonly Revision[],
  previous: Release | undefined,
): Promise<string[]> {
  const pairs = revisions.flatMap((one): Pair[] =>
    one.does === 'compare'
      ? [
          {
            id: one.id,
            current: secretName(name, one.id, one.current),
            candidate: secretName(name, one.id, one.revision),
          },
        ]
      : [],
  );
  if (pairs.length === 0) return [];
  // What runs is on the nodes already; what is about to be deployed may not even exist.
  const image = (previous?.plan.apps[0] ?? apps[0])?.image ?? '';
  const rotated = await changed(manager, name, image, pairs);
  for (const { id, candidate } of pairs) if (!rotated.includes(id)) await manager.remove('secret', candidate);
  return rotated;
}
