import { timingSafeEqual } from 'node:crypto';
import { UserError } from '../../errors.js';
import type { StoredSecrets } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Release } from '../ledger.js';
import type { Plan, SecretPlan } from '../plan.js';
import { withoutValues } from '../secret-values.js';
import { ownLabels } from './labels.js';
import type { ClusterObject } from './objects.js';
import { objectsIn } from './objects.js';
import { FIRST, REVISION, revisionOf } from './revisions.js';
import { ownSecrets, secretPlaces, type SecretPlace } from './secret-places.js';

export interface StoredSecret extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** What becomes of one Secret: as it is, and as it should be where that is another one. */
export interface SecretChange {
  /** Of the secrets whose values are in it. */
  readonly ids: readonly string[];
  readonly before: StoredSecret | undefined;
  readonly after: StoredSecret | undefined;
  readonly revision: number;
}

/** The Secret of ours for each secret of a plan, by its id, as far as there is one. */
export async function readSecrets(kubectl: Kubectl, plan: Plan): Promise<Map<string, StoredSecret>> {
  const places = secretPlaces(plan);
  if (places.length === 0) return new Map();
  const names = places.map(({ name }) => name);
  const found = objectsIn<StoredSecret>(
    await kubectl.run(['get', 'secrets', ...names, '--ignore-not-found', '--output', 'json']),
  );
  return new Map(
    places.flatMap(({ name, keys }) => {
      const secret = found.find(({ metadata }) => metadata.name === name);
      return secret ? Object.keys(keys).map((id) => [id, secret] as const) : [];
    }),
  );
}

/** The secrets of a plan of which no value is stored. */
export function withoutStored(plan: Plan, stored: ReadonlyMap<string, StoredSecret>): SecretPlan[] {
  const keys: Readonly<Record<string, string>> = Object.assign({}, ...secretPlaces(plan).map((place) => place.keys));
  return ownSecrets(plan).filter(({ id }) => stored.get(id)?.data?.[keys[id] ?? id] === undefined);
}

/** What must change so that every secret of a plan has the value that was given. Throws a `UserError` for each that has none. */
export function secretChanges(
  plan: Plan,
  values: ReadonlyMap<string, Uint8Array>,
  stored: ReadonlyMap<string, StoredSecret>,
): SecretChange[] {
  const missing = withoutStored(plan, stored).filter(({ id }) => !values.has(id));
  if (missing.length > 0) throw new UserError(withoutValues(missing));
  return secretPlaces(plan).map((place) => {
    const ids = Object.keys(place.keys);
    const given = ids.flatMap((id): [string, Uint8Array][] => {
      const value = values.get(id);
      return value === undefined ? [] : [[place.keys[id] ?? id, value]];
    });
    return { ids, ...secretChange(plan, place, given, stored.get(ids[0] ?? '')) };
  });
}

/** @param given values by key */
function secretChange(
  plan: Plan,
  place: SecretPlace,
  given: readonly [string, Uint8Array][],
  before: StoredSecret | undefined,
): Omit<SecretChange, 'ids'> {
  const revision = revisionOf(before?.metadata.annotations);
  if (before === undefined) return { before, after: secretObject(plan, place, given), revision: FIRST };
  const changed = given.filter(([key, value]) => !isSame(before.data?.[key], value));
  if (changed.length > 0)
    return { before, after: replacement(plan, changed, before, revision + 1), revision: revision + 1 };
  // One that its operator made by the README is known as ours from now on.
  const adopted = isLabelled(before, plan) ? undefined : replacement(plan, [], before, revision);
  return { before, after: adopted, revision };
}

function isSame(stored: string | undefined, value: Uint8Array): boolean {
  if (stored === undefined) return false;
  const bytes = Buffer.from(stored, 'base64');
  return bytes.length === value.length && timingSafeEqual(bytes, value);
}

function isLabelled({ metadata }: StoredSecret, plan: Plan): boolean {
  return Object.entries(ownLabels(plan.name, 'secret')).every(([key, value]) => metadata.labels?.[key] === value);
}

function secretObject(plan: Plan, { name, type }: SecretPlace, given: readonly [string, Uint8Array][]): StoredSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: { name, labels: ownLabels(plan.name, 'secret'), annotations: { [REVISION]: String(FIRST) } },
    data: encoded(given),
  };
}

function encoded(values: readonly [string, Uint8Array][]): Record<string, string> {
  return Object.fromEntries(values.map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function replacement(
  plan: Plan,
  given: readonly [string, Uint8Array][],
  before: StoredSecret,
  revision: number,
): StoredSecret {
  // A plain apply by somebody else has left a copy of an older value there.
  const { [LAST_APPLIED]: _copy, ...annotations } = before.metadata.annotations ?? {};
  return {
    ...before,
    metadata: {
      ...before.metadata,
      labels: { ...before.metadata.labels, ...ownLabels(plan.name, 'secret') },
      annotations: { ...annotations, [REVISION]: String(revision) },
    },
    data: { ...before.data, ...encoded(given) },
  };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Writes the Secrets that change. Values go through standard input, and into no annotation. */
export async function writeSecrets(kubectl: Kubectl, changes: readonly SecretChange[]): Promise<void> {
  for (const { before, after } of changes) {
    if (after === undefined) continue;
    await kubectl.run([before === undefined ? 'create' : 'replace', '--filename', '-'], {
      input: JSON.stringify(after),
    });
  }
}

/** Which revisions the changes lead to, and which secrets have another value than what the release before has read. */
export function storedSecrets(changes: readonly SecretChange[], previous: Release | undefined): StoredSecrets {
  return {
    revisions: Object.fromEntries(changes.flatMap(({ ids, revision }) => ids.map((id) => [id, revision]))),
    rotated: changes.flatMap(({ ids, revision }) =>
      ids.filter((id) => previous !== undefined && (previous.secrets[id] ?? revision) !== revision),
    ),
  };
}

/** Puts the Secrets back as they were before the changes; those that were not there go. */
export async function undoSecrets(kubectl: Kubectl, changes: readonly SecretChange[]): Promise<void> {
  for (const { before, after } of changes) {
    if (after === undefined) continue;
    if (before === undefined)
      await kubectl.attempt(['delete', 'secret', after.metadata.name, '--ignore-not-found', '--wait=false']);
    else {
      // Nobody else may change it meanwhile, and its version has moved on with ours.
      const { resourceVersion: _version, ...metadata } = before.metadata;
      await kubectl.run(['replace', '--filename', '-'], { input: JSON.stringify({ ...before, metadata }) });
    }
  }
}
