import { SNIPPET_BEGIN, SNIPPET_END } from '../nginx/snippets.js';
import { linesOf, withComments, type Place } from './place.js';

interface Block {
  readonly path: readonly string[];
  readonly about: string | undefined;
}

/** The places of an `nginx.conf` as we write it: at most one directive or brace a line. What the stack file adds is a `snippet`, unread. */
export function nginxPlaces(text: string): Place[] {
  const lines = linesOf(text);
  const places = new Map<number, Place>();
  const open: Block[] = [{ path: [], about: undefined }];
  let unfinished: Place | undefined;
  let end: string | undefined;
  lines.forEach((raw, index) => {
    const [line, own] = [index + 1, raw.trim()];
    const around = open.at(-1)!;
    end ??= endOfSnippet(raw);
    if (end !== undefined) {
      places.set(line, place(line, { ...around, path: [...around.path, 'snippet'] }, own));
      if (raw === end) end = undefined;
    } else if (unfinished) {
      places.set(line, { ...unfinished, line });
      if (own.endsWith(';')) unfinished = undefined;
    } else if (own === '}') {
      places.set(line, place(line, open.pop()!));
    } else if (own.endsWith('{')) {
      open.push(block(own, around, lines.slice(index)));
      places.set(line, place(line, open.at(-1)!));
    } else if (own !== '' && !own.startsWith('#')) {
      const [path, value] = directive(own, around);
      const found = place(line, { path, about: aboutOf(own) ?? around.about }, value);
      places.set(line, found);
      if (!own.endsWith(';')) unfinished = found;
    }
  });
  return withComments(lines, places);
}

/** The line that ends the user's own directives, where `line` begins them. */
function endOfSnippet(line: string): string | undefined {
  return line.trim() === SNIPPET_BEGIN ? line.replace(SNIPPET_BEGIN, SNIPPET_END) : undefined;
}

function place(line: number, { path, about }: Block, value?: string): Place {
  return { line, path, ...(value === undefined ? {} : { value }), ...(about === undefined ? {} : { about }) };
}

/** Directives that stand several times, each for something else. */
const NAMED = ['proxy_set_header', 'add_header', 'proxy_hide_header'];

function directive(text: string, { path }: Block): [path: string[], value: string] {
  const [name = '', ...rest] = text.replace(/;$/, '').split(/\s+/);
  const value = rest.join(' ');
  if (path.at(-2) === 'map' || path.at(-2) === 'geo')
    return [[...path, name === 'include' ? name : entry(name)], value];
  return [[...path, name, ...(NAMED.includes(name) ? [rest[0]?.replaceAll('"', '') ?? ''] : [])], value];
}

const entry = (name: string) => (name === 'default' ? name : '[]');

function block(text: string, around: Block, below: readonly string[]): Block {
  const [name = '', ...rest] = text.replace(/\s*\{$/, '').split(/\s+/);
  const about = aboutOf(text) ?? (name === 'location' ? aboutOf(within(below)) : undefined) ?? around.about;
  return { path: [...around.path, name, ...kindOf(name, rest)], about };
}

/** A map goes by the variable that it sets, a location by what it does. */
function kindOf(name: string, rest: readonly string[]): string[] {
  if (name === 'map' || name === 'geo') return [variableOf(rest.at(-1) ?? '')];
  if (name !== 'location') return [];
  if (rest[0]?.startsWith('@')) return ['@anew'];
  return rest[0] === '=' || rest[0] === '^~' ? [rest[1] ?? ''] : [];
}

/** Variables of an app are named by it. */
const OF_APP = /\$(up|anew|uri|path|search|header)_([A-Za-z0-9_]+?)(?:_\d+)?(?![A-Za-z0-9_])/;

function variableOf(name: string): string {
  const [, kind] = OF_APP.exec(name) ?? [];
  return kind === undefined ? name : `$${kind}`;
}

/** The upstream that a directive speaks of. */
function aboutOf(text: string): string | undefined {
  const named = /^upstream (\S+)|zone=rate_([A-Za-z0-9.-]+)/.exec(text);
  if (named) return named[1] ?? named[2];
  const variable = /@anew_([A-Za-z0-9_]+)/.exec(text)?.[1] ?? OF_APP.exec(text)?.[2];
  return variable?.replaceAll('___', '.').replaceAll('__', '-');
}

/** The text of a block that begins with the first of `lines`. */
function within(lines: readonly string[]): string {
  let depth = 0;
  const end = lines.findIndex((line) => {
    depth += line.endsWith('{') ? 1 : line.trim() === '}' ? -1 : 0;
    return depth === 0;
  });
  return lines.slice(0, end).join('\n');
}
