import type { IConstruct } from 'constructs';
import type { Stack } from '../model/stack.js';
import type { Timeouts } from '../model/timeouts.js';

/** What a reason may ask of the place that it is for. */
export interface About {
  readonly stack: Stack;
  /** The construct that the place was made for. */
  readonly construct: IConstruct;
  /** Path of the place, with kinds of constructs in the place of their names. */
  readonly path: readonly string[];
  /** What the place is set to, as the file has it. @default - it holds what follows */
  readonly value?: string | undefined;
}

/** Why a place of an output is there. */
export interface Reason {
  /** What it is for, in a few words: lower case, no full stop. */
  readonly why: string;
  /**
   * Props that decide on it: of the construct itself (`processes`, or its `id`), of the stack (`Stack.labels`), or of each app
   * (`AsgiApp.hosts`).
   * @default - none: no prop changes it
   */
  readonly from?: readonly string[];
  /** The link of the chain of timeouts that it is. @default - none */
  readonly link?: keyof Timeouts;
  /** Where a fact can be looked up. @default - it needs none */
  readonly source?: string;
  /** Whether it is the reason of this very place. @default - of every one that its pattern fits */
  readonly when?: (about: About) => boolean;
}

/**
 * Reasons by patterns of paths. Names are parted by dots and stand in quotes where they have some; `*` is any name, `**` any number of
 * them, `a|b` one of two. The first pattern that fits gives the reason.
 */
export type Reasons = Readonly<Record<string, Reason>>;

/** Several tables as one: what stands in an earlier one goes before. Nothing may stand in two of them. */
export function together(...tables: readonly Reasons[]): Reasons {
  const all: Record<string, Reason> = {};
  for (const [pattern, reason] of tables.flatMap((table) => Object.entries(table))) {
    if (pattern in all) throw new Error(`two reasons for ${pattern}`);
    all[pattern] = reason;
  }
  return all;
}

/** The same with names before every pattern. */
export function below(path: string, reasons: Reasons): Reasons {
  return Object.fromEntries(Object.entries(reasons).map(([pattern, reason]) => [`${path}.${pattern}`, reason]));
}

/** A pattern and its reason. */
export interface FoundReason {
  readonly pattern: string;
  readonly reason: Reason;
}

/** Finds the reason of a place in a table. */
export function reasonFinder(reasons: Reasons): (about: About) => FoundReason | undefined {
  const entries = Object.entries(reasons).map(([pattern, reason]) => ({ pattern, reason, names: namesOf(pattern) }));
  return (about) => entries.find(({ names, reason }) => fits(names, about.path) && (reason.when?.(about) ?? true));
}

type Name = '*' | '**' | readonly string[];

function namesOf(pattern: string): Name[] {
  return (pattern.match(/(?:"[^"]*"|[^."])+/g) ?? []).map((name) => {
    if (name === '*' || name === '**') return name;
    return (name.match(/"[^"]*"|[^|"]+/g) ?? []).map((one) => one.replaceAll('"', ''));
  });
}

function fits([name, ...names]: readonly Name[], path: readonly string[]): boolean {
  if (name === undefined) return path.length === 0;
  if (name === '**') return fits(names, path) || (path.length > 0 && fits([name, ...names], path.slice(1)));
  const [first, ...rest] = path;
  return first !== undefined && (name === '*' || name.includes(first)) && fits(names, rest);
}

/** Whether the place is about a label that the stack gives to all objects. */
export const isOwnLabel = ({ stack, path }: About): boolean => Object.hasOwn(stack.labels, path.at(-1) ?? '');
