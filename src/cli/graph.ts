import type { Command } from 'commander';
import { graphOf, type Graph } from '../graph/graph.js';
import { htmlOf } from '../graph/html.js';
import { mermaidOf } from '../graph/mermaid.js';
import { svgOf } from '../graph/svg.js';
import { deployedName } from '../model/tree.js';
import { refuseMistakes } from '../synthesize.js';
import { targets } from '../targets/index.js';
import { loadStack } from './load-stack.js';
import {
  jsonOption,
  oneTargetOption,
  stackOption,
  stageOption,
  TARGET_NAMES,
  type EngineWords,
  type StackWords,
} from './options.js';
import { printJson } from './terminal.js';
import { oneOf, refuseWords } from './usage.js';

const FORMATS = ['mermaid', 'svg', 'html'] as const;

interface Words extends StackWords, Pick<EngineWords, 'target'> {
  readonly format?: (typeof FORMATS)[number];
}

/** `synth graph`: a picture of a stack, and of what it becomes on a target. */
export function graphCommand(command: Command): Command {
  for (const option of [oneTargetOption, stackOption, stageOption, jsonOption]) option(command);
  return command
    .option('--format <name>', `${FORMATS.join(', ')} (default: mermaid)`, oneOf('--format', FORMATS))
    .description('draw the stack, and what it becomes on a target')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, [], TARGET_NAMES);
      const { target: name, format = 'mermaid', stage, ...words } = self.optsWithGlobals<Words>();
      const { stack, locate } = await loadStack(words.stack, { stage });
      locate(() => refuseMistakes(stack));
      // A page has room for all targets, to be compared.
      const drawn = targets.filter((target) => (name === undefined ? format === 'html' : target.name === name));
      const graphs =
        drawn.length === 0 ? [graphOf(stack, undefined, stage)] : drawn.map((one) => graphOf(stack, one, stage));
      if (words.json) printJson({ ok: true, stack: stack.name, name: deployedName(stack, stage), graphs });
      else process.stdout.write(draw(format, graphs, deployedName(stack, stage)));
    });
}

function draw(format: (typeof FORMATS)[number], graphs: readonly Graph[], name: string): string {
  if (format === 'html') return htmlOf(name, graphs);
  return graphs.map(format === 'svg' ? svgOf : mermaidOf).join('');
}

const HELP = `
Without --target: the constructs and what uses what; as html, all targets side by side. The result goes to stdout.

Examples:
  $ synth graph                                       Mermaid text, for a README on GitHub or GitLab
  $ synth graph --target swarm --format svg           a picture; the shell puts it into a file: > swarm.svg
  $ synth graph --format html                         one page that works offline: > stack.html

Exit codes: 0 done, 1 the stack has mistakes, 2 wrong usage.`;
