import { parse, TomlError } from 'smol-toml';
import { table, text, type Table } from '../files.js';
import { tryInstance, type Instance } from './instances.js';
import { namesOf, type Modules } from './modules.js';
import type { PythonModule } from './python-module.js';
import { folderOf, inside, placeIn, type Project } from './project.js';

/** What `fastapi run` would start in a folder. */
export interface FastapiChoice {
  /** `package.module:attribute`. */
  readonly importString: string;
  /** Folder from which it is imported; absent where that is above the project. */
  readonly importFolder: string | undefined;
  /** File of the module; absent where an entry point names something that is not there. */
  readonly file: string | undefined;
  readonly instance: Instance | undefined;
  readonly from: string;
}

/** https://github.com/fastapi/fastapi-cli/blob/main/src/fastapi_cli/discover.py */
const DEFAULT_FILES = ['main.py', 'app.py', 'api.py', 'app/main.py', 'app/app.py', 'app/api.py'];

/** Finds the application by the rules of fastapi-cli, without running it. */
export function fastapiChoice(modules: Modules, folder: string): FastapiChoice | undefined {
  return byEntryPoint(modules, folder) ?? byDefaultFile(modules, folder);
}

/** An entry point is believed without a look. */
function byEntryPoint(modules: Modules, folder: string): FastapiChoice | undefined {
  const { project } = modules;
  const pyproject = inside(folder, 'pyproject.toml');
  const entry = text(table(tryToml(project, pyproject), 'tool', 'fastapi'), 'entrypoint');
  const [name = '', attribute = ''] = entry?.split(':') ?? [];
  if (entry === undefined || name === '' || attribute === '') return undefined;
  const file = [folder, inside(folder, 'src')]
    .flatMap((root) => [
      `${inside(root, name.replaceAll('.', '/'))}.py`,
      inside(root, `${name.replaceAll('.', '/')}/__init__.py`),
    ])
    .find((path) => project.files.has(path));
  const module = modules.tryModule(file ?? '');
  return {
    importString: entry,
    importFolder: folder,
    file,
    instance: module && tryInstance(modules, attribute, { module }),
    from: placeIn(project, pyproject, /^\s*entrypoint\s*=/),
  };
}

function byDefaultFile(modules: Modules, folder: string): FastapiChoice | undefined {
  const file = DEFAULT_FILES.map((name) => inside(folder, name)).find((path) => modules.project.files.has(path));
  const module = modules.tryModule(file ?? '');
  if (file === undefined || !module) return undefined;
  const name = nameOfInstance(modules, module);
  const instance = name === undefined ? undefined : tryInstance(modules, name, { module });
  if (name === undefined || !instance) return undefined;
  return { ...importOf(modules.project, file, name), file, instance, from: `${instance.path}:${instance.line}` };
}

/** `app`, then `api`, then whatever `dir()` lists first. */
function nameOfInstance(modules: Modules, module: PythonModule): string | undefined {
  const names = namesOf(modules, module);
  return ['app', 'api', ...names].find(
    (name) => names.includes(name) && tryInstance(modules, name, { module })?.framework === 'FastAPI',
  );
}

/** The module is named from the outermost package that it is in, which may begin above the project. */
export function importOf(
  project: Project,
  file: string,
  attribute: string,
): Pick<FastapiChoice, 'importString' | 'importFolder'> {
  const own = file
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .split('/');
  const folders = packagesOf(project, file);
  const isOuter = folders.includes('.') && project.outerPackages.length > 0;
  const names = isOuter
    ? [...project.outerPackages, ...own]
    : own.slice(own.length - 1 - folders.filter((one) => one !== '.').length);
  return {
    importString: `${names.join('.')}:${attribute}`,
    importFolder: isOuter ? undefined : inside('.', own.slice(0, own.length - names.length).join('/') || '.'),
  };
}

/** Folders around a module that are packages, without a gap. */
function packagesOf(project: Project, file: string): string[] {
  const start = file.endsWith('/__init__.py') ? folderOf(folderOf(file)) : folderOf(file);
  const found: string[] = [];
  for (let folder = start; project.files.has(inside(folder, '__init__.py')); folder = folderOf(folder)) {
    found.push(folder);
    if (folder === '.') break;
  }
  return found;
}

/** A TOML file of the project; empty where it is none, which whoever builds it says. */
export function tryToml(project: Project, path: string): Table {
  try {
    return parse(project.files.get(path) ?? '');
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return {};
  }
}
