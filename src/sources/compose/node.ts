import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { userError, UserError, type Position } from '../../errors.js';
import { interpolate, type Interpolation, type Values } from './interpolate.js';

/** A value of a Compose file, and where it is written. */
export type ComposeNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode extends Interpolation {
  readonly kind: 'scalar';
  /** As it is written, variables and all. */
  readonly raw: string;
  /** Whether nothing is written there. */
  readonly isNull: boolean;
  readonly at: Position;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ComposeNode[];
  readonly at: Position;
}

export interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Position;
}

/** A key of a map with its value; `at` is where the key is written. */
export interface Entry {
  readonly at: Position;
  readonly node: ComposeNode;
}

/** A file of which every anchor, merge key and variable has been followed. Throws a `UserError` where it is no YAML. */
export function parseCompose(file: string, text: string, values: Values): MapNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (document.errors.length > 0)
    throw new UserError(
      document.errors.map(({ message, pos }) => ({
        position: position(pos[0]),
        message: `this is no YAML: ${lowerFirst(message.split('\n')[0] ?? '')}`,
      })),
    );
  const reader: Reader = { document, position, values, left: MOST_NODES };
  const node = document.contents === null ? undefined : read(reader, document.contents, []);
  if (node?.kind === 'map') return node;
  throw userError('a Compose file is a map with the key services', { position: node?.at ?? position(0) });
}

/** Anchors that name each other let a small file grow without end. */
const MOST_NODES = 50_000;

interface Reader {
  readonly document: Document.Parsed;
  readonly position: (offset: number) => Position;
  readonly values: Values;
  left: number;
}

function read(reader: Reader, node: unknown, way: readonly unknown[]): ComposeNode {
  const at = reader.position((node as Node | null)?.range?.[0] ?? 0);
  if (isAlias(node)) {
    const target = node.resolve(reader.document);
    if (target === undefined || way.includes(target))
      throw userError(`*${node.source} stands inside of what it repeats; write that out`, { position: at });
    return read(reader, target, way);
  }
  if (--reader.left < 0)
    throw userError(`the file has more than ${MOST_NODES} values once its anchors are followed; split it`, {
      position: at,
    });
  if (isMap(node)) return { kind: 'map', entries: entriesOf(reader, node.items, [...way, node]), at };
  if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => read(reader, item, [...way, node])), at };
  return scalar(reader, node, at);
}

function scalar(reader: Reader, node: unknown, at: Position): ScalarNode {
  const value: unknown = isScalar(node) ? node.value : undefined;
  const isNull = value === null || value === undefined;
  const raw = isNull ? '' : typeof value === 'string' ? value : spelled(node, value);
  return { kind: 'scalar', raw, isNull, at, ...interpolate(raw, reader.values) };
}

/** A number as it is written: `3.10` is a version, and not 3.1. */
function spelled(node: unknown, value: unknown): string {
  return isScalar(node) && typeof node.source === 'string' ? node.source : String(value);
}

type Pair = { readonly key: unknown; readonly value: unknown };

/** Own keys come before those of `<<`, and of several maps there the first one. */
function entriesOf(reader: Reader, pairs: readonly Pair[], way: readonly unknown[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const merged: ComposeNode[] = [];
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : '';
    const at = reader.position((key as Node | null)?.range?.[0] ?? 0);
    if (name === '<<') merged.push(read(reader, value, way));
    else entries.set(name, { at, node: read(reader, value, way) });
  }
  const maps = merged.flatMap((one) => (one.kind === 'list' ? one.items : [one]));
  for (const map of maps) {
    if (map.kind !== 'map') continue;
    for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** The entry at the end of a path of keys. */
export function entryAt(node: ComposeNode | undefined, ...keys: readonly string[]): Entry | undefined {
  let entry: Entry | undefined;
  let current = node;
  for (const key of keys) {
    entry = current?.kind === 'map' ? current.entries.get(key) : undefined;
    current = entry?.node;
  }
  return entry;
}

export function nodeAt(node: ComposeNode | undefined, ...keys: readonly string[]): ComposeNode | undefined {
  return entryAt(node, ...keys)?.node;
}

/** The text of a scalar that is not empty. */
export function textAt(node: ComposeNode | undefined, ...keys: readonly string[]): string | undefined {
  const found = nodeAt(node, ...keys);
  return found?.kind === 'scalar' && !found.isNull && found.text !== '' ? found.text : undefined;
}

export function itemsOf(node: ComposeNode | undefined): readonly ComposeNode[] {
  return node?.kind === 'list' ? node.items : [];
}

export function entriesAt(node: ComposeNode | undefined, ...keys: readonly string[]): ReadonlyMap<string, Entry> {
  const found = keys.length === 0 ? node : nodeAt(node, ...keys);
  return found?.kind === 'map' ? found.entries : new Map<string, Entry>();
}

/** `NAME=value` in a list, or a map of names: both are the same to Compose. */
export function pairsOf(node: ComposeNode | undefined): ReadonlyMap<string, Entry> {
  if (node?.kind === 'map') return node.entries;
  return new Map(
    itemsOf(node).flatMap((item) => {
      if (item.kind !== 'scalar') return [];
      const cut = (text: string) => (text.includes('=') ? text.slice(text.indexOf('=') + 1) : '');
      const [name = ''] = item.text.split('=');
      const value = { ...item, raw: cut(item.raw), text: cut(item.text), isNull: !item.text.includes('=') };
      return [[name.trim(), { at: item.at, node: value }] as const];
    }),
  );
}
