import ts from 'typescript';
import { targets } from '../../src/index.js';
import { PROBLEMS } from '../../src/targets/problems.js';
import type { SupportTable } from '../../src/targets/support.js';
import { code, table } from './markers.js';
import { docOf, exported, interfaceProps, KINDS, mentioned, textOf, typeNamed, type Documented } from './props.js';

/** The page of every construct, prop, type and function, made from their docstrings. */
export function referencePage(): string {
  const parts = partsOfProps();
  const told = new Set([...Object.keys(KINDS), ...Object.values(KINDS), ...parts]);
  const rest = [...exported()].filter(([name]) => !told.has(name));
  return [
    '# Reference',
    '',
    'Made from the docstrings of the library by `npm run docs`. A prop without a default is required. Sizes are in Kubernetes spelling, `512Mi`; times are in seconds.',
    '',
    `Below each prop: how each target honours it. *native*: by what the target has for that. *emulated*: by something of ours, or something near to it. *elsewhere*: it speaks of another target, or of synthesis. *problem*: never, so that synthesis fails unless the stack [accepts](#problems) it. *depends*: on what else the stack says; \`npx synth report\` tells for a stack.`,
    '',
    ...contents(),
    '',
    '## Constructs',
    '',
    ...Object.entries(KINDS).flatMap(([kind, props]) => constructSection(kind, props)),
    '## Parts of props',
    '',
    ...parts.flatMap((name) => typeSection(name)),
    '## Problems',
    '',
    'What a target cannot honour is a problem with one of these ids. `accept` of a stack takes them, each with a reason.',
    '',
    table(
      ['id', 'what it means'],
      Object.entries(PROBLEMS).map(([id, text]) => [code(id), text]),
    ),
    '',
    '## Functions and classes',
    '',
    ...rest.filter(([, symbol]) => isValue(symbol)).flatMap(([name, symbol]) => valueSection(name, symbol)),
    '## Other types',
    '',
    ...rest
      .filter(([, symbol]) => !isValue(symbol))
      .flatMap(([name]) => [...typeSection(name, name.endsWith('Options')), '']),
  ].join('\n');
}

function contents(): string[] {
  return Object.keys(KINDS)
    .map((kind) => `- [${kind}](#${kind.toLowerCase()})`)
    .concat([
      '- [Parts of props](#parts-of-props), [problems](#problems), [functions and classes](#functions-and-classes), [other types](#other-types)',
    ]);
}

function isValue(symbol: ts.Symbol): boolean {
  return (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class | ts.SymbolFlags.Variable)) !== 0;
}

/** Interfaces and aliases that the props of constructs are made of, in the order in which they are met. */
function partsOfProps(): string[] {
  const props = Object.values(KINDS);
  const parts: string[] = [];
  const queue = props.flatMap(mentioned);
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (parts.includes(name) || props.includes(name) || !isPlainType(name)) continue;
    parts.push(name);
    queue.push(...mentioned(name));
  }
  return parts;
}

function isPlainType(name: string): boolean {
  const symbol = typeNamed(name);
  return symbol !== undefined && !isValue(symbol) && docOf(symbol) !== '';
}

function constructSection(kind: string, props: string): string[] {
  const symbol = exported().get(kind);
  if (!symbol) throw new Error(`${kind} is not exported`);
  const declaration = symbol.declarations!.find(ts.isClassDeclaration)!;
  const constructor = declaration.members.find(ts.isConstructorDeclaration)!;
  const words = constructor.parameters.map(({ name }) => name.getText());
  const id = ts.getJSDocTags(constructor).find((tag) => ts.isJSDocParameterTag(tag));
  const first = kind === 'Stack' ? "'shop'" : "stack, 'id'";
  return [
    `### ${kind}`,
    '',
    docOf(symbol),
    '',
    `${code(`new ${kind}(${first}${words.includes('props') ? ', { … }' : ''})`)}${id?.comment ? `; ${String(id.name.getText())}: ${commentOf(id)}` : ''}`,
    '',
    ...interfaceProps(props).flatMap((prop) => [
      ...propSection(kind, prop),
      ...supportLines(kind as keyof SupportTable, prop.name),
      '',
    ]),
  ];
}

