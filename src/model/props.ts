import type { Construct } from 'constructs';
import * as v from 'valibot';
import { addMistake } from './mistakes.js';
import { closest } from './closest.js';
import { show } from './values.js';

/** A schema for the props of a construct: every known prop, each of them optional. */
export type PropsSchema = ReturnType<typeof v.strictObject<v.ObjectEntries, undefined>>;

/**
 * Checks `props` and records what is wrong with them. Returns the props that can be used: those that are right.
 * The values of `hidden` props are never shown, since people paste secrets there.
 */
export function checkProps<T extends object>(
  construct: Construct,
  schema: PropsSchema,
  props: T,
  hidden: readonly string[] = [],
): T {
  if (typeof props !== 'object' || props === null || Array.isArray(props)) {
    addMistake(construct, `props must be an object, got ${show(props)}`);
    return {} as T;
  }
  const result = v.safeParse(schema, withoutUndefined(props));
  const wrong = new Set<string>();
  for (const issue of result.issues ?? []) {
    const key = String(issue.path?.[0]?.key);
    wrong.add(key);
    addMistake(construct, describe(issue, schema, hidden.includes(key)));
  }
  return Object.fromEntries(Object.entries(props).filter(([key]) => !wrong.has(key))) as T;
}

function withoutUndefined(props: object): object {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}

function describe(issue: v.BaseIssue<unknown>, schema: PropsSchema, hidden: boolean): string {
  const path = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') return unknownProp(issue, schema);
  const message = issue.message.startsWith('must be') ? issue.message : `must be ${wanted(issue)}`;
  const got = hidden && typeof issue.input === 'string' ? 'a text' : show(issue.input);
  return `${printable(path)} ${message}, got ${got}`;
}

function unknownProp(issue: v.BaseIssue<unknown>, schema: PropsSchema): string {
  const key = String(issue.path?.at(-1)?.key);
  const known = Object.keys(schemaAt(schema, issue.path?.slice(0, -1) ?? [])?.entries ?? {});
  const guess = closest(key, known);
  const where = printable((v.getDotPath(issue) ?? key).slice(0, 80));
  return `unknown prop ${where}; ${guess ? `did you mean ${guess}?` : `known are ${known.join(', ')}`}`;
}

/** The object schema that refused a key, found again by the path to it. */
function schemaAt(schema: PropsSchema, path: readonly v.IssuePathItem[]): PropsSchema | undefined {
  let at: unknown = schema;
  for (const { key } of path) at = unwrap((at as PropsSchema | undefined)?.entries?.[String(key)]);
  return unwrap(at) as PropsSchema | undefined;
}

function unwrap(schema: unknown): unknown {
  const wrapped = (schema as { wrapped?: unknown } | undefined)?.wrapped;
  if (wrapped) return unwrap(wrapped);
  const getter = (schema as { getter?: (input: unknown) => unknown } | undefined)?.getter;
  return getter ? unwrap(getter({})) : schema;
}

function wanted({ expected }: v.BaseIssue<unknown>): string {
  const words: Record<string, string> = { Object: 'an object', Array: 'a list', string: 'a text', boolean: 'true or false' };
  return words[expected ?? ''] ?? expected ?? 'something else';
}

/** A path in an error line: keys come from the user, so they may hold anything. */
function printable(path: string): string {
  return /^[\w.-]+$/.test(path) ? path : JSON.stringify(path);
}
