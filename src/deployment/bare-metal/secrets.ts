import { UserError, type Complaint } from '../../errors.js';
import type { StoredSecrets } from '../deployer.js';
import { dotEnvNames } from '../dot-env.js';
import type { Release } from '../ledger.js';
import type { Plan, SecretPlan } from '../plan.js';
import { withoutValue } from '../secret-values.js';
import { folderOf, type FolderOf, type SecretStore } from './place.js';

/** Stores the values that the operator gives. Every one that is neither given nor stored is complained of before anything is written. */
export async function storeValues(
  plan: Plan,
  values: ReadonlyMap<string, Uint8Array>,
  previous: Release | undefined,
  store: SecretStore,
): Promise<StoredSecrets> {
  const stored = await readValues(plan, store);
  const missing = secretComplaints(plan, new Set(values.keys()), stored);
  if (missing.length > 0) throw new UserError(missing);

  const changed = plan.secrets.filter(({ id }) => isOther(values.get(id), stored.get(id))).map(({ id }) => id);
  for (const id of changed) await store.replace(id, values.get(id)!);
  // What an earlier deployment stored before it was killed is new to what serves as well.
  const pending = await store.pending();
  const rotated = plan.secrets.map(({ id }) => id).filter((id) => pending.includes(id));
  return { revisions: revisionsOf(plan, previous, rotated), rotated };
}

/** The values that are stored, by id. */
export async function readValues(plan: Plan, store: SecretStore): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
  const stored = new Map<string, Uint8Array | undefined>();
  for (const { id } of plan.secrets) stored.set(id, await store.read(id));
  return stored;
}

/** What to say of each secret that is neither given nor stored. */
export function secretComplaints(
  plan: Plan,
  given: ReadonlySet<string>,
  stored: ReadonlyMap<string, Uint8Array | undefined>,
): Complaint[] {
  const missing = plan.secrets.filter(({ id }) => !given.has(id) && stored.get(id) === undefined);
  if (missing.length === 0) return [];
  const [folder, inDotEnv] = [folderOf(plan), dotEnvNames()];
  return missing.map((secret) =>
    secret.external === undefined ? withoutValue(secret, inDotEnv) : withoutFile(secret, folder),
  );
}

function isOther(given: Uint8Array | undefined, stored: Uint8Array | undefined): boolean {
  return given !== undefined && (stored === undefined || !Buffer.from(given).equals(stored));
}

function revisionsOf(plan: Plan, previous: Release | undefined, rotated: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    plan.secrets
      .filter(({ external }) => external === undefined)
      .map(({ id }) => {
        const before = previous?.secrets[id];
        return [id, before === undefined ? 1 : before + (rotated.includes(id) ? 1 : 0)];
      }),
  );
}

function withoutFile({ id }: SecretPlan, folder: FolderOf): Complaint {
  const file = `secrets/${folder(id)}${id}`;
  return { message: `secret ${id} must be there already; write its value into ${file} beside compose.yaml` };
}

/**
 * Whether nginx serves with another certificate than the one that is stored now: this deployment has stored it, or an operator has
 * written the files since nginx read them.
 *
 * @param began when nginx did, in milliseconds since 1970; undefined where that is not known
 */
export async function isRenewed(
  { certificate }: Plan,
  store: SecretStore,
  began: () => Promise<number | undefined>,
): Promise<boolean> {
  if (certificate === undefined) return false;
  const ids = [certificate.certificate, certificate.key];
  const pending = await store.pending();
  if (ids.some((id) => pending.includes(id))) return true;
  const written = Math.max(0, ...(await Promise.all(ids.map(async (id) => (await store.since(id)) ?? 0))));
  return written > ((await began()) ?? Infinity);
}

/** When the newest secret of each app and each worker was written: whatever was made before has another value. */
export async function secretsSince({ apps, workers = [] }: Plan, store: SecretStore): Promise<Map<string, number>> {
  const since = new Map<string, number>();
  for (const { id, secrets } of apps) {
    const times = await Promise.all(secrets.map(async (secret) => (await store.since(secret)) ?? 0));
    since.set(id, Math.max(0, ...times));
  }
  for (const { id, app } of workers) since.set(id, since.get(app) ?? 0);
  return since;
}