function commentOf({ comment }: ts.JSDocTag): string {
  return typeof comment === 'string' ? comment : (ts.getTextOfJSDocComment(comment) ?? '');
}

function propSection(owner: string, { name, type, text, isOptional, default: normal }: Documented): string[] {
  const says = normal?.startsWith('- ')
    ? normal.slice(2).replace(/\n/g, ' ')
    : normal === undefined
      ? undefined
      : code(normal);
  const rest = isOptional ? (says === undefined ? 'optional' : `default: ${says}`) : 'required';
  return [`#### ${owner}.${name}`, '', `${code(type)}, ${rest}`, '', text, ''];
}

function supportLines(kind: keyof SupportTable, prop: string): string[] {
  return targets.map(({ name, support }) => {
    const entry = (support[kind] as Readonly<Record<string, unknown>>)[prop];
    return `- ${code(name)}: ${howOf(entry)}`;
  });
}

function howOf(entry: unknown): string {
  if (typeof entry === 'function') return '*depends*';
  if (entry === 'problem') return '*problem*';
  const { how, by } = entry as { how: string; by: string };
  return `*${how}*, ${by}`;
}

/** A member of what the library returns, which nobody has to give. */
function memberSection(owner: string, { name, type, text }: Documented): string[] {
  return [`- ${code(`${owner}.${name}`)}: ${code(type)}${text === '' ? '' : `; ${text.replace(/\n+/g, ' ')}`}`];
}

function typeSection(name: string, isGiven = true): string[] {
  const symbol = typeNamed(name);
  if (!symbol) throw new Error(`there is no type ${name}`);
  const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
  const head = [`### ${name}`, '', docOf(symbol), ''];
  if (alias) return [...head, code(withoutComments(alias.type.getText())), ''];
  return [
    ...head,
    ...interfaceProps(name).flatMap((prop) => (isGiven ? propSection(name, prop) : memberSection(name, prop))),
  ];
}

function valueSection(name: string, symbol: ts.Symbol): string[] {
  const declaration = symbol.declarations![0]!;
  const head = [`### ${name}`, '', docOf(symbol), ''];
  if (ts.isFunctionDeclaration(declaration)) return [...head, code(signatureOf(declaration)), ''];
  if (!ts.isClassDeclaration(declaration)) return head;
  const members = declaration.members.filter(
    (member) =>
      ts.isMethodDeclaration(member) &&
      !ts
        .getModifiers(member)
        ?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword),
  ) as ts.MethodDeclaration[];
  return [...head, ...members.flatMap((member) => memberLines(member)), ''];
}

function memberLines(member: ts.MethodDeclaration): string[] {
  const isStatic = ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
  const text = textOf([{ kind: 'text', text: ts.getJSDocCommentsAndTags(member).map(plain).join(' ') }]) ?? '';
  return [
    `- ${code(`${isStatic ? 'static ' : ''}${signatureOf(member)}`)}${text === '' ? '' : `: ${text.replace(/\s+/g, ' ')}`}`,
  ];
}

function plain(node: ts.JSDoc | ts.JSDocTag): string {
  return ts.getTextOfJSDocComment(node.comment) ?? '';
}

function signatureOf({
  name,
  typeParameters,
  parameters,
  type,
}: ts.FunctionDeclaration | ts.MethodDeclaration): string {
  const generic = typeParameters ? `<${typeParameters.map((one) => one.getText()).join(', ')}>` : '';
  const list = parameters.map((one) => one.getText()).join(', ');
  return withoutComments(`${name?.getText()}${generic}(${list})${type ? `: ${type.getText()}` : ''}`);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s+/g, ' ');
}
