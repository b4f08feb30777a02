import { table, text, texts, type Table } from '../files.js';
import { tryToml } from './fastapi-cli.js';
import { folderOf, inside, placeIn, type Finding, type Project } from './project.js';

/** Packages that an application asks for, by normalized name: with their extras, and where they are asked for. */
export type Dependencies = ReadonlyMap<string, Finding>;

/** What the files of a source folder ask for, what is only there for development left out. */
export function dependenciesOf(project: Project, folder: string): Dependencies {
  const pyproject = inside(folder, 'pyproject.toml');
  const content = tryToml(project, pyproject);
  const found = new Map<string, Finding>();
  const add = (requirement: string, file: string) => {
    const [, name, extras = ''] = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?/.exec(requirement) ?? [];
    if (name === undefined) return;
    const line = new RegExp(`^\\s*["']?${name.replaceAll('.', '\\.')}["']?\\s*($|[\\[=<>~!;"',@ ])`, 'i');
    const key = name.toLowerCase().replaceAll(/[-_.]+/g, '-');
    if (!found.has(key)) found.set(key, { value: extras, from: placeIn(project, file, line) });
  };
  for (const requirement of declared(content)) add(requirement, pyproject);
  for (const { line, file } of requirementLines(project, folder)) add(line, file);
  return found;
}

function declared(pyproject: Table): string[] {
  const poetry = table(pyproject, 'tool', 'poetry', 'dependencies');
  return [
    ...(texts(table(pyproject, 'project'), 'dependencies') ?? []),
    ...Object.keys(poetry).map((name) => `${name}[${(texts(table(poetry, name), 'extras') ?? []).join(',')}]`),
  ].filter((requirement) => !/^python\b(?!-)/.test(requirement));
}

interface Line {
  readonly line: string;
  readonly file: string;
}

function requirementLines(project: Project, folder: string): Line[] {
  const pipfile = inside(folder, 'Pipfile');
  return [
    ...['requirements.in', 'requirements.txt'].flatMap((name) => linesOf(project, inside(folder, name), [])),
    ...Object.keys(table(tryToml(project, pipfile), 'packages')).map((line) => ({ line, file: pipfile })),
  ];
}

function linesOf(project: Project, file: string, seen: readonly string[]): Line[] {
  if (seen.includes(file)) return [];
  return (project.files.get(file) ?? '').split('\n').flatMap((line) => {
    const included = /^\s*(?:-r\s*|--requirement[= ]\s*)(\S+)/.exec(line)?.[1];
    if (included !== undefined) return linesOf(project, inside(folderOf(file), included), [...seen, file]);
    return /^\s*[A-Za-z0-9]/.test(line) ? [{ line, file }] : [];
  });
}

/** The name that a project gives itself. */
export function nameOf(project: Project, folder: string): Finding | undefined {
  const file = inside(folder, 'pyproject.toml');
  const content = tryToml(project, file);
  const name = text(table(content, 'project'), 'name') ?? text(table(content, 'tool', 'poetry'), 'name');
  return name === undefined ? undefined : { value: name, from: placeIn(project, file, /^\s*name\s*=/) };
}
