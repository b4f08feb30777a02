import { meanings, type Modules, type Where } from './modules.js';
import type { Binding, PythonClass, PythonFunction, PythonModule } from './python-module.js';
import type { CallExpression, Expression } from './syntax.js';

export type Framework = 'FastAPI' | 'Starlette' | 'Litestar' | 'Quart';

/** An application as the code makes it. */
export interface Instance {
  readonly framework: Framework;
  readonly path: string;
  readonly line: number;
  /** The call that makes it. */
  readonly call: CallExpression;
}

const CLASSES: Readonly<Record<string, Framework>> = {
  FastAPI: 'FastAPI',
  'fastapi.FastAPI': 'FastAPI',
  'fastapi.applications.FastAPI': 'FastAPI',
  Starlette: 'Starlette',
  'starlette.applications.Starlette': 'Starlette',
  Litestar: 'Litestar',
  'litestar.Litestar': 'Litestar',
  'litestar.app.Litestar': 'Litestar',
  Quart: 'Quart',
  'quart.Quart': 'Quart',
  'quart.app.Quart': 'Quart',
};

/** How far one thing is followed to another. */
const DEEPEST = 12;

/** The application that a name stands for. */
export function tryInstance(modules: Modules, name: string, where: Where, depth = 0): Instance | undefined {
  if (depth > DEEPEST) return undefined;
  for (const meaning of meanings(modules, name, where)) {
    if (meaning.kind !== 'own' || meaning.rest !== '') continue;
    const found = instanceOf(modules, meaning.binding, { module: meaning.module, scope: meaning.scope }, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function instanceOf(modules: Modules, { value, line }: Binding, where: Where, depth: number): Instance | undefined {
  if (value.kind === 'import' || value.kind === 'function' || value.kind === 'class') return undefined;
  const found = madeBy(modules, value, where, depth);
  return found && { ...found, path: where.module.path, line };
}

/** The application that an expression makes. */
function madeBy(modules: Modules, value: Expression, where: Where, depth: number): Instance | undefined {
  if (value.kind === 'name') return tryInstance(modules, value.name, where, depth);
  if (value.kind !== 'call' || value.callee === '') return undefined;
  const framework = tryFramework(modules, value.callee, where, depth);
  if (framework) return { framework, path: where.module.path, line: value.line, call: value };
  for (const meaning of meanings(modules, value.callee, where)) {
    if (meaning.kind !== 'own' || meaning.binding.value.kind !== 'function') continue;
    const found = returnedBy(modules, meaning.binding.value.function, meaning.module, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** The framework whose application class a name stands for, or a class derived from it. */
function tryFramework(modules: Modules, name: string, where: Where, depth = 0): Framework | undefined {
  if (depth > DEEPEST) return undefined;
  for (const meaning of meanings(modules, name, where)) {
    const found =
      meaning.kind === 'foreign'
        ? CLASSES[meaning.name]
        : meaning.binding.value.kind === 'class'
          ? ofBases(modules, meaning.binding.value.class, meaning.module, depth + 1)
          : undefined;
    if (found) return found;
  }
  return undefined;
}

function ofBases(modules: Modules, { bases }: PythonClass, module: PythonModule, depth: number): Framework | undefined {
  return bases.map((base) => tryFramework(modules, base, { module }, depth)).find((found) => found !== undefined);
}

/** The application that a function returns. */
export function returnedBy(
  modules: Modules,
  made: PythonFunction,
  module: PythonModule,
  depth = 0,
): Instance | undefined {
  if (depth > DEEPEST || made.isAsync) return undefined;
  const found = made.returns.map((value) => madeBy(modules, value, { module, scope: made }, depth + 1)).find(Boolean);
  if (found) return found;
  const framework = made.annotation === undefined ? undefined : tryFramework(modules, made.annotation, { module });
  const call: CallExpression = { kind: 'call', callee: '', arguments: [], line: made.line };
  return framework && { framework, path: module.path, line: made.line, call };
}
