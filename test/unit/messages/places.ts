import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A message as the code spells it: its fixed words, in order, with values of the user between them. */
export interface Template {
  /** `src/cli/usage.ts:13` */
  readonly place: string;
  readonly words: readonly string[];
}

/** Which argument of a call is a message to the user. */
const FACTORIES: Readonly<Record<string, readonly number[]>> = {
  userError: [0],
  Usage: [0],
  TypeError: [0],
  addMistake: [1],
  must: [0],
  matching: [1],
  failed: [1, 2],
  warning: [1, 2],
  ok: [1],
  lose: [2],
  drop: [2],
  note: [0],
  say: [0],
  tell: [1],
};

/** What is a message by the name of the property that holds it. */
const PROPERTIES: ReadonlySet<string> = new Set(['message', 'seen', 'fix']);

/** Every message that the code below a folder makes, as far as its words stand in the code. */
export function messagesIn(root: string, isMeant: (path: string) => boolean): Template[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && isMeant(path))
    .toSorted();
  return new Reader(
    files.map((path) =>
      ts.createSourceFile(`src/${path}`, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true),
    ),
  ).read();
}

type Callable = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration;

class Reader {
  private readonly calls = new Map<string, (ts.CallExpression | ts.NewExpression)[]>();
  private readonly functions = new Map<string, Callable[]>();
  private readonly variables = new Map<string, ts.VariableDeclaration[]>();
  private readonly found = new Map<string, Template>();
  /** Arguments that were looked at, `name 2`. */
  private readonly asked = new Set<string>();
  private readonly roots: ts.Expression[] = [];

  constructor(files: readonly ts.SourceFile[]) {
    for (const file of files) this.index(file);
  }

  read(): Template[] {
    for (const [name, positions] of Object.entries(FACTORIES))
      for (const position of positions) this.arguments(name, position);
    for (const root of this.roots) this.take(root);
    return [...this.found.values()];
  }

