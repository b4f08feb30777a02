import type { Command } from 'commander';
import { deployedName } from '../model/tree.js';
import type { TargetName } from '../targets/index.js';
import { loadStack } from './load-stack.js';
import {
  contextOption,
  jsonOption,
  oneTarget,
  oneTargetOption,
  outOption,
  stackOption,
  stageOption,
  type EngineWords,
  type StackWords,
} from './options.js';
import { outputFolder } from './outputs.js';

/** What a command knows that deals with what is deployed, whatever the stack file says now. */
export interface NamedWords extends StackWords, EngineWords {
  readonly out?: string;
}

/** A deployment by its name: all that is asked of the stack file. */
export interface NamedDeployment {
  readonly name: string;
  readonly target: TargetName;
  /** Absolute folder of the output. */
  readonly directory: string;
  /** Namespace on Kubernetes. */
  readonly namespace: string;
}

/** The options of a command that deals with what is deployed. */
export function namedOptions(command: Command): Command {
  for (const option of [oneTargetOption, stackOption, stageOption, outOption, contextOption, jsonOption])
    option(command);
  return command;
}

/** Which deployment the words of a command mean. */
export async function namedDeployment(words: NamedWords, command: string): Promise<NamedDeployment> {
  const target = oneTarget(words, command);
  const { stack } = await loadStack(words.stack, { stage: words.stage });
  const name = deployedName(stack, words.stage);
  return { name, target, directory: outputFolder(stack, words, target), namespace: stack.namespace.name ?? name };
}
