import type { Command } from 'commander';
import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import { writeOutputs, type WrittenOutput } from '../output.js';
import type { PlannedOutput } from '../output-owner.js';
import { newerDefaults } from './newer-defaults.js';
import { loadStack } from './load-stack.js';
import { nextCommand } from './next-command.js';
import {
  imageOptions,
  jsonOption,
  outOption,
  stackOption,
  stageOption,
  TARGET_WORDS,
  targetOption,
  targetsOf,
  type OutputWords,
} from './options.js';
import { shownPath, synthesizeOutputs } from './outputs.js';
import { refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface SynthWords extends OutputWords {
  readonly target?: string;
}

/** `synth --target T`: writes the files that deploy a stack. */
export function synthCommand(command: Command, world: World): Command {
  for (const option of [targetOption, stackOption, outOption, stageOption, imageOptions, jsonOption]) option(command);
  return command.allowExcessArguments().action(async (words: SynthWords, self: Command) => {
    refuseWords(
      self.args,
      self.commands.map((one) => one.name()),
      TARGET_WORDS,
    );
    if (words.target === undefined) throw new Usage(`--target is missing; choose one of ${TARGET_WORDS.join(', ')}`);
    const loaded = await loadStack(words.stack, { stage: words.stage }, { byDate: world.defaults });
    const outputs = synthesizeOutputs(loaded, words, targetsOf(words.target));
    print(loaded.stack, outputs, writeOutputs(outputs), words);
    const note = newerDefaults(loaded.stack, world);
    if (note !== undefined && !words.json) process.stderr.write(`note: ${note}\n`);
  });
}

function print(
  stack: Stack,
  outputs: readonly PlannedOutput[],
  written: readonly WrittenOutput[],
  words: SynthWords,
): void {
  const results = outputs.map(({ directory, owner, files }, index) => ({
    target: owner.target,
    directory: shownPath(directory),
    files: files.map(({ path }) => path),
    written: written[index]!.written,
    removed: written[index]!.removed,
    next: nextCommand(stack, owner.target, shownPath(directory), words),
  }));
  if (words.json) {
    const name = deployedName(stack, words.stage);
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, ok: true, stack: stack.name, name, outputs: results }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(
    results.flatMap(({ directory, files }) => files.map((path) => `${directory}/${path}\n`)).join(''),
  );
  for (const { directory, removed, next } of results) {
    for (const path of removed) process.stderr.write(`removed ${directory}/${path}\n`);
    process.stderr.write(`next: ${next}\n`);
  }
}
