/** A text in which variables were replaced, as Compose does it. */
export interface Interpolation {
  readonly text: string;
  /** Variables that it names. */
  readonly names: readonly string[];
  /** Those that nothing gives a value. */
  readonly unset: readonly string[];
  /** Those whose value is written nowhere but in a file of variables, which nobody commits. */
  readonly filled: readonly string[];
}

export type Values = ReadonlyMap<string, string>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const OPERATOR = /^(:-|:\?|:\+|-|\?|\+)/;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `${NAME:+other}` and
 * `${NAME+other}`, one inside another as well; `$$` is a dollar. What is spelled in no such way stays as it is.
 */
export function interpolate(raw: string, values: Values): Interpolation {
  const found = { names: new Set<string>(), unset: new Set<string>(), filled: new Set<string>() };
  const text = replaced(raw, values, found);
  return { text, names: [...found.names], unset: [...found.unset], filled: [...found.filled] };
}

interface Found {
  readonly names: Set<string>;
  readonly unset: Set<string>;
  readonly filled: Set<string>;
}

function replaced(raw: string, values: Values, found: Found): string {
  let text = '';
  for (let at = 0; at < raw.length;) {
    const dollar = raw.indexOf('$', at);
    if (dollar === -1) return text + raw.slice(at);
    text += raw.slice(at, dollar);
    const rest = raw.slice(dollar + 1);
    const plain = NAME.exec(rest)?.[0];
    const inner = rest.startsWith('{') ? bracesIn(rest) : undefined;
    if (rest.startsWith('$')) at = dollar + 2;
    else if (plain !== undefined) at = dollar + 1 + plain.length;
    else if (inner !== undefined) at = dollar + 3 + inner.length;
    else at = dollar + 1;
    text += plain === undefined && inner === undefined ? '$' : valueOf(plain ?? inner ?? '', values, found);
  }
  return text;
}

/** What stands between a brace and the one that closes it. */
function bracesIn(text: string): string | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{' && (at === 0 || text[at - 1] === '$')) depth++;
    else if (text[at] === '}' && --depth === 0) return NAME.test(text.slice(1)) ? text.slice(1, at) : undefined;
  }
  return undefined;
}

function valueOf(inside: string, values: Values, found: Found): string {
  const name = NAME.exec(inside)?.[0] ?? '';
  const [operator = ''] = OPERATOR.exec(inside.slice(name.length)) ?? [];
  const other = inside.slice(name.length + operator.length);
  const value = values.get(name);
  const counts = value !== undefined && (value !== '' || !operator.startsWith(':'));
  found.names.add(name);
  if (operator.endsWith('+')) return counts ? replaced(other, values, found) : '';
  if (counts) {
    found.filled.add(name);
    return value;
  }
  if (operator.endsWith('-')) return replaced(other, values, found);
  found.unset.add(name);
  return '';
}
