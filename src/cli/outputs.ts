import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.js';
import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import type { PlannedOutput } from '../output-owner.js';
import type { ReadSources } from '../sources/read-sources.js';
import { inOrder, projectRoot, sourceReader, synthesizeFrom } from '../synthesize.js';
import type { TargetName } from '../targets/index.js';
import type { SynthesizeOptions } from '../targets/target.js';
import { readLock } from '../deployment/lock-file.js';
import type { LoadedStack } from './load-stack.js';
import type { OutputWords } from './options.js';

/** An output, and what it was made with. */
export interface Synthesized extends PlannedOutput {
  readonly target: TargetName;
  /** With the sources. */
  readonly options: SynthesizeOptions;
}

/** The output of each target that is asked for; every mistake of all of them at once. */
export function synthesizeOutputs(
  loaded: LoadedStack,
  words: OutputWords,
  names: readonly TargetName[],
): Synthesized[] {
  const readOnce = sourceReader(loaded.stack, synthesizeOptions(loaded, words, names[0]!));
  const outputs: Synthesized[] = [];
  const failures: UserError[] = [];
  for (const name of names) {
    try {
      outputs.push(loaded.locate(() => synthesizeOutput(loaded, words, name, readOnce)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error);
    }
  }
  const complaints = failures.flatMap((failure) => failure.complaints);
  const distinct = new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint]));
  if (distinct.size > 0) throw new UserError(inOrder([...distinct.values()]));
  return outputs;
}

function synthesizeOutput(
  loaded: LoadedStack,
  words: OutputWords,
  target: TargetName,
  readOnce: () => ReadSources,
): Synthesized {
  const { stack } = loaded;
  const options = synthesizeOptions(loaded, words, target);
  const files = synthesizeFrom(readOnce, stack, target, options);
  const { sources, texts } = readOnce();
  return {
    target,
    directory: outputFolder(stack, words, target),
    owner: { stack: stack.name, stage: words.stage, target },
    files,
    options: { ...options, sources, texts },
  };
}

/** Absolute folder of the output of a target, or of that for development. */
export function outputFolder(stack: Stack, words: Pick<OutputWords, 'out' | 'stage'>, target: string): string {
  return join(resolve(words.out ?? join(projectRoot(stack), 'out', deployedName(stack, words.stage))), target);
}

/** What the words of a command line mean to synthesis. */
export function synthesizeOptions({ stack, file }: LoadedStack, words: OutputWords, target: string): SynthesizeOptions {
  const root = projectRoot(stack);
  const directory = outputFolder(stack, words, target);
  return {
    ...(words.stage === undefined ? {} : { stage: words.stage }),
    ...(words.tag === undefined ? {} : { tag: words.tag }),
    images: words.image ?? {},
    digests: readLock(root),
    out: posixPath(relative(root, directory)),
    root: posixPath(relative(directory, root)),
    stackFile: posixPath(relative(process.cwd(), file)),
  };
}

/** A path as a command line names it: from the folder of this process where it is inside. */
export function shownPath(directory: string): string {
  const short = relative(process.cwd(), directory);
  return posixPath(short.startsWith('..') || isAbsolute(short) ? directory : short);
}

function posixPath(path: string): string {
  return path.split(sep).join('/');
}
