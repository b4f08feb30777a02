import type { AsgiApp } from '../model/app.js';
import { defaultsOf } from '../model/defaults.js';
import type { Mistake } from '../model/mistakes.js';
import type { Stack } from '../model/stack.js';
import { configFilesOf } from '../model/tree.js';
import { sourceCache, type SourceCache } from './cache.js';
import { readConfigFiles } from './config-files.js';
import { readSource } from './read-source.js';
import type { Source, SourceReading, SourceRequest } from './source.js';

/** A version in a source folder that is too old, or missing. */
export interface FloorProblem extends Mistake {
  readonly id: 'source-floor';
  readonly prop: 'source';
  /** The only target it speaks of; absent: all. */
  readonly target?: string;
}

/** What a stack takes from the disk, and what is wrong with that. */
export interface ReadSources {
  /** What the source folders hold, by path of the app. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Texts of the files that it names, by path of the config file. */
  readonly texts: ReadonlyMap<string, string>;
  readonly mistakes: readonly Mistake[];
  readonly floors: readonly FloorProblem[];
}

/** What is said of the sources outside of the stack. */
export interface ReadSourcesOptions {
  /** Folders that are no part of any source, such as the outputs', relative to the project root. */
  readonly exclude?: readonly string[];
  /** Reference of the Python image, where the stack's own is replaced. */
  readonly pythonImage?: string | undefined;
}

/** Reads the source folder of every app of a stack that has one, and the files that it names. */
export function readSources(stack: Stack, directory: string, options: ReadSourcesOptions = {}): ReadSources {
  const cache = sourceCache();
  const readings = new Map<string, SourceReading>();
  const sources = new Map<string, Source>();
  const { texts, mistakes: unread } = readConfigFiles(configFilesOf(stack), directory);
  const mistakes: Mistake[] = [...unread];
  const floors: FloorProblem[] = [];
  for (const app of stack.apps) {
    if (app.source === undefined) continue;
    const { source, complaints } = readOnce(
      {
        directory,
        source: app.source,
        module: app.module,
        factory: app.factory,
        build: app.build,
        pythons: Object.keys(defaultsOf(stack).images.python),
        folders: app.static.filter(({ command }) => command === undefined).map(({ folder }) => folder),
        pythonImage: options.pythonImage ?? stack.images['python'],
        exclude: options.exclude,
      },
      readings,
      cache,
    );
    if (source) sources.set(app.node.path, source);
    for (const complaint of complaints) {
      if (complaint.id === undefined) mistakes.push({ construct: app, message: complaint.message });
      else floors.push(floor(app, complaint.message, complaint.flavour));
    }
  }
  return { sources, texts, mistakes, floors };
}

/** Apps that share a folder and what they say of it share what was read. */
function readOnce(request: SourceRequest, readings: Map<string, SourceReading>, cache: SourceCache): SourceReading {
  const key = JSON.stringify(request);
  const reading = readings.get(key) ?? readSource(request, cache);
  readings.set(key, reading);
  return reading;
}

function floor(construct: AsgiApp, message: string, flavour: 'gunicorn' | undefined): FloorProblem {
  const target = flavour === 'gunicorn' ? { target: 'bare-metal' } : {};
  return { id: 'source-floor', construct, prop: 'source', message, ...target };
}
