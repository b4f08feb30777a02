import { join } from 'node:path';
import type { ContextDigest } from './digest.js';
import { readToml, type Table } from './files.js';
import type { SourceComplaint } from './source.js';

/** What one synthesis has read already: many apps may share a folder. */
export interface SourceCache {
  /** By context and ignored paths. */
  readonly digests: Map<string, ContextDigest>;
  /** Parsed TOML files by path. */
  readonly tables: Map<string, Table>;
}

export function sourceCache(): SourceCache {
  return { digests: new Map(), tables: new Map() };
}

/** Reads TOML files, each once. */
export function tomlReader({ tables }: SourceCache, complaints: SourceComplaint[]) {
  return (folder: string, file: string): Table => {
    const path = join(folder, file);
    const known = tables.get(path);
    if (known) return known;
    const before = complaints.length;
    const content = readToml(folder, file, complaints);
    // A broken file is complained of for every app that needs it.
    if (complaints.length === before) tables.set(path, content);
    return content;
  };
}
