import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

/** What a docstring says. */
export interface Documented {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly text: string;
  /** What `@default` says, `2` or `- detected`. */
  readonly default: string | undefined;
}

let cached: { readonly program: ts.Program; readonly checker: ts.TypeChecker } | undefined;

/** The sources, parsed once. */
function compiled() {
  return (cached ??= compile());
}

function compile() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([join(root, 'src/index.ts'), join(root, 'src/targets/support.ts')], options);
  return { program, checker: program.getTypeChecker() };
}

/** What `src/index.ts` exports, by name. */
export function exported(): ReadonlyMap<string, ts.Symbol> {
  const { checker } = compiled();
  return new Map(exportsOf('src/index.ts').map((symbol) => [symbol.name, resolve(symbol, checker)]));
}

function exportsOf(path: string): ts.Symbol[] {
  const { program, checker } = compiled();
  const source = program.getSourceFile(join(root, path));
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${path} exports nothing`);
  return checker.getExportsOfModule(module);
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The kinds that every target says something of, `AsgiApp` to `AsgiAppProps`. */
function kindsOf(): Record<string, string> {
  const { checker } = compiled();
  const table = exportsOf('src/targets/support.ts').find(({ name }) => name === 'SupportTable')!;
  return Object.fromEntries(
    checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(table)).map((kind) => {
      const { type } = kind.declarations![0] as ts.PropertySignature;
      const [props] = (type as ts.TypeReferenceNode).typeArguments!;
      return [kind.name, props!.getText()];
    }),
  );
}

/** An interface or an alias that the library exports, or that an exported one names. */
export function typeNamed(name: string): ts.Symbol | undefined {
  const found = exported().get(name);
  if (found) return found;
  const { program } = compiled();
  for (const source of program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(root, 'src/model/'))))
    for (const statement of source.statements)
      if (
        (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
        statement.name.text === name
      )
        return compiled().checker.getSymbolAtLocation(statement.name);
  return undefined;
}

/** The members of an interface with their docstrings, those that it inherits as well. */
export function interfaceProps(name: string): Documented[] {
  const symbol = typeNamed(name);
  if (!symbol) throw new Error(`there is no ${name}`);
  const { checker } = compiled();
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map(documented);
}

function documented(symbol: ts.Symbol): Documented {
  const declaration = symbol.declarations![0] as ts.PropertySignature;
  const tags = symbol.getJsDocTags();
  return {
    name: symbol.name,
    type: (declaration.type?.getText() ?? 'unknown').replace(/\s+/g, ' '),
    isOptional: declaration.questionToken !== undefined,
    text: docOf(symbol),
    default: textOf(tags.find((tag) => tag.name === 'default')?.text),
  };
}

/** The sentences of a docstring, each paragraph in one line. */
export function docOf(symbol: ts.Symbol): string {
  return (textOf(symbol.getDocumentationComment(compiled().checker)) ?? '')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, ' '))
    .join('\n\n');
}

export function textOf(parts: ts.SymbolDisplayPart[] | undefined): string | undefined {
  return parts && ts.displayPartsToString(parts).replace(/[ \t]*\n[ \t]*/g, '\n');
}

/** Names of types that a symbol's declaration mentions. */
export function mentioned(name: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node)) names.push(node.typeName.getText());
    if (ts.isExpressionWithTypeArguments(node)) names.push(node.expression.getText());
    ts.forEachChild(node, visit);
  };
  for (const declaration of typeNamed(name)?.declarations ?? []) visit(declaration);
  return [...new Set(names)];
}

/** Kinds of constructs, with the name of their props. */
export const KINDS: Readonly<Record<string, string>> = kindsOf();