  private index(node: ts.Node): void {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) add(this.calls, calleeOf(node), node);
    if (ts.isFunctionDeclaration(node) && node.name) add(this.functions, node.name.text, node);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      add(this.variables, node.name.text, node);
      const { initializer } = node;
      if (initializer && isCallable(initializer)) add(this.functions, node.name.text, initializer);
    }
    if (ts.isPropertyAssignment(node) && PROPERTIES.has(node.name.getText())) this.roots.push(node.initializer);
    if (ts.isShorthandPropertyAssignment(node) && PROPERTIES.has(node.name.text)) this.roots.push(node.name);
    if (ts.isStringLiteralLike(node) && node.text.startsWith('must ')) this.roots.push(node);
    if (ts.isCallExpression(node) && /^(complaints|mistakes)\.push$/.test(node.expression.getText()))
      this.roots.push(...node.arguments);
    if (ts.isCallExpression(node) && /^process\.std(err|out)\.write$/.test(node.expression.getText()))
      this.roots.push(...node.arguments);
    ts.forEachChild(node, (child) => this.index(child));
  }

  private arguments(name: string, position: number): void {
    const key = `${name} ${position}`;
    if (this.asked.has(key)) return;
    this.asked.add(key);
    for (const call of this.calls.get(name) ?? []) {
      const argument = call.arguments?.[position];
      if (argument) this.take(argument);
    }
  }

  private take(expression: ts.Expression): void {
    for (const [node, words] of this.spelled(expression, new Set())) {
      if (!/[a-z]\W* .*[a-z]{2}|[a-z]{2}.* \W*[a-z]/i.test(words.join(' … '))) continue;
      const file = node.getSourceFile();
      const place = `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      this.found.set(`${place} ${words.join('…')}`, { place, words });
    }
  }

  /** The texts that an expression may come to. */
  private spelled(node: ts.Node, seen: Set<ts.Node>): [ts.Node, string[]][] {
    if (seen.has(node)) return [];
    seen.add(node);
    const inside = (...nodes: readonly (ts.Node | undefined)[]) =>
      nodes.flatMap((one) => (one ? this.spelled(one, seen) : []));
    if (ts.isStringLiteralLike(node)) return [[node, [node.text]]];
    if (ts.isTemplateExpression(node))
      return [
        [node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]],
        ...inside(...node.templateSpans.map(({ expression }) => expression)),
      ];
    if (ts.isConditionalExpression(node)) return inside(node.whenTrue, node.whenFalse);
    if (ts.isBinaryExpression(node)) return inside(node.left, node.right);
    if (
      ts.isParenthesizedExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isNonNullExpression(node) ||
      ts.isSpreadElement(node)
    )
      return inside(node.expression);
    if (ts.isSatisfiesExpression(node) || ts.isAwaitExpression(node)) return inside(node.expression);
    if (ts.isArrayLiteralExpression(node)) return inside(...node.elements);
    if (ts.isIdentifier(node)) return this.named(node, seen);
    if (ts.isCallExpression(node)) return this.called(node, seen);
    return [];
  }

  private named(node: ts.Identifier, seen: Set<ts.Node>): [ts.Node, string[]][] {
    const holder = enclosing(node).find(({ parameters }) =>
      parameters.some(({ name }) => name.getText() === node.text),
    );
    const declared = (this.variables.get(node.text) ?? []).filter((one) => isSeenFrom(one, node));
    if (declared.length === 0 && holder) {
      const name = nameOf(holder);
      if (name !== undefined)
        this.arguments(
          name,
          holder.parameters.findIndex((one) => one.name.getText() === node.text),
        );
      return [];
    }
    return declared.flatMap((one) => {
      const loop = one.parent.parent;
      const value = ts.isForOfStatement(loop) ? loop.expression : one.initializer;
      return value ? this.spelled(value, seen) : [];
    });
  }

  private called(node: ts.CallExpression, seen: Set<ts.Node>): [ts.Node, string[]][] {
    const name = calleeOf(node);
    if (ts.isPropertyAccessExpression(node.expression)) {
      const [callback] = node.arguments;
      if (/^(map|flatMap)$/.test(name)) return callback && isCallable(callback) ? this.returned(callback, seen) : [];
      return /^(filter|join|toSorted|replaceAll|replace|trim)$/.test(name)
        ? this.spelled(node.expression.expression, seen)
        : [];
    }
    return (this.functions.get(name) ?? [])
      .filter((one) => one.getSourceFile() === node.getSourceFile() || isImported(node.getSourceFile(), name))
      .flatMap((one) => this.returned(one, seen));
  }

  private returned({ body }: Callable, seen: Set<ts.Node>): [ts.Node, string[]][] {
    if (!body) return [];
    if (!ts.isBlock(body)) return this.spelled(body, seen);
    const values: ts.Expression[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isReturnStatement(node) && node.expression) values.push(node.expression);
      else if (!isCallable(node)) ts.forEachChild(node, visit);
    };
    visit(body);
    return values.flatMap((one) => this.spelled(one, seen));
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function calleeOf({ expression }: ts.CallExpression | ts.NewExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

function isCallable(node: ts.Node): node is Callable {
  return (
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node)
  );
}

function nameOf(callable: Callable): string | undefined {
  if (!ts.isArrowFunction(callable) && callable.name) return callable.name.getText();
  const { parent } = callable;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : undefined;
}

function enclosing(node: ts.Node): Callable[] {
  return node.parent ? [...(isCallable(node.parent) ? [node.parent] : []), ...enclosing(node.parent)] : [];
}

/** Whether a variable is of the file, or of a function around the node. */
function isSeenFrom(variable: ts.VariableDeclaration, node: ts.Node): boolean {
  const [holder] = enclosing(variable);
  if (holder) return enclosing(node).includes(holder);
  return variable.getSourceFile() === node.getSourceFile() || isImported(node.getSourceFile(), variable.name.getText());
}

function isImported(file: ts.SourceFile, name: string): boolean {
  return file.statements.some(
    (one) => ts.isImportDeclaration(one) && new RegExp(`\\b${name}\\b`).test(one.importClause?.getText() ?? ''),
  );
}
