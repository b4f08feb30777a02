import type { Plan, SecretPlan } from '../plan.js';

/** What to do about one secret. */
export type Revision =
  | { readonly id: string; readonly does: 'keep'; readonly revision: number }
  | { readonly id: string; readonly does: 'create'; readonly revision: number }
  /** Stores the value as `revision`, which stays only if it is another one than that of `current`. */
  | { readonly id: string; readonly does: 'compare'; readonly current: number; readonly revision: number };

export interface Known {
  /** Revisions that are stored, by id. */
  readonly stored: ReadonlyMap<string, readonly number[]>;
  /** Ids whose value the operator gives. */
  readonly given: ReadonlySet<string>;
  /** Revisions that the running release uses, by id. */
  readonly running: Readonly<Record<string, number>>;
}

/** Which revision of each secret a deployment uses, and those that have no value at all. A number is never given twice. */
export function revisionsOf({ secrets }: Plan, known: Known): { revisions: Revision[]; missing: SecretPlan[] } {
  const own = secrets.filter(({ external }) => external === undefined);
  const found = own.map((secret) => ({ secret, revision: revisionOf(secret.id, known) }));
  return {
    revisions: found.flatMap(({ revision }) => revision ?? []),
    missing: found.filter(({ revision }) => !revision).map(({ secret }) => secret),
  };
}

function revisionOf(id: string, { stored, given, running }: Known): Revision | undefined {
  const all = stored.get(id) ?? [];
  const latest = Math.max(0, ...all);
  const inUse = running[id];
  const current = inUse !== undefined && all.includes(inUse) ? inUse : latest;
  if (!given.has(id)) return current === 0 ? undefined : { id, does: 'keep', revision: current };
  if (current === 0) return { id, does: 'create', revision: latest + 1 };
  return { id, does: 'compare', current, revision: latest + 1 };
}

export function secretName(stack: string, id: string, revision: number): string {
  return `${stack}_${id}_${revision}`;
}

/** Revisions by id, of the names of all secrets. */
export function storedRevisions(
  stack: string,
  ids: readonly string[],
  names: readonly string[],
): Map<string, number[]> {
  return new Map(
    ids.map((id) => {
      const prefix = `${stack}_${id}_`;
      const numbers = names
        .filter((name) => name.startsWith(prefix) && /^[1-9]\d*$/.test(name.slice(prefix.length)))
        .map((name) => Number(name.slice(prefix.length)));
      return [id, numbers.toSorted((a, b) => a - b)];
    }),
  );
}
