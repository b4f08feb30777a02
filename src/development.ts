import type { Stack } from './model/stack.js';
import type { ReadSources } from './sources/read-sources.js';
import { readChecked, sourceReader } from './synthesize.js';
import type { DevelopmentOptions } from './targets/bare-metal/development/context.js';
import { developmentOf, type Development } from './targets/bare-metal/development/development.js';
import type { OutputFile } from './targets/target.js';

/**
 * The files of `synth watch`: the bare-metal output for a developer, with each app as one reloading Uvicorn process on a port of 127.0.0.1.
 * Reads the source folders of the stack, and nothing else; writes nothing. What a deployment could not honour is no matter here.
 *
 * Throws a `UserError` with everything that is wrong with the stack.
 */
export function synthesizeDevelopment(stack: Stack, options: DevelopmentOptions = {}): OutputFile[] {
  return [...developmentFrom(sourceReader(stack, options), stack, options).files];
}

/** The same with all that it takes to keep it running. */
export function developmentFrom(readOnce: () => ReadSources, stack: Stack, options: DevelopmentOptions): Development {
  const { sources, texts } = readChecked(readOnce, stack, options);
  return developmentOf(stack, { ...options, sources, texts });
}
