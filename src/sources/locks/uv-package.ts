import { table, tables, text, type Table } from '../files.js';

/** A `[[package]]` of uv.lock. */
export interface UvPackage {
  readonly name: string;
  /** Absent where the version is dynamic. */
  readonly version: string | undefined;
  readonly source: Table;
  readonly dependencies: readonly UvDependency[];
  /** Dependencies by extra. */
  readonly extras: Readonly<Record<string, readonly UvDependency[]>>;
}

export interface UvDependency {
  readonly name: string;
  readonly version: string | undefined;
  readonly extras: readonly string[];
  readonly marker: string | undefined;
}

/** Packages of a uv.lock, in its order. */
export function uvPackages(lock: Table): UvPackage[] {
  return tables(lock, 'package').map((item) => ({
    name: text(item, 'name') ?? '',
    version: text(item, 'version'),
    source: table(item, 'source'),
    dependencies: dependencies(item, 'dependencies'),
    extras: extras(table(item, 'optional-dependencies')),
  }));
}

/** Folder, or archive, that a package comes from, relative to the lock file; undefined for one from an index. */
export function localPath({ source }: UvPackage): string | undefined {
  return text(source, 'virtual') ?? installedPath({ source });
}

/** The same, for a package that is installed from there: a virtual one only brings its dependencies. */
export function installedPath({ source }: Pick<UvPackage, 'source'>): string | undefined {
  return text(source, 'editable') ?? text(source, 'directory') ?? text(source, 'path');
}

function extras(optional: Table): Record<string, UvDependency[]> {
  return Object.fromEntries(Object.keys(optional).map((extra) => [extra, dependencies(optional, extra)]));
}

function dependencies(parent: Table, key: string): UvDependency[] {
  return tables(parent, key).map((item) => ({
    name: text(item, 'name') ?? '',
    version: text(item, 'version'),
    extras: Array.isArray(item['extra']) ? item['extra'].map(String) : [],
    marker: text(item, 'marker'),
  }));
}
