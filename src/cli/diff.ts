import type { Command } from 'commander';
import type { Deployer } from '../deployment/deployer.js';
import type { PlannedOutput } from '../output-owner.js';
import { deployedName } from '../model/tree.js';
import { mayColour, paint } from './colour.js';
import { diffDefaults } from './diff-defaults.js';
import { diffText } from './diff-text.js';
import { EXIT, Exit } from './exit.js';
import { loadStack } from './load-stack.js';
import {
  contextOption,
  imageOptions,
  jsonOption,
  oneTarget,
  oneTargetOption,
  outOption,
  stackOption,
  stageOption,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { shownPath, synthesizeOutputs } from './outputs.js';
import { printJson } from './terminal.js';
import { refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface Words extends OutputWords, EngineWords {
  readonly defaults?: boolean;
}

/** `synth diff`: what `synth deploy` would change. */
export function diffCommand(command: Command, world: World): Command {
  for (const option of [oneTargetOption, stackOption, stageOption, outOption, imageOptions, contextOption, jsonOption])
    option(command);
  return command
    .description('show what a deployment would change, and what was changed by hand')
    .option('--defaults', 'show what the newest defaults would change instead; asks no engine')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const work = words.defaults ? diffDefaults : diffDeployment;
      const isEqual = await failingWith(EXIT.nothing, () => work(words, world));
      if (!isEqual) throw new Exit(EXIT.fault);
    });
}

/** Prints what a deployment would change. Says whether that is nothing. */
async function diffDeployment(words: Words, world: World): Promise<boolean> {
  const target = oneTarget(words, 'diff');
  const loaded = await loadStack(words.stack, { stage: words.stage });
  const output = synthesizeOutputs(loaded, words, [target])[0]!;
  return printDifferences(await world.connect(target, words), output, words);
}

/** Prints how an output differs from what there is. Says whether it does not. With `dryRun`, differences are no failure. */
export async function printDifferences(
  deployer: Deployer,
  output: PlannedOutput,
  words: Pick<Words, 'json'> & { readonly dryRun?: boolean },
): Promise<boolean> {
  const { differencesOf, isDifferent } = await import('../deployment/diff/differences.js');
  const { owner, directory } = output;
  const name = deployedName({ name: owner.stack }, owner.stage);
  const differences = await differencesOf(deployer, name, output);
  const differs = isDifferent(differences);
  if (words.json)
    printJson({
      ok: words.dryRun === true || !differs,
      name,
      target: deployer.target,
      engine: deployer.engine,
      ...differences,
    });
  else process.stdout.write(diffText(differences, shownPath(directory), paint(mayColour(process.stdout))));
  return !differs;
}

/** An error of `work` ends the command with that code, unless the command line is at fault. */
async function failingWith<T>(code: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Usage ? error : new Exit(code, { cause: error });
  }
}

const HELP = `
Compares what synth would write now with the last output in the folder, with the release that serves, and that with what
runs. Values that look like secrets are not shown.

With --defaults it compares what synth would write with what it would write if the stack named the newest defaults: for one
target, or for all.

Examples:
  $ synth diff --target swarm
  $ synth diff --target kubernetes --context production --json
  $ synth diff --defaults

Exit codes: 0 no difference, 1 there are differences, 2 wrong usage, 3 diff itself failed.`;
