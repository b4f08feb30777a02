import type { Construct } from 'constructs';
import * as v from 'valibot';
import { addMistake } from './mistakes.js';
import { closest } from './closest.js';
import { show } from './values.js';

/** A schema for the props of a construct: every known prop, each of them optional. */
export type PropsSchema = ReturnType<typeof v.strictObject<v.ObjectEntries, undefined>>;

type Path = readonly (string | number)[];

interface Finding {
  readonly path: Path;
  readonly message: string;
}

/**
 * Checks `props` and records what is wrong with them. Returns a copy of those that are right, in an order that does not depend
 * on how they were written. The values of `hidden` props are never shown, since people paste secrets there.
 */
export function checkProps<T extends object>(
  construct: Construct,
  schema: PropsSchema,
  props: T,
  hidden: readonly string[] = [],
): T {
  if (!isObject(props)) {
    addMistake(construct, `props must be an object, got ${show(props)}`);
    return {} as T;
  }
  const findings = findingsIn(schema, withoutUndefined(props), hidden);
  for (const { message } of findings) addMistake(construct, message);
  const wrong = new Set(findings.map(({ path }) => String(path[0])));
  return canonical(Object.fromEntries(Object.entries(props).filter(([key]) => !wrong.has(key)))) as T;
}

/** Whether props can be looked at, one by one. */
export function isObject(props: unknown): props is object {
  return typeof props === 'object' && props !== null && !Array.isArray(props);
}

function withoutUndefined(props: object): object {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}

function findingsIn(schema: PropsSchema, props: object, hidden: readonly string[]): Finding[] {
  const shapes = misfits(schema, props, []);
  const values = (v.safeParse(schema, props).issues ?? [])
    .filter((issue) => !(issue.type === 'strict_object' && issue.expected === 'never'))
    .map((issue) => ({ path: pathOf(issue), message: describe(issue, hidden.includes(String(issue.path?.[0]?.key))) }))
    .filter(({ path }) => !shapes.some((shape) => shape.path.every((key, index) => key === path[index])));
  const order = Object.keys(schema.entries);
  return [...values, ...shapes].toSorted((a, b) => rank(order, a) - rank(order, b));
}

/** Unknown props come last. */
function rank(order: readonly string[], { path }: Finding): number {
  const at = order.indexOf(String(path[0]));
  return at < 0 ? order.length : at;
}

/** What valibot lets pass: lists and maps in the place of objects, every unknown key but the first, and names that it never looks at. */
function misfits(schema: unknown, value: unknown, path: Path): Finding[] {
  const at = unwrap(schema, value) as {
    type?: string;
    entries?: Record<string, unknown>;
    value?: unknown;
    item?: unknown;
  };
  if (typeof value !== 'object' || value === null) return [];
  if (at.type === 'array')
    return Array.isArray(value) ? value.flatMap((item, index) => misfits(at.item, item, [...path, index])) : [];
  if (at.type !== 'strict_object' && at.type !== 'record') return [];
  if (!isPlain(value) && path.length > 0)
    return [{ path, message: `${spelled(path)} must be an object, got ${show(value)}` }];
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = [...path, key];
    if (inner === undefined) return [];
    if (at.type === 'record') return RESERVED.includes(key) ? [reserved(inside)] : misfits(at.value, inner, inside);
    return Object.hasOwn(at.entries ?? {}, key)
      ? misfits(at.entries?.[key], inner, inside)
      : [unknownProp(inside, Object.keys(at.entries ?? {}))];
  });
}

const RESERVED = ['__proto__', 'constructor', 'prototype'];

function reserved(path: Path): Finding {
  return { path, message: `${spelled(path)} has a name that JavaScript keeps for itself; choose another` };
}

function unknownProp(path: Path, known: readonly string[]): Finding {
  const guess = closest(String(path.at(-1)), known);
  return {
    path,
    message: `unknown prop ${spelled(path)}; ${guess ? `did you mean ${guess}?` : `known are ${known.join(', ')}`}`,
  };
}

function unwrap(schema: unknown, value: unknown): unknown {
  const { wrapped, getter } = schema as { wrapped?: unknown; getter?: (input: unknown) => unknown };
  if (wrapped) return unwrap(wrapped, value);
  return getter ? unwrap(getter(value), value) : schema;
}

/** `… must be A, got B; do C`. */
function describe(issue: v.BaseIssue<unknown>, hidden: boolean): string {
  const [must = '', ...next] = (issue.message.startsWith('must ') ? issue.message : `must be ${wanted(issue)}`).split(
    '; ',
  );
  const got = hidden && typeof issue.input === 'string' ? 'a text' : show(issue.input);
  // What was got as a key is part of the path already.
  const asKey = issue.path?.at(-1)?.origin === 'key';
  return [`${spelled(pathOf(issue))} ${must}${asKey ? '' : `, got ${got}`}`, ...next].join('; ');
}

function wanted({ expected }: v.BaseIssue<unknown>): string {
  const words: Record<string, string> = {
    Object: 'an object',
    Array: 'a list',
    string: 'a text',
    boolean: 'true or false',
  };
  return words[expected ?? ''] ?? expected ?? 'something else';
}

function pathOf({ path }: v.BaseIssue<unknown>): Path {
  return (path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** A path as it is written in TypeScript: `hosts[0]`, `volumes["/data"]`. Keys come from the user, so they may hold anything. */
function spelled(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === 'string' && /^[A-Za-z_$][\w$]{0,59}$/.test(key)) return index === 0 ? key : `.${key}`;
      return index === 0 ? show(key) : `[${show(key)}]`;
    })
    .join('');
}

/** A copy with the keys of every plain object in order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, canonical(inner)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function isPlain(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
