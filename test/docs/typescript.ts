import { join } from 'node:path';
import ts from 'typescript';
import * as ours from '../../src/index.js';

const root = join(import.meta.dirname, '../..');

/** Values that the library exports. */
export function library(): string[] {
  return Object.keys(ours);
}

/** What the compiler says of files, as strictly as of ours, but for what an example leaves unused. */
export function typeErrors(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(files, {
    ...options,
    noEmit: true,
    // A project of a user has a package.json and settings of its own.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    verbatimModuleSyntax: false,
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
    typeRoots: [join(root, 'node_modules/@types')],
    paths: { 'asgi-synth': [join(root, 'src/index.ts')] },
  });
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return source === undefined
      ? [`${file} was not read`]
      : [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(said);
  });
}

function said({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}
