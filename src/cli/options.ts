import { Option, type Command } from 'commander';
import { show } from '../model/values.js';
import { targets, type TargetName } from '../targets/index.js';
import { notEmpty, oneOf, Usage } from './usage.js';

/** What every command knows: which stack, as which stage, in which words. */
export interface StackWords {
  readonly stack?: string;
  readonly stage?: string;
  readonly json?: boolean;
}

/** What a command that synthesizes knows as well. */
export interface OutputWords extends StackWords {
  readonly out?: string;
  readonly tag?: string;
  readonly image?: Readonly<Record<string, string>>;
}

/** What a command that talks to an engine knows as well. */
export interface EngineWords {
  readonly target?: string;
  readonly context?: string;
}

/** Every word that `--target` takes. */
export const TARGET_NAMES: readonly TargetName[] = targets.map(({ name }) => name);
export const TARGET_WORDS: readonly string[] = [...TARGET_NAMES, 'all'];

/*
 * The root command is `synth` itself, and parses its own options wherever they stand: also behind the name of another command. Such a
 * command repeats them for its help, and asks `optsWithGlobals` for what was given.
 */

export function targetOption(command: Command): Command {
  return targetOptionOf(command, TARGET_WORDS);
}

/** `--target` of a command that deals with one at a time. */
export function oneTargetOption(command: Command): Command {
  return targetOptionOf(command, TARGET_NAMES);
}

/** Help and completion know the words from `choices`; our parser says more of a wrong one. */
function targetOptionOf(command: Command, words: readonly string[]): Command {
  const option = new Option('--target <name>', 'where the stack is deployed');
  return command.addOption(option.choices(words).argParser(oneOf('--target', words)));
}

export function stackOption(command: Command): Command {
  return command.option(
    '--stack <file>',
    'stack file (default: the only file in stacks/, else stack.ts)',
    notEmpty('--stack'),
  );
}

export function outOption(command: Command): Command {
  return command.option(
    '--out <folder>',
    'folder for the output, with a folder for each target (default: out/<deployed name>)',
    notEmpty('--out'),
  );
}

export function stageOption(command: Command): Command {
  return command.option(
    '--stage <name>',
    'stage, such as staging: it becomes part of every deployed name',
    notEmpty('--stage'),
  );
}

export function imageOptions(command: Command): Command {
  return imageOption(
    command.option(
      '--tag <tag>',
      'tag of the built images (default: a hash of what they are built from)',
      notEmpty('--tag'),
    ),
  );
}

export function imageOption(command: Command): Command {
  return command.option(
    '--image <name=reference>',
    'image of an app or of a third party, such as nginx=mirror/nginx:1.30.4; repeatable',
    collectImage,
  );
}

function collectImage(value: string, images: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1)
    throw new Usage(`--image takes NAME=REFERENCE, such as nginx=mirror.example.com/nginx:1.30.4, got ${show(value)}`);
  return { ...images, [value.slice(0, at)]: value.slice(at + 1) };
}

export function jsonOption(command: Command): Command {
  return command.addOption(new Option('--json', 'print the result as JSON'));
}

export function contextOption(
  command: Command,
  what = 'Docker context, or kubeconfig context for kubernetes',
): Command {
  return command.option('--context <name>', `${what} (default: the current one)`, notEmpty('--context'));
}

/** A parser for a whole number from `min` to `max`. */
export function wholeNumber(option: string, min: number, max: number): (value: string, previous?: number) => number {
  const once = notEmpty(option);
  return (value, previous) => {
    const text = once(value, previous === undefined ? undefined : String(previous));
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new Usage(`${option} must be a whole number from ${min} to ${max}, got ${show(value)}`);
  };
}

/** The one target of a command. */
export function oneTarget({ target }: EngineWords, command: string): TargetName {
  if (target === undefined) throw new Usage(`--target is missing; choose one of ${TARGET_NAMES.join(', ')}`);
  const found = TARGET_NAMES.find((name) => name === target);
  if (found) return found;
  throw new Usage(`synth ${command} takes one target at a time; choose one of ${TARGET_NAMES.join(', ')}`);
}

/** The targets that a word of `--target` means. */
export function targetsOf(word: string): TargetName[] {
  return TARGET_NAMES.filter((name) => word === 'all' || name === word);
}
