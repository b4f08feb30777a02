import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { OutputFile } from '../targets/target.js';
import type { Plan } from './plan.js';

/** How many releases stay: as many can be rolled back to, and their images, configs and secrets are not pruned. */
export const KEPT_RELEASES = 5;

/** One version that was deployed, complete: it can be brought back from this alone. */
export interface Release {
  /** Counts up from 1. */
  readonly number: number;
  /** When it began to serve, ISO 8601 in UTC. */
  readonly at: string;
  /** Who deployed it, `user@host`. */
  readonly by: string;
  readonly plan: Plan;
  readonly files: readonly OutputFile[];
  /** Revision of each secret, by id; those that are `external` have none. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Number of the release that it brought back, where it was made by `rollback`. */
  readonly rollbackTo?: number;
  /** Folder of the output on the machine that reads it; bare metal alone. */
  readonly directory?: string;
  /** What the engine said right after it was deployed, in its own words: what drift is measured against. */
  readonly observed?: unknown;
}

/** The releases of one deployed name, oldest first; the last one serves. Lives with the deployment, never with who deploys. */
export interface Ledger {
  readonly name: string;
  readonly releases: readonly Release[];
}

export function currentRelease({ releases }: Ledger): Release | undefined {
  return releases.at(-1);
}

/** The release before the current one that is another one than it: where `rollback` without a number leads. */
export function earlierRelease(ledger: Ledger): Release | undefined {
  const current = currentRelease(ledger);
  const of = ({ number, rollbackTo }: Release) => rollbackTo ?? number;
  return current && ledger.releases.findLast((release) => of(release) < of(current));
}

export function nextNumber(ledger: Ledger): number {
  return (currentRelease(ledger)?.number ?? 0) + 1;
}

/** The ledger with one more release, and without those that are too old. */
export function withRelease({ name, releases }: Ledger, release: Release): Ledger {
  return { name, releases: [...releases, release].slice(-KEPT_RELEASES) };
}

const stored = v.looseObject({
  schemaVersion: v.literal(1),
  release: v.looseObject({ number: v.number(), at: v.string(), plan: v.looseObject({ name: v.string() }) }),
});

/** A release as text for a store: base64 of gzip of JSON, since a Swarm config holds 500 KB and an output is mostly words. */
export function packRelease(release: Release): string {
  return gzipSync(JSON.stringify({ schemaVersion: 1, release }), { level: 9 }).toString('base64');
}

/** Throws where the text is none that `packRelease` made, or one of a later schema. */
export function unpackRelease(text: string): Release {
  const { release } = v.parse(stored, JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString('utf8')));
  return release as unknown as Release;
}
