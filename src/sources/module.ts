import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../model/closest.js';
import { isFile, tryRead } from './files.js';
import type { SourceComplaint } from './source.js';

export interface ModuleRequest {
  /** Absolute path of the source folder. */
  readonly folder: string;
  /** Absolute paths of the folders that packages are installed from. */
  readonly members: readonly string[];
  /** Import string. */
  readonly module: string;
  readonly factory: boolean | undefined;
}

/** The folder below the source folder from which a module is imported, `.` or `src`; says what is wrong with it otherwise. */
export function importRoot(request: ModuleRequest, complaints: SourceComplaint[]): '.' | 'src' {
  const { folder, members, module } = request;
  const [name = '', attribute = ''] = module.split(':');
  const root = (['.', 'src'] as const).find((root) => moduleFile(join(folder, root), name));
  const file = moduleFile(join(folder, root ?? '.'), name);
  const installed = members.some((member) => [member, join(member, 'src')].some((place) => moduleFile(place, name)));
  if (file !== undefined) checkAttribute(request, { file, attribute }, complaints);
  else if (!installed) complaints.push({ prop: 'module', message: notFound(folder, module) });
  if (attribute.includes('.'))
    complaints.push({ id: 'module-nested', prop: 'module', flavour: 'gunicorn', message: nested(module) });
  return root ?? '.';
}

function moduleFile(root: string, name: string): string | undefined {
  const path = join(root, ...name.split('.'));
  return [`${path}.py`, join(path, '__init__.py')].find(isFile);
}

function notFound(folder: string, module: string): string {
  const name = module.split(':')[0] ?? '';
  const known = [...modulesBelow(folder), ...modulesBelow(join(folder, 'src'))];
  const near =
    closest(name, known) ?? known.find((candidate) => candidate.endsWith(`.${name}`)) ?? withApplication(folder, known);
  const file = `${name.replaceAll('.', '/')}.py`;
  const hint =
    near === undefined
      ? 'it is looked for in source and in its src folder'
      : `did you mean ${JSON.stringify(module.replace(name, near))}?`;
  return `module ${JSON.stringify(module)} names a file ${file} that source does not hold; ${hint}`;
}

/** Names of modules, as they are imported from `root`, not deeper than three. */
function modulesBelow(root: string, prefix = ''): string[] {
  const depth = prefix.split('.').length;
  const entries = tryList(root).filter((entry) => !SKIPPED.test(entry.name));
  return entries.flatMap((entry) => {
    if (entry.isFile() && entry.name.endsWith('.py'))
      return entry.name === '__init__.py' ? prefix.slice(0, -1) || [] : `${prefix}${entry.name.slice(0, -3)}`;
    return entry.isDirectory() && depth <= 3 ? modulesBelow(join(root, entry.name), `${prefix}${entry.name}.`) : [];
  });
}

const SKIPPED = /^(\.|src$|tests?$|node_modules$|venv$|__pycache__$|setup\.py$|conftest\.py$|test_)/;

function tryList(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function withApplication(folder: string, modules: readonly string[]): string | undefined {
  return modules.find((name) =>
    APPLICATION.test(tryRead(moduleFile(folder, name) ?? moduleFile(join(folder, 'src'), name) ?? '') ?? ''),
  );
}

const APPLICATION =
  /^([A-Za-z_]\w*)\s*(?::[^=\n]*)?=\s*(?:\w+\.)?(?:FastAPI|Starlette|Litestar|Quart|get_asgi_application|Sanic)\(/m;

/** A name that a module never writes down cannot be in it, unless a star imports it. */
function checkAttribute(
  { module, factory }: ModuleRequest,
  { file, attribute }: { file: string; attribute: string },
  complaints: SourceComplaint[],
): void {
  const text = tryRead(file) ?? '';
  const first = (attribute.split('.')[0] ?? '').replace(/\W/g, '');
  if (!new RegExp(`\\b${first}\\b`).test(text) && !/import\s+\*|__getattr__|globals\(\)/.test(text)) {
    const found = APPLICATION.exec(text)?.[1];
    const hint =
      found === undefined
        ? 'name the application that it makes'
        : `did you mean ${JSON.stringify(module.replace(/:.*$/, `:${found}`))}?`;
    complaints.push({
      prop: 'module',
      message: `module ${JSON.stringify(module)} names ${first}, which its file does not hold; ${hint}`,
    });
  } else if (factory === false && new RegExp(`^(async\\s+)?def\\s+${first}\\s*\\(\\s*\\)`, 'm').test(text)) {
    complaints.push({
      prop: 'factory',
      message: `module ${JSON.stringify(module)} names a function without parameters; set factory: true if it makes the application`,
    });
  }
}

function nested(module: string): string {
  const [name, attribute = ''] = module.split(':');
  const last = attribute.split('.').at(-1);
  return `module ${JSON.stringify(module)} names an attribute of an attribute, which Gunicorn cannot import; write "${last} = ${attribute}" into ${name} and name that`;
}
