import type { parser } from '@lezer/python';

/** A node of the syntax tree. */
export type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** A Python expression, as far as discovery looks into one. */
export type Expression =
  | CallExpression
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'other'; readonly source: string };

export interface CallExpression {
  readonly kind: 'call';
  /** Dotted name of what is called; empty where it is no name. */
  readonly callee: string;
  readonly arguments: readonly Argument[];
  readonly line: number;
}

export interface Argument {
  readonly name: string | undefined;
  readonly value: Expression;
}

/** A text with the lines of its offsets. */
export interface SourceText {
  readonly text: string;
  line(offset: number): number;
}

export function sourceText(text: string): SourceText {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return { text, line: (offset) => before(starts, offset) };
}

/** How many of the sorted numbers are not above `limit`. */
function before(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function textOf(node: SyntaxNode, { text }: SourceText): string {
  return text.slice(node.from, node.to);
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

/** The children between separators, `a, b = c` as `[a], [b = c]`. */
export function groupsOf(nodes: readonly SyntaxNode[], separator: string): SyntaxNode[][] {
  const groups: SyntaxNode[][] = [[]];
  for (const node of nodes) {
    if (node.name === separator) groups.push([]);
    else groups.at(-1)!.push(node);
  }
  return groups.filter((group) => group.length > 0);
}

export function expressionOf(node: SyntaxNode, source: SourceText): Expression {
  const text = textOf(node, source);
  if (node.name === 'CallExpression') return callOf(node, source);
  if (node.name === 'String') return stringOf(text);
  if (node.name === 'ParenthesizedExpression') return parenthesized(node, source);
  if (node.name === 'ArrayExpression' || node.name === 'TupleExpression') return listOf(node, source);
  const name = text.replaceAll(/\s+/g, '');
  return NAME.test(name) && !LITERALS.has(name) ? { kind: 'name', name } : { kind: 'other', source: text };
}

const NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const LITERALS = new Set(['None', 'True', 'False']);

function callOf(node: SyntaxNode, source: SourceText): CallExpression {
  const [callee] = childrenOf(node);
  return calling(callee ? textOf(callee, source) : '', node, source);
}

/** A call, given the text of what is called: a decorator has no node of its own for that. */
export function calling(callee: string, node: SyntaxNode, source: SourceText): CallExpression {
  const name = callee.replaceAll(/\s+/g, '');
  const list = node.getChild('ArgList');
  return {
    kind: 'call',
    callee: NAME.test(name) ? name : '',
    arguments: list ? argumentsOf(list, source) : [],
    line: source.line(node.from),
  };
}

export function argumentsOf(list: SyntaxNode, source: SourceText): Argument[] {
  const inner = childrenOf(list).filter(({ name }) => name !== '(' && name !== ')');
  return groupsOf(inner, ',').map((group) => {
    const [first, second] = group;
    const value = expressionOf(group.at(-1)!, source);
    return { name: second?.name === 'AssignOp' && first ? textOf(first, source) : undefined, value };
  });
}

function parenthesized(node: SyntaxNode, source: SourceText): Expression {
  const [inner] = childrenOf(node).filter(({ name }) => name !== '(' && name !== ')');
  return inner ? expressionOf(inner, source) : { kind: 'other', source: textOf(node, source) };
}

function listOf(node: SyntaxNode, source: SourceText): Expression {
  const inner = childrenOf(node).filter(({ name }) => !'()[]'.includes(name));
  return { kind: 'list', items: groupsOf(inner, ',').map((group) => expressionOf(group.at(-1)!, source)) };
}

function stringOf(source: string): Expression {
  const [, prefix = '', body] = /^([A-Za-z]*)(?:"""([^]*)"""|'''([^]*)'''|"([^]*)"|'([^]*)')$/.exec(source) ?? [];
  const text = body ?? /^[A-Za-z]*('''|'|")([^]*)\1$/.exec(source)?.[2] ?? '';
  if (/b/i.test(prefix)) return { kind: 'other', source };
  return { kind: 'text', text: /r/i.test(prefix) ? text : text.replaceAll(/\\(["'\\])/g, '$1') };
}

/** The value of an argument by its name, or by its place among those without one. */
export function argument(
  { arguments: all }: CallExpression,
  name: string | undefined,
  place?: number,
): Expression | undefined {
  const named = name === undefined ? undefined : all.find((one) => one.name === name);
  if (named || place === undefined) return named?.value;
  return all.filter((one) => one.name === undefined)[place]?.value;
}

export function literal(expression: Expression | undefined): string | undefined {
  return expression?.kind === 'text' ? expression.text : undefined;
}
