import type { Plan } from '../deployment/plan.js';
import { closest } from '../model/closest.js';
import { show } from '../model/values.js';
import { Usage } from './usage.js';

/** Throws a `Usage` where a release has no app of that id. */
export function knownApp(app: string, { name, apps, edge }: Plan, { withEdge }: { readonly withEdge: boolean }): void {
  const known = [...apps.map(({ id }) => id), ...(withEdge && edge ? ['nginx'] : [])];
  if (known.includes(app)) return;
  const guess = closest(app, known);
  throw new Usage(
    `${name} has no app ${show(app)}; ${guess ? `did you mean ${guess}?` : `known are ${known.join(', ')}`}`,
  );
}
