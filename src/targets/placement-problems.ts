import { Database } from '../model/database.js';
import type { Stack } from '../model/stack.js';
import { runningOf } from '../model/tree.js';
import { show } from '../model/values.js';
import type { Problem } from './target.js';

type Running = ReturnType<typeof runningOf>[number];

/** What neither of the two Docker targets knows: who is more important, and as whom something runs. */
export function rankAndAccountProblems(stack: Stack, place: string): Problem[] {
  return runningOf(stack).flatMap((one) => [...priorityClass(one, place), ...serviceAccount(one, place)]);
}

function priorityClass(construct: Running, place: string): Problem[] {
  const { given, priorityClassName } = construct;
  if (!given.has('priorityClassName') || priorityClassName === undefined) return [];
  const message = `priorityClassName is ${priorityClassName}, but ${place} ranks nothing that it runs; leave it out, or accept that all are equal`;
  return [{ id: 'priority-class', construct, prop: 'priorityClassName', message }];
}

function serviceAccount(construct: Running, place: string): Problem[] {
  if (construct instanceof Database || !construct.given.has('serviceAccount')) return [];
  const [annotation] = Object.keys(construct.annotations);
  if (annotation === undefined) return [];
  const message = `serviceAccount has the annotation ${annotation}, but ${place} has no ServiceAccounts that a cloud could know; give it credentials as secrets, or leave it out`;
  return [{ id: 'service-account', construct, prop: 'serviceAccount', message }];
}

/** One host is where everything runs, whatever its labels. */
export function nodeProblems(stack: Stack, place: string): Problem[] {
  return selecting(stack).map((construct) => ({
    id: 'node-selector',
    construct,
    prop: 'nodeSelector',
    message: `nodeSelector names the label ${Object.keys(construct.nodeSelector)[0]}, but ${place} has no nodes to choose from; leave it out, or accept that it runs there`,
  }));
}

/** What a Swarm cannot say of a label: its constraints have no `/` in a key and no empty value (swarmkit, manager/constraint). */
export function constraintProblems(stack: Stack, place: string): Problem[] {
  return selecting(stack).flatMap((construct) =>
    Object.entries(construct.nodeSelector)
      .filter(([key, value]) => key.includes('/') || value === '')
      .map(([key, value]): Problem => {
        const what = key.includes('/') ? 'has a "/" in its key' : `is ${show(value)}`;
        const message = `nodeSelector[${show(key)}] ${what}, which a constraint of ${place} cannot say; use a key without a prefix and a value, or accept that it runs on any node`;
        return { id: 'node-selector', construct, prop: 'nodeSelector', message };
      }),
  );
}

/** What says itself on which nodes it may run. */
function selecting(stack: Stack): Running[] {
  return runningOf(stack).filter(
    ({ given, nodeSelector }) => given.has('nodeSelector') && Object.keys(nodeSelector).length > 0,
  );
}
