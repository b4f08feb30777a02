import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stack } from '../../model/stack.js';
import { secretsOf } from '../../model/tree.js';
import { pathBetween } from '../../sources/files.js';
import type { TargetName } from '../../targets/index.js';
import { tryText } from '../init/beside.js';
import { changeText, type PlannedFile } from '../init/files.js';
import { pipelineFile, pipelineNeeds } from './pipeline.js';
import type { PipelineRequest, System } from './request.js';

/** A pipeline for a stack: the file to write, or what keeps it from being written. */
export interface PlannedPipeline {
  readonly file: PlannedFile;
  /** Whether something else is there, which stays. */
  readonly isKept: boolean;
  readonly needs: readonly string[];
}

/** What a pipeline needs of a stack that is loaded. @param file path of the stack file, from the project root */
export function pipelineOf(stack: Stack, file: string, target: TargetName): Omit<PipelineRequest, 'branch' | 'folder'> {
  const values = secretsOf(stack).filter((secret) => secret.file === undefined && secret.external === undefined);
  return {
    name: stack.name,
    file,
    target,
    secrets: [...new Set(values.map(({ variable }) => variable))],
    registry: stack.registry,
  };
}

/** The pipeline of a stack in a folder of a repository. */
export function plannedPipeline(
  directory: string,
  system: System,
  request: Omit<PipelineRequest, 'branch' | 'folder'>,
): PlannedPipeline {
  const root = repositoryOf(directory);
  const folder = root === undefined ? '.' : pathBetween(root, directory);
  const whole = { ...request, folder, branch: branchOf(root ?? directory) };
  const file = pipelineFile(system, whole, (path) => tryText(join(directory, path)));
  return { file, isKept: file.before !== undefined, needs: pipelineNeeds(system, whole) };
}

/** What is said of a pipeline that is there already. */
export function keptText({ path, before, content }: PlannedFile): string {
  if (before === content) return `${path} is there already, as it would be written\n`;
  return `${changeText({ path, before, content })}${path} is there already and stays as it is; above is what would have been written: take over what you want\n`;
}

/** The nearest folder with a repository of git in it. */
function repositoryOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory;
  return directory === dirname(directory) ? undefined : repositoryOf(dirname(directory));
}

/** The branch that is checked out, where it is one that releases come from; main otherwise. */
function branchOf(root: string): string {
  const head = join(root, '.git', 'HEAD');
  const text = existsSync(head) ? readFileSync(head, 'utf8') : '';
  const branch = /^ref: refs\/heads\/(\S+)/.exec(text)?.[1] ?? '';
  return ['master', 'trunk', 'production', 'release'].includes(branch) ? branch : 'main';
}
