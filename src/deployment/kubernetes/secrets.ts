import { timingSafeEqual } from 'node:crypto';
import { UserError } from '../../errors.js';
import { storedSecretName } from '../../targets/kubernetes/secrets.js';
import type { StoredSecrets } from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Release } from '../ledger.js';
import type { Plan, SecretPlan } from '../plan.js';
import { withoutValue } from '../secret-values.js';
import { ownLabels } from './labels.js';
import type { ClusterObject } from './objects.js';
import { objectsIn } from './objects.js';
import { FIRST, REVISION, revisionOf } from './revisions.js';

export interface StoredSecret extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** What becomes of one secret: the Secret as it is, and as it should be where that is another one. */
export interface SecretChange {
  readonly id: string;
  readonly before: StoredSecret | undefined;
  readonly after: StoredSecret | undefined;
  readonly revision: number;
}

/** The Secret of ours for each secret of a plan, as far as there is one. */
export async function readSecrets(kubectl: Kubectl, plan: Plan): Promise<Map<string, StoredSecret>> {
  const names = new Map(ownSecrets(plan).map(({ id }) => [storedSecretName(id, plan), id]));
  if (names.size === 0) return new Map();
  const found = objectsIn<StoredSecret>(
    await kubectl.run(['get', 'secrets', ...names.keys(), '--ignore-not-found', '--output', 'json']),
  );
  return new Map(found.map((secret) => [names.get(secret.metadata.name) ?? '', secret]));
}

function ownSecrets({ secrets }: Plan): SecretPlan[] {
  return secrets.filter(({ external }) => external === undefined);
}

/** What must change so that every secret of a plan has the value that was given. Throws a `UserError` for each that has none. */
export function secretChanges(
  plan: Plan,
  values: ReadonlyMap<string, Uint8Array>,
  stored: ReadonlyMap<string, StoredSecret>,
): SecretChange[] {
  const missing = ownSecrets(plan).filter(({ id }) => !values.has(id) && stored.get(id)?.data?.[id] === undefined);
  if (missing.length > 0) throw new UserError(missing.map(withoutValue));
  return ownSecrets(plan).map(({ id }) => secretChange(plan, id, values.get(id), stored.get(id)));
}

function secretChange(
  plan: Plan,
  id: string,
  value: Uint8Array | undefined,
  before: StoredSecret | undefined,
): SecretChange {
  const revision = revisionOf(before?.metadata.annotations);
  if (before === undefined) return { id, before, after: secretObject(plan, id, value, FIRST), revision: FIRST };
  const changed = value !== undefined && !isSame(before.data?.[id], value);
  if (changed) return { id, before, after: replacement(plan, id, value, before, revision + 1), revision: revision + 1 };
  // One that its operator made by the README is known as ours from now on.
  const adopted = isLabelled(before, plan) ? undefined : replacement(plan, id, undefined, before, revision);
  return { id, before, after: adopted, revision };
}

function isSame(stored: string | undefined, value: Uint8Array): boolean {
  if (stored === undefined) return false;
  const bytes = Buffer.from(stored, 'base64');
  return bytes.length === value.length && timingSafeEqual(bytes, value);
}

function isLabelled({ metadata }: StoredSecret, plan: Plan): boolean {
  return Object.entries(ownLabels(plan.name, 'secret')).every(([key, value]) => metadata.labels?.[key] === value);
}

function secretObject(plan: Plan, id: string, value: Uint8Array | undefined, revision: number): StoredSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: storedSecretName(id, plan),
      labels: ownLabels(plan.name, 'secret'),
      annotations: { [REVISION]: String(revision) },
    },
    data: { [id]: Buffer.from(value ?? []).toString('base64') },
  };
}

function replacement(
  plan: Plan,
  id: string,
  value: Uint8Array | undefined,
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
    data: { ...before.data, ...(value === undefined ? {} : { [id]: Buffer.from(value).toString('base64') }) },
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
    revisions: Object.fromEntries(changes.map(({ id, revision }) => [id, revision])),
    rotated: changes
      .filter(({ id, revision }) => previous !== undefined && (previous.secrets[id] ?? revision) !== revision)
      .map(({ id }) => id),
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
