import { oneLine } from '../../errors.js';
import { writeOwnFiles } from '../../output.js';
import { pathBetween } from '../../sources/files.js';
import type { TargetName } from '../../targets/index.js';
import { findStackFiles, loadStack } from '../load-stack.js';
import { oneTarget } from '../options.js';
import { printJson } from '../terminal.js';
import { keptText, pipelineOf, plannedPipeline, type PlannedPipeline } from './add.js';
import type { System } from './request.js';

export interface PipelineWords {
  readonly ci: System;
  readonly target: TargetName;
  readonly stack: string | undefined;
  readonly json: boolean;
}

/** Whether there is a stack already, to which a pipeline is added and nothing else. */
export function hasStack(stack: string | undefined): boolean {
  if (stack !== undefined) return true;
  try {
    return findStackFiles(undefined).length > 0;
  } catch {
    return false;
  }
}

/** Writes the pipeline of a stack that is there, and nothing else. */
export async function addPipeline(words: PipelineWords): Promise<void> {
  const planned = await writePipeline(words);
  const { stack, target, written } = planned;
  if (words.json) return printJson({ ok: true, stack, target, written, ...pipelineJson(planned) });
  process.stdout.write(written.map((path) => `${path}\n`).join(''));
  tellPipeline(planned);
}

/** A pipeline, and what was written of it. */
export interface WrittenPipeline extends PlannedPipeline {
  readonly stack: string;
  readonly target: TargetName;
  readonly written: readonly string[];
}

/** Writes the pipeline of a stack file, unless one is there. */
export async function writePipeline({
  ci,
  target,
  stack: named,
}: Omit<PipelineWords, 'json'>): Promise<WrittenPipeline> {
  const directory = process.cwd();
  const { stack, file } = await loadStack(named, {});
  const planned = plannedPipeline(directory, ci, pipelineOf(stack, pathBetween(directory, file), target));
  const files = planned.isKept ? [] : [planned.file];
  writeOwnFiles(directory, files);
  return { ...planned, stack: stack.name, target, written: files.map(({ path }) => path) };
}

/** The target of a pipeline: one server, unless another one is named. */
export function pipelineTarget({ target = 'bare-metal' }: { readonly target?: string }): TargetName {
  return oneTarget({ target }, 'init --ci');
}

/** Tells of a file that is kept, and what has to be set up. */
export function tellPipeline({ file, isKept, needs }: PlannedPipeline): void {
  if (isKept) process.stderr.write(keptText(file));
  process.stderr.write(`${file.path} runs once there is:\n${needs.map((one) => `  ${oneLine(one)}\n`).join('')}`);
}

export function pipelineJson({ file, isKept, needs }: PlannedPipeline): Record<string, unknown> {
  return { pipeline: { path: file.path, needs, ...(isKept ? { kept: true, content: file.content } : {}) } };
}
