import type { Construct } from 'constructs';
import * as v from 'valibot';
import { addMistake } from './mistakes.js';
import { meantOrKnown } from './closest.js';
import { show } from './values.js';

/** A schema for the props of a construct: every known prop, each of them optional. */
export type PropsSchema = ReturnType<typeof v.strictObject<v.ObjectEntries, undefined>>;

/** Keys and indexes from an object to a part of it. */
export type Path = readonly (string | number)[];

/** What is wrong with a part of an object. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

/** What is said of a key that a schema does not have; undefined where it may stay. */
export type OnUnknown = (path: Path, known: readonly string[]) => string | undefined;

export interface FindingOptions {
  /** Keys whose values are never shown. */
  readonly hidden?: readonly string[];
  readonly unknown?: OnUnknown;
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
  const findings = findingsIn(schema, props, { hidden });
  for (const { message } of findings) addMistake(construct, message);
  const wrong = new Set(findings.map(({ path }) => String(path[0])));
  return canonical(Object.fromEntries(Object.entries(props).filter(([key]) => !wrong.has(key)))) as T;
}

/** Names of the props that were written, to tell a default from a wish. */
export function givenIn(props: object | undefined): ReadonlySet<string> {
  return new Set(Object.entries(props ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key])));
}

/** Whether props can be looked at, one by one. */
export function isObject(props: unknown): props is object {
  return typeof props === 'object' && props !== null && !Array.isArray(props);
}

function withoutUndefined(props: object): object {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}

/** Everything in which an object differs from its schema, in the order of the schema. */
export function findingsIn(
  schema: PropsSchema,
  object: object,
  { hidden = [], unknown = unknownProp }: FindingOptions = {},
): Finding[] {
  const shapes = misfits({ schema, value: object, path: [] }, unknown);
  const values = (v.safeParse(schema, withoutUndefined(object)).issues ?? [])
    .filter((issue) => !(issue.type === 'strict_object' && issue.expected === 'never'))
    .map((issue) => ({ path: pathOf(issue), message: describe(issue, isHidden(issue, hidden)) }))
    .filter(({ path }) => !shapes.some((shape) => shape.path.every((key, index) => key === path[index])));
  const order = Object.keys(schema.entries);
  return [...values, ...shapes].toSorted((a, b) => rank(order, a) - rank(order, b));
}

function isHidden(issue: v.BaseIssue<unknown>, hidden: readonly string[]): boolean {
  return pathOf(issue).some((key) => hidden.includes(String(key)));
}

/** Unknown props come last. */
function rank(order: readonly string[], { path }: Finding): number {
  const at = order.indexOf(String(path[0]));
  return at < 0 ? order.length : at;
}

/** A value inside an object, and what it should be. */
interface Place {
  readonly schema: unknown;
  readonly value: unknown;
  readonly path: Path;
}

/** What valibot lets pass: lists and maps in the place of objects, every unknown key but the first, and names that it never looks at. */
function misfits({ schema, value, path }: Place, unknown: OnUnknown): Finding[] {
  const at = unwrap(schema, value) as {
    type?: string;
    entries?: Record<string, unknown>;
    value?: unknown;
    item?: unknown;
  };
  if (typeof value !== 'object' || value === null) return [];
  if (at.type === 'array')
    return Array.isArray(value)
      ? value.flatMap((item, index) => misfits({ schema: at.item, value: item, path: [...path, index] }, unknown))
      : [];
  if (at.type !== 'strict_object' && at.type !== 'record') return [];
  if (!isPlain(value) && path.length > 0)
    return [{ path, message: `${spelled(path)} must be an object, got ${show(value)}` }];
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = [...path, key];
    if (inner === undefined) return [];
    if (at.type === 'record' && RESERVED.includes(key)) return [reserved(inside)];
    const entries = at.entries ?? {};
    if (at.type === 'record' || Object.hasOwn(entries, key))
      return misfits({ schema: at.type === 'record' ? at.value : entries[key], value: inner, path: inside }, unknown);
    const message = unknown(inside, Object.keys(entries));
    return message === undefined ? [] : [{ path: inside, message }];
  });
}

const RESERVED = ['__proto__', 'constructor', 'prototype'];

function reserved(path: Path): Finding {
  return { path, message: `${spelled(path)} has a name that JavaScript keeps for itself; choose another` };
}

function unknownProp(path: Path, known: readonly string[]): string {
  const key = String(path.at(-1));
  const ours = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
  const hint =
    ours !== undefined && known.includes(ours.split('.')[0] ?? '') ? `did you mean ${ours}?` : meantOrKnown(key, known);
  return `unknown prop ${spelled(path)}; ${hint}`;
}

/** What other tools call our props. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  app: 'module',
  dockerfile: 'build.dockerfile',
  domain: 'hosts',
  domains: 'hosts',
  healthcheck: 'health',
  instances: 'processes',
  mem_limit: 'memory',
  ports: 'port',
  python: 'build.python',
  replicas: 'processes',
  root_path: 'pathPrefix',
  workers: 'processes',
};

function unwrap(schema: unknown, value: unknown): unknown {
  const { wrapped, getter } = schema as { wrapped?: unknown; getter?: (input: unknown) => unknown };
  if (wrapped) return unwrap(wrapped, value);
  return getter ? unwrap(getter(value), value) : schema;
}

/** `… must be A, got B; do C`. */
function describe(issue: v.BaseIssue<unknown>, hidden: boolean): string {
  if (issue.type === 'strict_object' && issue.input === undefined) return `${spelled(pathOf(issue))} is missing`;
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
export function spelled(path: Path): string {
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
