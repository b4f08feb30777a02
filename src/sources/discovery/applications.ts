import { fastapiChoice, importOf, type FastapiChoice } from './fastapi-cli.js';
import { returnedBy, tryInstance, type Framework, type Instance } from './instances.js';
import { packageRoot, tryImport, type Modules } from './modules.js';
import { folderOf, inside, isBelow, isTest, pathFrom, upwards, type Project } from './project.js';
import type { PythonModule } from './python-module.js';

/** An application that was found, as an `AsgiApp` names it. */
export interface Application {
  readonly framework: Framework | undefined;
  /** Folder with the code and its lock file, relative to the project. */
  readonly source: string;
  /** Import string. */
  readonly module: string;
  readonly factory: boolean;
  /** File with the application; absent where an entry point names something that is not there. */
  readonly file: string | undefined;
  readonly instance: Instance | undefined;
  readonly from: string;
  /** Folder below the source that must be importable from as well, since the code says `import sibling`. */
  readonly pythonPath: string | undefined;
}

/** Every application of a project, the likeliest first: what `fastapi run` would start, then instances, then factories. */
export function findApplications(modules: Modules): Application[] {
  const chosen = rootsOf(modules.project).flatMap((root) => {
    const choice = fastapiChoice(modules, root);
    return choice?.importFolder === undefined ? [] : [chosenApplication(modules.project, choice, root)];
  });
  const all = [...chosen, ...searched(modules)];
  return all.filter(
    (one, index) =>
      all.findIndex(
        ({ source, module, file }) => module === one.module && (source === one.source || file === one.file),
      ) === index,
  );
}

/** The application that `fastapi run` would start, but whose package begins above the project. */
export function outerApplication(modules: Modules): FastapiChoice | undefined {
  const choice = fastapiChoice(modules, '.');
  return choice && choice.importFolder === undefined ? choice : undefined;
}

const MARKERS = [
  'pyproject.toml',
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'pylock.toml',
  'requirements.txt',
  'Pipfile',
  'setup.py',
];
const USUAL = ['backend', 'server', 'api', 'service', 'web'];

/** Folders in which somebody would run `fastapi`: this one first, then those that look like projects of their own, what is near first. */
function rootsOf(project: Project): string[] {
  const folders = [...project.files.keys()].flatMap((path) => upwards(folderOf(path)));
  const roots = [...new Set(folders)].filter(
    (folder) =>
      folder === '.' ||
      isMarked(project, folder) ||
      (USUAL.includes(folder) && !project.files.has(`${folder}/__init__.py`)),
  );
  const rank = (folder: string) => (folder === '.' ? 0 : folder.split('/').length + (USUAL.includes(folder) ? 0 : 0.5));
  return roots.filter((folder) => !isTest(`${folder}/`)).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function isMarked(project: Project, folder: string): boolean {
  return MARKERS.some((name) => project.files.has(inside(folder, name)));
}

function chosenApplication(project: Project, choice: FastapiChoice, root: string): Application {
  const { instance, from, file } = choice;
  const [, attribute = ''] = choice.importString.split(':');
  const isEntry = file === undefined || choice.importFolder === root;
  const place = isEntry ? { source: root, module: choice.importString, pythonPath: undefined } : undefined;
  const placed =
    place && (file === undefined || isMarked(project, root) || packageRoot(project, file) === root)
      ? place
      : placement(project, file ?? '', attribute);
  return { framework: instance?.framework, ...placed, factory: false, file, instance, from };
}

/** Where a module is imported from: the nearest folder around its package that is a project. */
export function placement(
  project: Project,
  file: string,
  attribute: string,
): Pick<Application, 'source' | 'module' | 'pythonPath'> {
  const top = packageRoot(project, file);
  const marked = upwards(top).find((folder) => isMarked(project, folder));
  const bare = top === 'src' || top.endsWith('/src') ? folderOf(top) : top;
  const source = marked ?? bare;
  const root = isBelow(inside(source, 'src'), file) ? inside(source, 'src') : source;
  const name = pathFrom(root, file)
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)) {
    const { importString } = importOf(project, file, attribute);
    return { source: top, module: importString, pythonPath: undefined };
  }
  const extra = top !== root && importsSiblings(project, file, top) ? pathFrom(source, top) : undefined;
  return { source, module: `${name}:${attribute}`, pythonPath: extra };
}

