import type { SourceReading, SourceRequest } from './source.js';

/** What one synthesis has read already: many apps may share a folder. */
export interface SourceCache {
  readonly digests: Map<string, string>;
}

export function sourceCache(): SourceCache {
  return { digests: new Map() };
}

/** Reads a source folder once, into data. Never throws for what the user did: that comes as complaints. */
export function readSource(request: SourceRequest, cache: SourceCache = sourceCache()): SourceReading {
  void request;
  void cache;
  return { complaints: [] };
}
