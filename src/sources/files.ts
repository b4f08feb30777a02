import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { SourceComplaint } from './source.js';

/** A table of a TOML file, whose shape nobody has checked yet. */
export type Table = Readonly<Record<string, unknown>>;

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Text of a file, or undefined where there is none that can be read. */
export function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}

/** Path from one folder to another, with slashes on every machine; `.` for itself. */
export function pathBetween(from: string, to: string): string {
  return relative(from, to).split(sep).join('/') || '.';
}

/** A TOML file as a table; empty where there is none. A mistake in it becomes a complaint, with its line. */
export function readToml(folder: string, file: string, complaints: SourceComplaint[]): Table {
  const text = tryRead(join(folder, file));
  if (text === undefined) return {};
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
    complaints.push({
      prop: 'source',
      message: `${file} is not TOML at line ${error.line}, column ${error.column}: ${reason}; mend it, or let your package manager write it anew`,
    });
    return {};
  }
}

/** The table under `keys`, or an empty one. */
export function table(parent: Table, ...keys: string[]): Table {
  return keys.reduce<Table>((current, key) => asTable(current[key]), parent);
}

/** The tables of an array of tables, or none. */
export function tables(parent: Table, key: string): Table[] {
  const value = parent[key];
  return Array.isArray(value) ? value.map(asTable) : [];
}

export function text(parent: Table, key: string): string | undefined {
  const value = parent[key];
  return typeof value === 'string' ? value : undefined;
}

export function texts(parent: Table, key: string): string[] | undefined {
  const value = parent[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function asTable(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}
