import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { listCommand } from './list.js';
import { synthCommand } from './synth.js';

/** The command line. Commands are made anew for each call, since commander keeps the options of the last one. */
export function createProgram(): Command {
  const program = synthCommand(new Command('synth'))
    .description('Describe an ASGI application once, run it on bare metal, Docker Swarm and Kubernetes.')
    .version(version(), '-V, --version', 'print the version')
    .addHelpText('after', EXAMPLES);
  program.addCommand(listCommand(new Command('list')));
  // What is wrong is printed once, by whoever catches it.
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

const EXAMPLES = `
Examples:
  $ synth --target bare-metal                       from the only file in stacks/, or stack.ts
  $ synth --stack stacks/shop.ts --target all --stage staging
  $ synth --target kubernetes --tag 1.4.2 --image nginx=mirror.example.com/nginx:1.30.4
  $ synth list --json

Exit codes: 0 done, 1 the stack or the machine is at fault, 2 wrong usage.`;

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
