import { parser } from '@lezer/python';
import type {
  Binding,
  Field,
  Parameter,
  PythonClass,
  PythonFunction,
  PythonModule,
  ScopedCall,
} from './python-module.js';
import {
  argumentsOf,
  calling,
  childrenOf,
  expressionOf,
  groupsOf,
  sourceText,
  textOf,
  type CallExpression,
  type Expression,
  type SourceText,
  type SyntaxNode,
} from './syntax.js';

/** Reads a Python file, as far as its names and calls go. A mistake in it hides only what is beside it. */
export function parsePython(path: string, text: string): PythonModule {
  const module: Reading = { source: sourceText(text), bindings: [], stars: [], functions: [], classes: [], calls: [] };
  readBlock(module, parser.parse(text).topNode, { bindings: module.bindings, conditional: false, scope: undefined });
  const { bindings, stars, functions, classes, calls } = module;
  return { path, text, bindings, stars, functions, classes, calls };
}

interface Reading {
  readonly source: SourceText;
  readonly bindings: Binding[];
  readonly stars: string[];
  readonly functions: PythonFunction[];
  readonly classes: PythonClass[];
  readonly calls: ScopedCall[];
}

interface Place {
  readonly bindings: Binding[];
  readonly conditional: boolean;
  readonly scope: MutableFunction | undefined;
}

type MutableFunction = PythonFunction & { readonly bindings: Binding[]; readonly returns: Expression[] };

function readBlock(reading: Reading, block: SyntaxNode, place: Place): void {
  for (const node of childrenOf(block)) readStatement(reading, node, place);
}

const BRANCHES = new Set([
  'IfStatement',
  'TryStatement',
  'WithStatement',
  'ForStatement',
  'WhileStatement',
  'MatchStatement',
]);

function readStatement(reading: Reading, node: SyntaxNode, place: Place): void {
  if (node.name === 'ImportStatement') return readImport(reading, node, place);
  if (node.name === 'DecoratedStatement' || node.name === 'FunctionDefinition' || node.name === 'ClassDefinition')
    return readDefinition(reading, node, place);
  if (BRANCHES.has(node.name)) return readBranches(reading, node, place);
  collectCalls(reading, node, place);
  if (node.name === 'AssignStatement') readAssignment(reading, node, place);
  if (node.name === 'DeleteStatement') readDeletion(reading, node, place);
  const returned = node.name === 'ReturnStatement' ? childrenOf(node)[1] : undefined;
  if (returned) place.scope?.returns.push(expressionOf(returned, reading.source));
}

