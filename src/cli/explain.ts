import type { Command } from 'commander';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { userError } from '../errors.js';
import { explainConstruct } from '../explanation/construct.js';
import { explainLines, type Explained } from '../explanation/lines.js';
import { overviewOf } from '../explanation/overview.js';
import { askedConstruct, askedFile, askedLine, type AskedLine } from '../explanation/question.js';
import { linesOf } from '../formats/places/place.js';
import { positionOf } from '../model/position.js';
import { targets, type TargetName } from '../targets/index.js';
import { constructText, lineText, overviewText } from './explain-text.js';
import { loadStack, type LoadedStack } from './load-stack.js';
import {
  imageOptions,
  jsonOption,
  oneTarget,
  oneTargetOption,
  outOption,
  stackOption,
  stageOption,
  TARGET_NAMES,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { outputFolder, shownPath, synthesizeOutputs, type Synthesized } from './outputs.js';
import { printJson } from './terminal.js';
import { refuseWords } from './usage.js';

type Words = OutputWords & Pick<EngineWords, 'target'>;

/** `synth explain`: what an output is for, and what made it. */
export function explainCommand(command: Command): Command {
  for (const option of [oneTargetOption, stackOption, stageOption, outOption, imageOptions, jsonOption])
    option(command);
  return command
    .description('say what the output for a target is for, and which construct, prop or default made it')
    .argument('[what]', 'CONSTRUCT or FILE:LINE')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_what: unknown, _words: unknown, self: Command) => {
      const [word, ...rest] = self.args;
      refuseWords(rest, []);
      const words = self.optsWithGlobals<Words>();
      const loaded = await loadStack(words.stack, { stage: words.stage });
      const line = word === undefined ? undefined : askedLine(word);
      if (line !== undefined) tellLine(loaded, words, line);
      else if (word !== undefined) tellConstruct(loaded, words, word);
      else tellOverview(loaded, words);
    });
}

function tellOverview(loaded: LoadedStack, words: Words): void {
  const { output, explained } = synthesized(loaded, words, oneTarget(words, 'explain'));
  const overview = overviewOf(loaded.stack, explained.target, output.files, words.stage);
  if (words.json) printJson({ ok: true, ...overview });
  else process.stdout.write(overviewText(overview));
}

function tellConstruct(loaded: LoadedStack, words: Words, word: string): void {
  const construct = askedConstruct(word, loaded.stack);
  const { output, explained } = synthesized(loaded, words, oneTarget(words, 'explain'));
  const files = explainConstruct(construct, output.files, explained, words.stage);
  const { path } = construct.node;
  if (words.json) printJson({ ok: true, construct: path, target: output.target, files });
  else process.stdout.write(constructText(path, output.target, files));
}

function tellLine(loaded: LoadedStack, words: Words, asked: AskedLine): void {
  const { target, file } = outputFileOf(loaded, words, asked.file);
  const { output, explained } = synthesized(loaded, words, target);
  const shown = `${shownPath(output.directory)}/${file}`;
  const found = askedFile({ file, line: asked.line }, output.files, shown);
  refuseOther(resolve(output.directory, file), { shown, content: found.content, line: asked.line, target });
  const line = explainLines(explained, found).find((one) => one.line === asked.line)!;
  if (words.json) printJson({ ok: true, target, file, ...line });
  else process.stdout.write(lineText(shown, line));
}

/** The output for a target as the stack makes it now. */
function synthesized(loaded: LoadedStack, words: Words, name: TargetName) {
  const [output] = synthesizeOutputs(loaded, words, [name]) as [Synthesized];
  const target = targets.find((one) => one.name === name)!;
  const placeOf: Explained['placeOf'] = (construct) => {
    const position = positionOf(construct);
    return position && loaded.original(position);
  };
  return { output, explained: { stack: loaded.stack, target, placeOf } };
}

/** Which target a file belongs to, and its path in that output: a file of an output says so itself, any other is one of `--target`. */
function outputFileOf({ stack }: LoadedStack, words: Words, file: string): { target: TargetName; file: string } {
  const names = words.target === undefined ? TARGET_NAMES : [oneTarget(words, 'explain')];
  for (const target of names) {
    const path = relative(outputFolder(stack, words, target), resolve(file));
    if (path !== '' && !path.startsWith('..')) return { target, file: path.split(sep).join('/') };
  }
  return { target: oneTarget(words, 'explain'), file: file.split(sep).join('/') };
}

/** What is on the disk may be older than the stack file, or made with other options: then the line is another one. */
function refuseOther(
  path: string,
  { shown, content, line, target }: { shown: string; content: string; line: number; target: string },
): void {
  if (!existsSync(path) || !statSync(path).isFile()) return;
  if (linesOf(readFileSync(path, 'utf8'))[line - 1] === linesOf(content)[line - 1]) return;
  throw userError(
    `line ${line} of ${shown} is not what the stack makes now; run synth --target ${target}, or give explain the options it was made with`,
  );
}

const HELP = `
Without an argument: what runs on the target and why so, the chain of timeouts, the memory, the ports and the files.
  CONSTRUCT  its path or id: everything that it became, with the reason of each field
  FILE:LINE  a line of an output file: what it is for, and the prop or the default that made it

Examples:
  $ synth explain --target swarm
  $ synth explain shop/api --target kubernetes
  $ synth explain out/shop/swarm/stack.yaml:42
  $ synth explain nginx/nginx.conf:80 --target bare-metal --json

Exit codes: 0 done, 1 the stack has mistakes or there is nothing of that name, 2 wrong usage.`;
