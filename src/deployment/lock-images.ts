import { UserError } from '../errors.js';
import type { UsedImages } from './images.js';
import type { Digests } from './lock-file.js';
import type { Lookup } from './registry.js';
import type { Report } from './report.js';

/** What a lock file should hold. */
export interface LockedImages {
  readonly digests: Digests;
  /** Images of ours that have no digest yet: they are not pushed. */
  readonly unlocked: readonly string[];
}

export interface LockQuestion {
  /** The images that the outputs name with these digests: what an image is built on is part of its own tag. */
  used(digests: Digests): UsedImages;
  /** Asks a registry. */
  lookUp(reference: string): Promise<Lookup>;
}

/**
 * The digests of all images that outputs use, as registries tell them now. Throws a `UserError` for each image of others that cannot be
 * found; one of ours may not be pushed yet.
 */
export async function lockImages({ used, lookUp }: LockQuestion, report: Report): Promise<LockedImages> {
  const find = (references: readonly string[]) =>
    Promise.all(
      references.map(async (reference): Promise<[string, Lookup]> => {
        report.progress(`asking for ${reference}`);
        return [reference, await lookUp(reference)];
      }),
    );
  const foreign = await find(used({}).foreign);
  const digests = digestsOf(foreign);
  refuse(foreign);
  const { built } = used(digests);
  const ours = await find(built);
  refuse(ours.filter(([, lookup]) => !lookup.found && !lookup.missing));
  return {
    digests: { ...digests, ...digestsOf(ours) },
    unlocked: ours.filter(([, { found }]) => !found).map(([reference]) => reference),
  };
}

function digestsOf(found: readonly (readonly [string, Lookup])[]): Record<string, string> {
  return Object.fromEntries(
    found.flatMap(([reference, lookup]) => (lookup.found ? [[reference, lookup.image.digest]] : [])),
  );
}

function refuse(found: readonly (readonly [string, Lookup])[]): void {
  const complaints = found.flatMap(([reference, lookup]) =>
    lookup.found
      ? []
      : [
          {
            message: lookup.missing
              ? `image ${reference} is not in its registry; look at its name and tag`
              : `the registry of image ${reference} cannot be asked: ${lookup.reason}; docker login may be missing`,
          },
        ],
  );
  if (complaints.length > 0) throw new UserError(complaints);
}

/** The lock file that comes after one: what was just found in place of what was there for it. */
export function nextLock(
  before: Digests,
  { digests, unlocked }: LockedImages,
  { keepOthers }: { readonly keepOthers: boolean },
): Digests {
  if (!keepOthers) return digests;
  const kept = Object.entries(before).filter(([reference]) => !unlocked.includes(reference));
  return { ...Object.fromEntries(kept), ...digests };
}
