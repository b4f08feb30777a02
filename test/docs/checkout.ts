import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const LIST = 'src/targets/index.ts';

/** Whether a folder is a copy of this project that a page has changed: its command has to run its own sources then. */
export function isChanged(folder: string): boolean {
  const own = statSync(join(folder, LIST), { throwIfNoEntry: false });
  return own !== undefined && readFileSync(join(folder, LIST), 'utf8') !== readFileSync(join(root, LIST), 'utf8');
}

/** Builds a changed copy as fast as can be: types are checked elsewhere. Its command runs the build while no source is newer. */
export function build(folder: string): void {
  for (const name of readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(folder, 'src', name), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    const path = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, outputText);
  }
  cpSync(join(folder, 'src/formats/python'), join(folder, 'dist/formats/python'), { recursive: true });
}
