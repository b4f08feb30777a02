import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../deployer.js';
import { redacted } from './redact.js';
import { compareTexts } from './texts.js';

/** Keys by which the items of a list are told apart, in the formats that we write. */
const NAMES = ['name', 'mountPath', 'target', 'source', 'key', 'containerPort'] as const;

/**
 * The fields in which two objects differ, as deep as both have them. What looks like a secret is redacted.
 * @param of construct or object that both are
 */
export function compareTrees(of: string, before: unknown, after: unknown): Difference[] {
  if (before === undefined || after === undefined)
    return isDeepStrictEqual(before, after) ? [] : [difference(of, [], before, after)];
  return compare(of, [], before, after);
}

function compare(of: string, path: readonly string[], before: unknown, after: unknown): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  // A file inside an object, as a ConfigMap has it.
  if (isText(before) && isText(after))
    return compareTexts(of, before, after).map((one) => ({ ...one, field: `${spelled(path)} ${one.field}` }));
  const isItem = path.at(-1)?.startsWith('[') ?? false;
  const [one, other] = [children(before, isItem), children(after, isItem)];
  if (!one || !other) return [difference(of, path, before, after)];
  const keys = [...new Set([...other.keys(), ...one.keys()])];
  if (keys.length === 0) return [difference(of, path, before, after)];
  return keys.flatMap((key) => compare(of, [...path, key], one.get(key), other.get(key)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trimEnd().includes('\n');
}

/** What a value consists of, by key; undefined where it is compared as a whole. An item of a list comes and goes as a whole. */
function children(value: unknown, isItem: boolean): Map<string, unknown> | undefined {
  if (value === undefined && !isItem) return new Map();
  if (Array.isArray(value)) return byName(value);
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value));
}

function byName(list: readonly unknown[]): Map<string, unknown> | undefined {
  if (list.length === 0 || !list.every((item) => typeof item === 'object' && item !== null)) return undefined;
  for (const name of NAMES) {
    const keys = list.map((item) => (item as Readonly<Record<string, unknown>>)[name]);
    const texts = keys.filter((key) => typeof key === 'string' || typeof key === 'number').map((key) => `[${key}]`);
    if (new Set(texts).size === list.length) return new Map(texts.map((text, index) => [text, list[index]]));
  }
  return new Map(list.map((item, index) => [`[${index}]`, item]));
}

function difference(of: string, path: readonly string[], before: unknown, after: unknown): Difference {
  const names = [of.split('/')[0]!, ...path.map((key) => key.replace(/^\[(.*)\]$/, '$1'))];
  const [shownBefore, shownAfter] = [redacted(names, before), redacted(names, after)];
  const hidden = before !== undefined && after !== undefined && isDeepStrictEqual(shownBefore, shownAfter);
  return {
    of,
    ...(path.length === 0 ? {} : { field: spelled(path) }),
    ...(before === undefined ? {} : { before: shownBefore }),
    ...(after === undefined ? {} : { after: hidden ? '(redacted, another value)' : shownAfter }),
  };
}

/** `deploy.replicas`, `containers[api].image`, `labels[app.kubernetes.io/name]`. */
function spelled(path: readonly string[]): string {
  return path
    .map((key) => (key.startsWith('[') ? key : /^[\w-]+$/.test(key) ? `.${key}` : `[${key}]`))
    .join('')
    .replace(/^\./, '');
}
