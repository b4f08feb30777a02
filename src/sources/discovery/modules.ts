import { parsePython } from './parse-python.js';
import type { Binding, PythonFunction, PythonModule } from './python-module.js';
import { folderOf, inside, upwards, type Project } from './project.js';

/** The Python files of a project, each parsed once, when somebody asks. */
export interface Modules {
  readonly project: Project;
  tryModule(path: string): PythonModule | undefined;
}

export function modulesOf(project: Project): Modules {
  const parsed = new Map<string, PythonModule>();
  return {
    project,
    tryModule(path) {
      const text = path.endsWith('.py') ? project.files.get(path) : undefined;
      if (text === undefined) return undefined;
      const module = parsed.get(path) ?? parsePython(path, text);
      parsed.set(path, module);
      return module;
    },
  };
}

/** What a dotted name means: something in a file of the project, or the full name of something of others. */
export type Meaning =
  | {
      readonly kind: 'own';
      readonly module: PythonModule;
      readonly binding: Binding;
      readonly scope: PythonFunction | undefined;
      /** What is left of the name behind the binding. */
      readonly rest: string;
    }
  | { readonly kind: 'foreign'; readonly name: string };

export interface Where {
  readonly module: PythonModule;
  readonly scope?: PythonFunction | undefined;
}

/** Every meaning a name may have, the likeliest first: below an `if`, more than one is possible. */
export function meanings(modules: Modules, name: string, where: Where, seen: readonly string[] = []): Meaning[] {
  const [first = '', ...others] = name.split('.');
  const rest = others.join('.');
  for (let scope = where.scope; scope; scope = scope.outer) {
    const found = possible(scope.bindings, first);
    if (found.length > 0) return found.flatMap((binding) => follow(modules, { ...where, scope, binding, rest, seen }));
    if (scope.parameters.some((parameter) => parameter.name === first)) return [];
  }
  const found = possible(where.module.bindings, first);
  if (found.length > 0)
    return found.flatMap((binding) => follow(modules, { module: where.module, scope: undefined, binding, rest, seen }));
  return throughStars(modules, name, { module: where.module, seen });
}

/** The last binding of a name holds; one below an `if` may not. */
function possible(bindings: readonly Binding[], name: string): Binding[] {
  const all = bindings.filter((binding) => binding.name === name).toReversed();
  const sure = all.findIndex(({ conditional }) => !conditional);
  return sure === -1 ? all : all.slice(0, sure + 1);
}

interface Step {
  readonly module: PythonModule;
  readonly scope: PythonFunction | undefined;
  readonly binding: Binding;
  readonly rest: string;
  readonly seen: readonly string[];
}

function follow(modules: Modules, { module, scope, binding, rest, seen }: Step): Meaning[] {
  const { value } = binding;
  if (value.kind !== 'import') return [{ kind: 'own', module, binding, scope, rest }];
  const dotted = [value.name, rest].filter(Boolean).join('.');
  return imported(modules, { module, from: value.module, name: dotted, seen });
}

interface Import {
  readonly module: PythonModule;
  readonly from: string;
  /** Name inside of what is imported; empty for the module itself. */
  readonly name: string;
  readonly seen: readonly string[];
}

function imported(modules: Modules, { module, from, name, seen }: Import): Meaning[] {
  const key = `${module.path} ${from} ${name}`;
  if (seen.includes(key)) return [];
  const target = tryImport(modules.project, module.path, from);
  if (target === undefined) return [{ kind: 'foreign', name: `${from}.${name}`.replace(/\.$/, '') }];
  const file = modules.tryModule(target.file ?? '');
  const found = file && name !== '' ? meanings(modules, name, { module: file }, [...seen, key]) : [];
  if (found.some((meaning) => meaning.kind === 'own' || meaning.name !== name)) return found;
  const [first = '', ...rest] = name.split('.');
  if (
    first === '' ||
    tryImport(modules.project, module.path, `${from}${from.endsWith('.') ? '' : '.'}${first}`) === undefined
  )
    return [];
  const deeper = `${from}${from.endsWith('.') ? '' : '.'}${first}`;
  return imported(modules, { module, from: deeper, name: rest.join('.'), seen: [...seen, key] });
}

/** What comes with `from x import *`; a name that nothing binds may come from anywhere. */
function throughStars(
  modules: Modules,
  name: string,
  { module, seen }: { readonly module: PythonModule; readonly seen: readonly string[] },
): Meaning[] {
  const found = module.stars
    .flatMap((from) => imported(modules, { module, from, name, seen }))
    .filter((meaning) => meaning.kind === 'own');
  return found.length > 0 ? found : [{ kind: 'foreign', name }];
}

/** Names that a module has once it is imported, as `dir()` lists them. */
export function namesOf(modules: Modules, module: PythonModule, seen: readonly string[] = []): string[] {
  if (seen.includes(module.path)) return [];
  const starred = module.stars.flatMap((from) => {
    const file = tryImport(modules.project, module.path, from)?.file;
    const target = file === undefined ? undefined : modules.tryModule(file);
    return target ? publicNames(target, namesOf(modules, target, [...seen, module.path])) : [];
  });
  return [...new Set([...module.bindings.map(({ name }) => name), ...starred])].toSorted((a, b) => (a < b ? -1 : 1));
}

function publicNames(module: PythonModule, names: readonly string[]): string[] {
  const all = module.bindings.findLast(({ name }) => name === '__all__')?.value;
  if (all?.kind !== 'list') return names.filter((name) => !name.startsWith('_'));
  return all.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
}

interface ImportTarget {
  /** Absent for a folder without an `__init__.py`. */
  readonly file: string | undefined;
}

/** Where an import of a file leads, inside the project. */
export function tryImport(project: Project, path: string, dotted: string): ImportTarget | undefined {
  const [, dots = '', name = ''] = /^(\.*)(.*)$/.exec(dotted) ?? [];
  if (dots === '') return first(importFolders(project, path).map((folder) => targetIn(project, folder, name)));
  const base = Array.from({ length: dots.length - 1 }).reduce<string>((folder) => folderOf(folder), folderOf(path));
  return targetIn(project, base, name);
}

function targetIn(project: Project, folder: string, dotted: string): ImportTarget | undefined {
  const path = inside(folder, dotted.replaceAll('.', '/') || '.');
  const file = [`${path}.py`, inside(path, '__init__.py')].find((one) => project.files.has(one));
  if (file !== undefined) return { file };
  return foldersOf(project).has(path) ? { file: undefined } : undefined;
}

const folders = new WeakMap<Project, ReadonlySet<string>>();

/** Every folder with a Python file somewhere below it. */
function foldersOf(project: Project): ReadonlySet<string> {
  const known = folders.get(project);
  if (known) return known;
  const python = [...project.files.keys()].filter((path) => path.endsWith('.py'));
  const all = new Set(python.flatMap((path) => upwards(folderOf(path))));
  folders.set(project, all);
  return all;
}

/** Folders that modules may be imported from when a file runs: that of its package, and what is above, with its `src`. */
function importFolders(project: Project, path: string): string[] {
  return upwards(packageRoot(project, path)).flatMap((folder) => [folder, inside(folder, 'src')]);
}

/** The nearest folder of a file that is no package: what Python would have on its path. */
export function packageRoot(project: Project, path: string): string {
  let folder = folderOf(path);
  while (folder !== '.' && project.files.has(inside(folder, '__init__.py'))) folder = folderOf(folder);
  return folder;
}

function first<T>(all: readonly (T | undefined)[]): T | undefined {
  return all.find((one) => one !== undefined);
}
