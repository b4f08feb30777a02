import type { IConstruct } from 'constructs';
import type { Position } from '../errors.js';
import { AsgiApp } from '../model/app.js';
import { processCount } from '../model/scaling.js';
import { Stack, type HttpPort } from '../model/stack.js';
import { spelled } from '../targets/docker-explanation.js';
import { size } from '../targets/kubernetes/quantity.js';
import { kindOf, type Known, type SupportTable } from '../targets/support.js';

/** Where a construct was written; undefined where nobody knows. */
export type PlaceOf = (construct: IConstruct) => Position | undefined;

/** A prop that something in an output comes from. */
export interface Origin {
  /** Path of the construct, `shop/api`. */
  readonly construct: string;
  readonly prop: string;
  /** Whether the stack file writes it; else it has its default. */
  readonly given: boolean;
  /** What it is, where a word says that. */
  readonly value?: string;
  /** Where the construct is written. */
  readonly position?: Position;
}

/** What props are known of which kind of construct, and where constructs are written. */
export interface Origins {
  readonly stack: Stack;
  readonly support: SupportTable;
  readonly placeOf: PlaceOf;
}

/**
 * The props that a reason names: of a construct (`processes`), of its stack (`Stack.labels`) or of each app (`AsgiApp.hosts`). Those
 * that the construct does not have are left out, and so are those that have no value, unless nothing else would be left.
 */
export function originsOf(construct: IConstruct, names: readonly string[], origins: Origins): Origin[] {
  const all = names.flatMap((name) => subjects(construct, name, origins.stack).map((one) => ({ one, name })));
  const known = all
    .map(({ one, name }) => ({ one, prop: name.split('.').at(-1) ?? name }))
    .filter(({ one, prop }) => hasProp(one, prop, origins.support))
    .map(({ one, prop }) => origin(one, prop, origins.placeOf));
  const telling = known.filter(({ given, value }) => given || value !== undefined);
  return telling.length > 0 ? telling : known;
}

function subjects(construct: IConstruct, name: string, stack: Stack): readonly IConstruct[] {
  if (name.startsWith('Stack.')) return [stack];
  return name.startsWith('AsgiApp.') ? stack.apps : [construct];
}

function hasProp(construct: IConstruct, prop: string, support: SupportTable): boolean {
  const kind = kindOf(construct);
  return kind !== undefined && (Object.hasOwn(support[kind], prop) || OWN_NAMES.includes(prop));
}

/** What each construct has, beside its props. */
const OWN_NAMES: readonly string[] = ['name', 'id'];

function origin(construct: IConstruct, prop: string, placeOf: PlaceOf): Origin {
  const given = OWN_NAMES.includes(prop) || (construct as Known).given.has(prop);
  const value = valueOf(construct, prop);
  const position = placeOf(construct);
  return {
    construct: construct.node.path,
    prop,
    given,
    ...(value === undefined ? {} : { value }),
    ...(position === undefined ? {} : { position }),
  };
}

const BYTES: readonly string[] = ['memory', 'bodyLimit'];

/** A prop in a few words; undefined for what would take more, and for what somebody might have put a secret into. */
function valueOf(construct: IConstruct, prop: string): string | undefined {
  const value = (construct as unknown as Readonly<Record<string, unknown>>)[prop];
  if (construct instanceof AsgiApp && prop === 'processes') return processCount(construct);
  if (construct instanceof Stack && (prop === 'httpPort' || prop === 'httpsPort')) return spelled(value as HttpPort);
  if (OWN_NAMES.includes(prop)) return construct.node.id;
  if (prop === 'health') return fields(value);
  if (typeof value === 'number') return BYTES.includes(prop) ? size(value) : String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return prop === 'content' || prop === 'user' ? undefined : value;
  return prop === 'hosts' && Array.isArray(value) && value.length > 0 ? value.join(', ') : undefined;
}

function fields(value: unknown): string | undefined {
  const entries = Object.entries(value ?? {}).filter(([, one]) => typeof one === 'string' || typeof one === 'number');
  return entries.length === 0 ? undefined : entries.map(([name, one]) => `${name} ${String(one)}`).join(', ');
}
