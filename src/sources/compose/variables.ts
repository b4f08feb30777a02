import type { Position } from '../../errors.js';
import type { Values } from './interpolate.js';

/** A line of a file of variables. */
export interface VariableLine {
  readonly name: string;
  readonly value: string;
  readonly at: Position;
}

/** The lines of a file such as `.env`. */
export function variableLines(file: string, text: string): VariableLine[] {
  return text.split('\n').flatMap((line, index) => {
    const [, name, rest = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) return [];
    return [{ name, value: unquoted(rest), at: { file, line: index + 1, column: line.indexOf(name) + 1 } }];
  });
}

function unquoted(text: string): string {
  const [, quote, inside] = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(text) ?? [];
  return quote === undefined ? text.replace(/\s+#.*$/, '') : (inside ?? '');
}

export function valuesOf(lines: readonly VariableLine[]): Values {
  return new Map(lines.map(({ name, value }) => [name, value]));
}