/** Whether a file says `import settings` of a file beside it, which works only where its own folder is on the path. */
function importsSiblings(project: Project, file: string, top: string): boolean {
  const files = new Map([...project.files].filter(([path]) => !isBelow(top, path)));
  const outside: Project = { ...project, files };
  const isBeside = (name: string) =>
    [`${name}.py`, `${name}/__init__.py`].some((one) => project.files.has(inside(top, one)));
  const names = (project.files.get(file) ?? '').matchAll(/^\s*(?:from|import)\s+([A-Za-z_]\w*)/gm);
  return [...names].some(([, name = '']) => isBeside(name) && tryImport(outside, file, name) === undefined);
}

/** What lies in none of the usual places: instances of any framework first, then functions that make one. */
function searched(modules: Modules): Application[] {
  const paths = [...modules.project.files.keys()].filter((path) => path.endsWith('.py') && !isTest(path));
  const files = paths.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  const parsed = files.flatMap((path) => {
    const text = modules.project.files.get(path) ?? '';
    // Most files make no application, and parsing them all would take seconds.
    return MAKES.test(text) ? (modules.tryModule(path) ?? []) : [];
  });
  return [
    ...parsed.flatMap((module) => instancesIn(modules, module)),
    ...parsed.flatMap((module) => factoriesIn(modules, module)),
  ];
}

const MAKES = /FastAPI|Starlette|Litestar|Quart|_app\b|application/;
const LIKELY = ['main', 'app', 'asgi', 'api', 'server', 'application', '__init__', 'factory'];

/** What is near and named as applications are comes first. */
function rankOf(path: string): number {
  const name = path.split('/').at(-1)?.replace(/\.py$/, '') ?? '';
  const named = LIKELY.indexOf(name);
  return path.split('/').length * LIKELY.length + (named === -1 ? LIKELY.length : named);
}

function instancesIn(modules: Modules, module: PythonModule): Application[] {
  const names = [...new Set(module.bindings.filter(({ value }) => value.kind !== 'import').map(({ name }) => name))];
  const ranked = names.toSorted((a, b) => attributeRank(a) - attributeRank(b));
  return ranked.flatMap((name) => {
    const instance = tryInstance(modules, name, { module });
    return instance ? [found(modules.project, module.path, { name, instance, factory: false })] : [];
  });
}

function attributeRank(name: string): number {
  const index = ['app', 'api', 'application', 'asgi'].indexOf(name);
  return index === -1 ? 9 : index;
}

/** Functions without parameters that return an application; a decorated one is somebody else's. */
function factoriesIn(modules: Modules, module: PythonModule): Application[] {
  const made = module.functions.filter(
    ({ outer, isDecorated, parameters }) => !outer && !isDecorated && parameters.every(({ required }) => !required),
  );
  const own = made.filter((one) =>
    module.bindings.some(({ value }) => value.kind === 'function' && value.function === one),
  );
  return own.flatMap((one) => {
    const instance = returnedBy(modules, one, module);
    const at = instance && { ...instance, path: module.path, line: one.line };
    return at ? [found(modules.project, module.path, { name: one.name, instance: at, factory: true })] : [];
  });
}

function found(
  project: Project,
  file: string,
  { name, instance, factory }: { readonly name: string; readonly instance: Instance; readonly factory: boolean },
): Application {
  const { framework, path, line } = instance;
  return { framework, ...placement(project, file, name), factory, file, instance, from: `${path}:${line}` };
}
