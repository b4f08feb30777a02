import { posix } from 'node:path';
import { userError, type Position } from '../../errors.js';
import type { Values } from './interpolate.js';
import {
  entriesAt,
  entryAt,
  itemsOf,
  nodeAt,
  pairsOf,
  parseCompose,
  textAt,
  type ComposeNode,
  type Entry,
  type MapNode,
} from './node.js';
import { valuesOf, variableLines } from './variables.js';

/** A text of the project by its path from the project root; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

/** A service, with what it extends. */
export interface ComposeService {
  readonly id: string;
  /** Where its name is written. */
  readonly at: Position;
  readonly node: MapNode;
}

/** Something that is not taken over, and why. */
export interface Left {
  readonly at: Position;
  /** `services.api.extra_hosts`. */
  readonly path: string;
  readonly message: string;
  /** `ours`: each target does it by itself, so that nothing is lost; `left`: it is not in the stack. */
  readonly kind: 'ours' | 'left';
}

/** A Compose file as it is read, `extends` and variables followed. */
export interface ComposeFile {
  readonly file: string;
  /** Folder of the file, from the project root. */
  readonly folder: string;
  readonly root: MapNode;
  readonly services: readonly ComposeService[];
  readonly left: readonly Left[];
  readonly readText: ReadText;
  readonly values: Values;
}

/** Reads a Compose file. @param file its path from the project root @throws UserError where it cannot be read as one */
export function readComposeFile(file: string, readText: ReadText): ComposeFile {
  const folder = posix.dirname(file);
  const text = readText(file);
  if (text === undefined) throw userError(`${file} is not a file that can be read; name your Compose file`);
  const values = valuesOf(variableLines('.env', readText(posix.join(folder, '.env')) ?? ''));
  const root = parseCompose(file, text, values);
  const left: Left[] = [...overrides({ file, folder, readText }), ...wholeFile(root)];
  const reader: Reader = { file, folder, readText, values, left, files: new Map([[file, root]]) };
  const services = [...entriesAt(root, 'services')].map(([id, entry]) => ({
    id,
    at: entry.at,
    node: normal(extended(reader, { file, id, entry }, [])),
  }));
  if (services.length === 0)
    throw userError('no services here; name the Compose file that runs your application', {
      position: entryAt(root, 'services')?.at ?? root.at,
    });
  return { file, folder, root, services, left, readText, values };
}

interface Reader {
  readonly file: string;
  readonly folder: string;
  readonly readText: ReadText;
  readonly values: Values;
  readonly left: Left[];
  /** Files that were read, by path. */
  readonly files: Map<string, MapNode>;
}

/** Compose reads such a file as well, unless it is told which files to read. */
function overrides({ file, folder, readText }: Pick<Reader, 'file' | 'folder' | 'readText'>): Left[] {
  const name = /^((?:docker-)?compose)\.(ya?ml)$/.exec(posix.basename(file));
  if (!name) return [];
  return ['yml', 'yaml'].flatMap((ending) => {
    const path = posix.join(folder, `${name[1]}.override.${ending}`);
    if (readText(path) === undefined) return [];
    const message =
      'not read: what it adds is meant for development most of the time; import the merged file otherwise';
    return [{ at: { file: path, line: 1, column: 1 }, path: posix.basename(path), message, kind: 'left' as const }];
  });
}

function wholeFile(root: MapNode): Left[] {
  return [...root.entries].flatMap(([key, { at }]): Left[] => {
    if (['services', 'volumes', 'secrets', 'configs', 'name'].includes(key) || key.startsWith('x-')) return [];
    if (key === 'version') return [{ at, path: key, message: 'Compose does not read it any more', kind: 'ours' }];
    if (key === 'networks')
      return [{ at, path: key, message: 'a stack has networks of its own, which each target makes', kind: 'ours' }];
    const message =
      key === 'include' ? 'not followed; import the files that it names one by one' : 'no counterpart in a stack';
    return [{ at, path: key, message, kind: 'left' }];
  });
}

interface Named {
  readonly file: string;
  readonly id: string;
  readonly entry: Entry;
}

/** A service on top of the one that it extends. */
function extended(reader: Reader, { file, id, entry }: Named, way: readonly string[]): ComposeNode {
  const key = `${file} ${id}`;
  const base = entryAt(entry.node, 'extends');
  if (!base) return entry.node;
  if (way.includes(key))
    throw userError(`services.${id}.extends leads back to ${id} itself; take it out`, { position: base.at });
  const wanted = base.node.kind === 'scalar' ? base.node.text : textAt(base.node, 'service');
  const named = textAt(base.node, 'file');
  const other = named === undefined ? file : posix.join(posix.dirname(file), named);
  const root = fileOf(reader, other);
  const found = wanted === undefined ? undefined : entryAt(root, 'services', wanted);
  if (wanted === undefined || !found) {
    const where =
      root === undefined ? `${other} cannot be read` : `${other} has no service ${wanted ?? 'of that name'}`;
    reader.left.push({ at: base.at, path: `services.${id}.extends`, message: `not followed: ${where}`, kind: 'left' });
    return entry.node;
  }
  const below = extended(reader, { file: other, id: wanted, entry: found }, [...way, key]);
  return merged(normal(below), normal(entry.node));
}

function fileOf(reader: Reader, path: string): MapNode | undefined {
  const known = reader.files.get(path);
  const text = known ? undefined : reader.readText(path);
  if (known || text === undefined) return known;
  const root = parseCompose(path, text, reader.values);
  reader.files.set(path, root);
  return root;
}

/** A service whose pairs are maps everywhere, however they are written. */
function normal(node: ComposeNode): MapNode {
  const entries = new Map(node.kind === 'map' ? node.entries : []);
  for (const key of ['environment', 'labels']) {
    const entry = entries.get(key);
    if (entry) entries.set(key, { ...entry, node: { kind: 'map', entries: pairsOf(entry.node), at: entry.node.at } });
  }
  return { kind: 'map', entries, at: node.at };
}

/** Lists that the one on top replaces, instead of being added to. */
const REPLACED = new Set(['command', 'entrypoint', 'test']);

function merged(below: MapNode, above: MapNode): MapNode {
  const entries = new Map(below.entries);
  entries.delete('depends_on');
  for (const [key, entry] of above.entries) {
    const { node } = entry;
    const under = entries.get(key)?.node;
    if (under?.kind === 'map' && node.kind === 'map') entries.set(key, { ...entry, node: merged(under, node) });
    else if (under?.kind === 'list' && node.kind === 'list' && !REPLACED.has(key))
      entries.set(key, { ...entry, node: { ...node, items: [...under.items, ...node.items] } });
    else entries.set(key, entry);
  }
  return { kind: 'map', entries, at: above.at };
}

/** Services that one waits for, by name, with the condition. */
export function dependenciesIn(service: ComposeService): ReadonlyMap<string, string> {
  const node = nodeAt(service.node, 'depends_on');
  if (node?.kind === 'map')
    return new Map([...node.entries].map(([id, { node: one }]) => [id, textAt(one, 'condition') ?? 'service_started']));
  return new Map(
    itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [[item.text, 'service_started'] as const] : [])),
  );
}