/** Neither what only a type checker sees nor what only a script does is there when the module is imported. */
const NEVER_IMPORTED = /^if\s*\(?\s*((typing\.)?TYPE_CHECKING\b|__name__\s*==)/;

function readBranches(reading: Reading, node: SyntaxNode, place: Place): void {
  const skipped = NEVER_IMPORTED.test(textOf(node, reading.source)) ? node.getChild('Body') : null;
  for (const child of childrenOf(node)) {
    if (child.from === skipped?.from && child.name === 'Body') continue;
    if (child.name === 'Body')
      readBlock(reading, child, { ...place, conditional: place.conditional || node.name !== 'WithStatement' });
    else if (child.name === 'MatchBody' || child.name === 'MatchClause') readBranches(reading, child, place);
    else collectCalls(reading, child, place);
  }
}

function collectCalls({ source, calls }: Reading, node: SyntaxNode, { scope }: Pick<Place, 'scope'>): void {
  node.cursor().iterate((inner) => {
    if (inner.name !== 'CallExpression') return;
    const call = expressionOf(inner.node, source);
    if (call.kind === 'call') calls.push({ call, scope });
  });
}

function readImport({ source, stars }: Reading, node: SyntaxNode, { bindings, conditional }: Place): void {
  const text = textOf(node, source)
    .replaceAll(/#.*$/gm, '')
    .replaceAll(/[\\()\s]+/g, ' ')
    .trim();
  const line = source.line(node.from);
  const bind = (name: string, module: string, imported: string | undefined) =>
    bindings.push({ name, line, conditional, value: { kind: 'import', module, name: imported } });
  const [, from, names] = /^from (\.*(?: ?[\w.]+)?) ?import (.*)$/.exec(text) ?? [];
  for (const part of (names ?? text.replace(/^import /, '')).split(',')) {
    const [name = '', alias] = part.trim().split(' as ');
    if (name === '') continue;
    const module = from?.replaceAll(' ', '');
    if (name === '*') stars.push(module ?? '');
    else if (module !== undefined) bind(alias ?? name, module, name);
    else if (alias === undefined) bind(name.split('.')[0] ?? name, name.split('.')[0] ?? name, undefined);
    else bind(alias, name, undefined);
  }
}

function readAssignment({ source }: Reading, node: SyntaxNode, { bindings, conditional }: Place): void {
  const parts = groupsOf(childrenOf(node), 'AssignOp');
  if (parts.length < 2) return;
  const values = groupsOf(parts.at(-1) ?? [], ',');
  for (const targets of parts.slice(0, -1).map((part) => groupsOf(part, ','))) {
    targets.forEach(([target], index) => {
      const value = targets.length === 1 && values.length > 1 ? undefined : values[index]?.[0];
      if (target?.name !== 'VariableName') return;
      bindings.push({
        name: textOf(target, source),
        line: source.line(target.from),
        conditional,
        value: value ? expressionOf(value, source) : { kind: 'other', source: '' },
      });
    });
  }
}

function readDeletion({ source }: Reading, node: SyntaxNode, { bindings, conditional }: Place): void {
  for (const name of childrenOf(node).filter((child) => child.name === 'VariableName')) {
    const value = { kind: 'other', source: 'del' } as const;
    bindings.push({ name: textOf(name, source), line: source.line(name.from), conditional, value });
  }
}

function readDefinition(reading: Reading, node: SyntaxNode, place: Place): void {
  const decorators = node.getChildren('Decorator');
  for (const decorator of decorators) collectCalls(reading, decorator, place);
  const definition = node.name === 'DecoratedStatement' ? node.lastChild : node;
  if (definition?.name === 'FunctionDefinition') readFunction(reading, definition, { decorators, place });
  if (definition?.name === 'ClassDefinition') {
    const value = readClass(reading, definition, place);
    place.bindings.push({
      name: value.name,
      line: value.line,
      conditional: place.conditional,
      value: { kind: 'class', class: value },
    });
  }
}

function readFunction(
  reading: Reading,
  node: SyntaxNode,
  { decorators, place }: { readonly decorators: readonly SyntaxNode[]; readonly place: Place },
): void {
  const { source, functions } = reading;
  const name = node.getChild('VariableName');
  const returned = node.getChild('TypeDef');
  const made: MutableFunction = {
    name: name ? textOf(name, source) : '',
    line: source.line(node.from),
    isAsync: node.getChild('async') !== null,
    isDecorated: decorators.length > 0,
    parameters: parametersOf(node.getChild('ParamList'), source),
    annotation: returned ? annotationOf(returned, source) : undefined,
    decorators: decorators.map((decorator) => decoratorOf(decorator, source)),
    bindings: [],
    returns: [],
    outer: place.scope,
    text: textOf(node, source),
  };
  functions.push(made);
  const { line, name: bound } = made;
  place.bindings.push({
    name: bound,
    line,
    conditional: place.conditional,
    value: { kind: 'function', function: made },
  });
  const parameters = node.getChild('ParamList');
  if (parameters) collectCalls(reading, parameters, { scope: made });
  const body = node.getChild('Body');
  if (body) readBlock(reading, body, { bindings: made.bindings, conditional: false, scope: made });
}

/** `-> X` and `: X` without their signs and quotes. */
function annotationOf(node: SyntaxNode, source: SourceText): string {
  return textOf(node, source)
    .replace(/^(->|:)\s*/, '')
    .replace(/^(["'])(.*)\1$/s, '$2');
}

function decoratorOf(node: SyntaxNode, source: SourceText): CallExpression {
  const end = node.getChild('ArgList')?.from ?? node.to;
  return calling(source.text.slice(node.from + 1, end), node, source);
}

function parametersOf(list: SyntaxNode | null, source: SourceText): Parameter[] {
  const inner = list ? childrenOf(list).filter(({ name }) => name !== '(' && name !== ')') : [];
  return groupsOf(inner, ',').flatMap((group) => {
    const [first] = group;
    if (first?.name !== 'VariableName') return [];
    const type = group.find(({ name }) => name === 'TypeDef');
    const required = group.every(({ name }) => name !== 'AssignOp');
    return [{ name: textOf(first, source), annotation: type ? annotationOf(type, source) : '', required }];
  });
}

function readClass(reading: Reading, node: SyntaxNode, place: Place): PythonClass {
  const { source, classes } = reading;
  const name = node.getChild('VariableName');
  const list = node.getChild('ArgList');
  const body = childrenOf(node.getChild('Body') ?? node);
  const bases = list ? argumentsOf(list, source).filter((one) => one.name === undefined) : [];
  const made: PythonClass = {
    name: name ? textOf(name, source) : '',
    line: source.line(node.from),
    bases: bases.flatMap(({ value }) => (value.kind === 'name' ? [value.name] : [])),
    fields: body.filter((child) => child.name === 'AssignStatement').flatMap((child) => fieldOf(child, source)),
    classes: body.filter((child) => child.name === 'ClassDefinition').map((child) => readClass(reading, child, place)),
  };
  // Methods are functions of the file; their names are none of the module's.
  const within: Place = { bindings: [], conditional: false, scope: place.scope };
  for (const child of body.filter((one) => one.name !== 'ClassDefinition')) readStatement(reading, child, within);
  classes.push(made);
  return made;
}

function fieldOf(node: SyntaxNode, source: SourceText): Field[] {
  const children = childrenOf(node);
  const [target] = children;
  if (target?.name !== 'VariableName') return [];
  const type = node.getChild('TypeDef');
  const assigned = children.findIndex(({ name }) => name === 'AssignOp');
  const value = assigned === -1 ? undefined : children[assigned + 1];
  return [
    {
      name: textOf(target, source),
      line: source.line(target.from),
      annotation: type ? annotationOf(type, source) : undefined,
      value: value ? expressionOf(value, source) : undefined,
    },
  ];
}
