import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** All that `--help` of a command prints. */
function helpOf(name: string): string {
  const program = createProgram();
  const command = program.commands.find((one) => one.name() === name) ?? program;
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

/** The command lines of `synth` in the examples of a help text, without what a shell does around them and what is said of them. */
function examplesIn(help: string): string[] {
  return [...help.matchAll(/^ {2}\$ (.*)$/gm)]
    .map(([, line = '']) => line.replace(/ {2,}.*$/, ''))
    .flatMap((line) => line.split(/ && | \| |<\(|\)/))
    .map((line) => line.trim().replace(/^([A-Z_]+=\S* )+/, ''))
    .filter((line) => /^synth( |$)/.test(line));
}

/** What a command line means to the program: which command, and its words that belong to no option. Throws what the user would be told. */
async function parsed(line: string): Promise<{ command: Command; left: readonly string[] }> {
  const program = createProgram();
  let found: { command: Command; left: readonly string[] } | undefined;
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: () => undefined }).action(function (this: Command) {
      found = { command: this, left: this.args };
    });
  const [, ...words] = line.split(' ');
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'commander.helpDisplayed') throw error;
    found = { command: program, left: [] };
  }
  return found!;
}

async function expectToParse(line: string): Promise<string> {
  const { command, left } = await parsed(line);
  const { registeredArguments } = command;
  const most = registeredArguments.some(({ variadic }) => variadic) ? Infinity : registeredArguments.length;
  expect(left.length, `${line}: ${left.join(' ')}`).toBeLessThanOrEqual(most);
  // `synth` itself parses the options of every command, and may take more values than that does.
  const given = command.optsWithGlobals<Record<string, unknown>>();
  for (const option of command.options.filter(({ argChoices }) => argChoices))
    expect([undefined, ...(option.argChoices ?? [])], `${line}: ${option.long}`).toContain(
      given[option.attributeName()],
    );
  return command.name();
}

const NAMES = ['synth', ...createProgram().commands.map((command) => command.name())];

describe('the help of', () => {
  test.each(NAMES)('%s has two examples of its own at least, all of which synth takes', async (name) => {
    const examples = examplesIn(helpOf(name));
    const commands = [];
    for (const example of examples) commands.push(await expectToParse(example));
    expect(commands.filter((one) => one === name).length).toBeGreaterThanOrEqual(2);
  });

  test.each(NAMES)('%s says what it is for, and what its exit codes mean', (name) => {
    expect(helpOf(name)).toMatch(/^Usage: synth.*\n\n\S.{20,}/);
    expect(helpOf(name)).toMatch(/^Exit codes: (0 |that of the command;)/m);
  });
});

test('the help of every command is on a page', async () => {
  const pages = NAMES.map((name) => `$ synth${name === 'synth' ? '' : ` ${name}`} --help\n${helpOf(name)}`);
  await expect(pages.join('\n')).toMatchFileSnapshot('../../golden/messages/help.txt');
});

describe('this test', () => {
  test.each([
    ['synth deploy --traget swarm', /unknown option '--traget'/],
    ['synth deploy --timeout soon', /--timeout must be a whole number/],
    ['synth deploy --target all', /deploy --target all: --target/],
    ['synth status api', /status api: api/],
    ['synth nothing', /nothing: nothing/],
  ])('would find %s', async (line, reason) => {
    await expect(expectToParse(line)).rejects.toThrow(reason);
  });
});

test('synth takes every command line of the README', async () => {
  const lines = [...README.matchAll(/^npx (synth .*?)(?: {2,}#.*)?$/gm)].map(([, line = '']) => line);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) await expectToParse(line);
});
