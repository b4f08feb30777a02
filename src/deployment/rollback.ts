import { userError } from '../errors.js';
import { currentRelease, earlierRelease, type Ledger, type Release } from './ledger.js';

/**
 * The release that a rollback brings back: the one with that number, else the one before what serves. Throws a `UserError` that lists
 * what there is.
 */
export function releaseToBringBack(ledger: Ledger, number?: number): Release {
  const current = currentRelease(ledger);
  if (!current) throw userError(`${ledger.name} was never deployed there, so there is no release to go back to`);
  const found =
    number === undefined ? earlierRelease(ledger) : ledger.releases.find((release) => release.number === number);
  if (found) return found;
  const wanted =
    number === undefined
      ? `release ${current.number} of ${ledger.name} has none before it to go back to`
      : `there is no release ${number} of ${ledger.name}`;
  throw userError(`${wanted}; there ${ledger.releases.length === 1 ? 'is' : 'are'} ${listed(ledger)}`);
}

function listed({ releases }: Ledger): string {
  return releases
    .map(({ number }, index) => (index === releases.length - 1 ? `${number} (serves)` : number))
    .join(', ');
}

/** The number by which a release is known: of the one that it brought back, if it was made by a rollback. */
export function originOf({ number, rollbackTo }: Release): number {
  return rollbackTo ?? number;
}

/** What serves. Throws a `UserError` where nothing was deployed. */
export function servingRelease(ledger: Ledger, target: string): Release {
  const current = currentRelease(ledger);
  if (current) return current;
  throw userError(
    `no release of ${ledger.name} is on this engine; deploy one with: npx synth deploy --target ${target}`,
  );
}
