import type { Difference } from '../deployer.js';
import { keyOf, titleOf, type ClusterObject } from './objects.js';

/**
 * How objects that run differ from what they would be if they were applied again: `before` is what they should be, `after` what they are.
 * Both come from the API server, so that its defaults are in both.
 */
export function differences(wanted: readonly ClusterObject[], live: readonly ClusterObject[]): Difference[] {
  const there = new Map(live.map((object) => [keyOf(object), object]));
  return wanted.flatMap((object): Difference[] => {
    const found = there.get(keyOf(object));
    const of = titleOf(object);
    if (!found) return [{ of, before: 'there', after: 'gone' }];
    return fieldsThatDiffer(plain(object), plain(found)).map((difference) => ({ of, ...difference }));
  });
}

/** What the server and others write for themselves. */
function plain({ status: _status, metadata, ...object }: ClusterObject): unknown {
  const { annotations, labels, name, namespace, ownerReferences, finalizers } = metadata;
  const told = Object.entries(annotations ?? {}).filter(([key]) => key !== LAST_APPLIED);
  return {
    ...object,
    metadata: { name, namespace, labels, ownerReferences, finalizers, annotations: Object.fromEntries(told) },
  };
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Field = Omit<Difference, 'of'>;

function fieldsThatDiffer(before: unknown, after: unknown, path = ''): Field[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .toSorted()
      .flatMap((key) => fieldsThatDiffer(before[key], after[key], path === '' ? key : `${path}.${key}`));
  if (Array.isArray(before) && Array.isArray(after)) return itemsThatDiffer(before, after, path);
  return [{ field: path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

/** Items by their names where they have some, as Kubernetes merges them; else by their places. */
function itemsThatDiffer(before: readonly unknown[], after: readonly unknown[], path: string): Field[] {
  const keys = [keysOf(before), keysOf(after)] as const;
  const all = [...new Set([...keys[0], ...keys[1]])];
  const at = (items: readonly unknown[], own: readonly string[], key: string) => items[own.indexOf(key)];
  return all.flatMap((key) =>
    fieldsThatDiffer(
      keys[0].includes(key) ? at(before, keys[0], key) : undefined,
      keys[1].includes(key) ? at(after, keys[1], key) : undefined,
      `${path}[${key}]`,
    ),
  );
}

function keysOf(items: readonly unknown[]): string[] {
  const names = items.map((item) => (isObject(item) && typeof item['name'] === 'string' ? item['name'] : undefined));
  const areNames = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return items.map((_, index) => (areNames ? (names[index] ?? '') : String(index)));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
