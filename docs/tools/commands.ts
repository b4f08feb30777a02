import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.js';

/** The page of the command line: what `--help` says, without its line breaks for a terminal. */
export function commandsPage(): string {
  const program = createProgram();
  return [
    '# Commands',
    '',
    'Made from the command line itself by `npm run docs`. `npx synth COMMAND --help` says the same.',
    '',
    'A stack file is found without `--stack` where it is the only one in `stacks/`, or is `stack.ts`. stdout has the result, stderr everything else.',
    '',
    ...sectionOf(program, 'synth --target'),
    ...program.commands.flatMap((command) => sectionOf(command, `synth ${command.name()}`)),
  ].join('\n');
}

function sectionOf(command: Command, title: string): string[] {
  return [`## ${title}`, '', ...indented(helpOf(command)), ''];
}

/** Help for a wide window, which breaks no line by itself. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 140 });
  command.outputHelp();
  return text;
}

/** A block without a fence: nothing in it is to be run. */
function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`));
}
