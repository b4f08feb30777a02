import { satisfies, valid } from '@renovatebot/pep440';

/**
 * Whether a dependency with this environment marker is installed in an image of ours: CPython of that minor version on Linux. What
 * cannot be told is taken to be installed.
 */
export function markerHolds(marker: string | undefined, minor: string): boolean {
  if (marker === undefined) return true;
  const tokens = marker.match(TOKEN) ?? [];
  const parser = { tokens, next: 0, variables: variables(minor) };
  const result = either(parser);
  return result || parser.next < tokens.length;
}

const TOKEN = /"[^"]*"|'[^']*'|\(|\)|not\s+in\b|===|[<>=!~]=|[<>]|[A-Za-z_.]+/g;

interface Parser {
  readonly tokens: readonly string[];
  next: number;
  readonly variables: Readonly<Record<string, string>>;
}

function variables(minor: string): Record<string, string> {
  return {
    python_version: minor,
    // The newest patch release is in the image; any bound within the minor version lies below it.
    python_full_version: `${minor}.99`,
    implementation_name: 'cpython',
    platform_python_implementation: 'CPython',
    os_name: 'posix',
    sys_platform: 'linux',
    platform_system: 'Linux',
    extra: '',
  };
}

function either(parser: Parser): boolean {
  let result = both(parser);
  while (take(parser, 'or')) result = both(parser) || result;
  return result;
}

function both(parser: Parser): boolean {
  let result = one(parser);
  while (take(parser, 'and')) result = one(parser) && result;
  return result;
}

function one(parser: Parser): boolean {
  if (!take(parser, '(')) return comparison(parser);
  const result = either(parser);
  take(parser, ')');
  return result;
}

function comparison(parser: Parser): boolean {
  const [left, operator, right] = parser.tokens.slice(parser.next, parser.next + 3);
  parser.next += 3;
  if (left === undefined || operator === undefined || right === undefined) return true;
  const a = valueOf(left, parser);
  const b = valueOf(right, parser);
  if (a === undefined || b === undefined) return true;
  return compare(a, operator.replace(/\s+/g, ' '), b);
}

/** Undefined for a variable that depends on the machine, such as `platform_machine`. */
function valueOf(token: string, { variables }: Parser): string | undefined {
  return /^["']/.test(token) ? token.slice(1, -1) : variables[token];
}

function compare(a: string, operator: string, b: string): boolean {
  if (operator === 'in') return b.split(/[\s,]+/).includes(a) || b.includes(a);
  if (operator === 'not in') return !b.includes(a);
  if (valid(a) && valid(b.replace(/\.\*$/, ''))) return satisfies(a, `${operator}${b}`, { prereleases: true });
  if (operator === '==' || operator === '===') return a === b;
  return operator === '!=' ? a !== b : true;
}

function take(parser: Parser, token: string): boolean {
  if (parser.tokens[parser.next] !== token) return false;
  parser.next++;
  return true;
}
