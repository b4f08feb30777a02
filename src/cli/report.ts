import type { Command } from 'commander';
import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import { reportOn, type StackReport } from '../report.js';
import { loadStack } from './load-stack.js';
import {
  jsonOption,
  stackOption,
  stageOption,
  targetOption,
  targetsOf,
  type EngineWords,
  type StackWords,
} from './options.js';
import { reportText } from './report-text.js';
import { printJson } from './terminal.js';
import { refuseWords } from './usage.js';

type Words = StackWords & Pick<EngineWords, 'target'>;

/** `synth report`: what each target makes of a stack, and what it takes of its machines. */
export function reportCommand(command: Command): Command {
  for (const option of [targetOption, stackOption, stageOption, jsonOption]) option(command);
  return command
    .description('show how each target honours every prop, and the memory and cores that it takes')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const { target = 'all', ...words } = self.optsWithGlobals<Words>();
      const { stack, locate } = await loadStack(words.stack, { stage: words.stage });
      const options = words.stage === undefined ? {} : { stage: words.stage };
      const report = locate(() => reportOn(stack, targetsOf(target), options));
      if (words.json) printJson(asJson(stack, words, report));
      else process.stdout.write(reportText(report));
    });
}

function asJson(
  stack: Stack,
  { stage }: StackWords,
  { portability, footprint }: StackReport,
): Readonly<Record<string, unknown>> {
  return {
    ok: true,
    stack: stack.name,
    name: deployedName(stack, stage),
    portability: portability.map(({ construct, ...rest }) => ({ construct: construct.node.path, ...rest })),
    footprint,
  };
}

const HELP = `
The first table has every prop that the stack file writes:
  native     the target has that itself
  emulated   something of ours, or something near to it, does it; the second table says what
  accepted   the target cannot do it, and the stack accepts that
  problem    the target cannot do it, and synth fails
  -          the prop speaks of another target, or of synthesis itself
The last table has what containers may take at most: together, and while an update starts new ones beside the old. JSON has bytes.

Examples:
  $ synth report
  $ synth report --stack stacks/shop.ts --target swarm
  $ synth report --stage production --json

Exit codes: 0 done, also where there are problems, 1 the stack has mistakes, 2 wrong usage.`;
