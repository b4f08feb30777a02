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

/** Packages of a uv.lock by name, in its order. Hundreds of apps may share one lock, so each is looked through once. */
export function uvPackages(lock: Table): ReadonlyMap<string, readonly UvPackage[]> {
  const known = indexes.get(lock);
  if (known) return known;
  const index = new Map<string, UvPackage[]>();
  for (const item of tables(lock, 'package').map(readPackage))
    index.set(item.name, [...(index.get(item.name) ?? []), item]);
  indexes.set(lock, index);
  return index;
}

const indexes = new WeakMap<Table, ReadonlyMap<string, readonly UvPackage[]>>();

function readPackage(item: Table): UvPackage {
  return {
    name: text(item, 'name') ?? '',
    version: text(item, 'version'),
    source: table(item, 'source'),
    dependencies: dependencies(item, 'dependencies'),
    extras: extras(table(item, 'optional-dependencies')),
  };
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
