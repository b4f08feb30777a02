import { meantOrKnown } from '../model/closest.js';
import { show } from '../model/values.js';
import { Usage } from './usage.js';

/** Throws a `Usage` where a release has nothing of that id among the `known`. @param kind what was asked for: `app` */
export function knownId(id: string, { known, kind, name }: Wanted): void {
  if (known.includes(id)) return;
  throw new Usage(`${name} has no ${kind} ${show(id)}; ${meantOrKnown(id, known)}`);
}

interface Wanted {
  readonly known: readonly string[];
  readonly kind: string;
  /** Deployed name. */
  readonly name: string;
}
