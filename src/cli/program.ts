import { Command } from 'commander';
import { buildCommand } from './build.js';
import { completionCommand } from './completion.js';
import { deployCommand } from './deploy.js';
import { destroyCommand } from './destroy.js';
import { diffCommand } from './diff.js';
import { doctorCommand } from './doctor.js';
import { importCommand } from './import.js';
import { explainCommand } from './explain.js';
import { graphCommand } from './graph.js';
import { initCommand } from './init.js';
import { listCommand } from './list.js';
import { lockCommand } from './lock.js';
import { logsCommand } from './logs.js';
import { reportCommand } from './report.js';
import { rollbackCommand } from './rollback.js';
import { runCommand } from './run.js';
import { statusCommand } from './status.js';
import { synthCommand } from './synth.js';
import { verifyCommand } from './verify.js';
import { version } from './version.js';
import { watchCommand } from './watch.js';
import { WORLD, type World } from './world.js';

/** The commands beside `synth` itself, in the order of a deployment's life. */
const COMMANDS: Readonly<Record<string, (command: Command, world: World) => Command>> = {
  init: initCommand,
  doctor: doctorCommand,
  import: importCommand,
  list: listCommand,
  report: reportCommand,
  watch: watchCommand,
  explain: explainCommand,
  graph: graphCommand,
  build: buildCommand,
  lock: lockCommand,
  diff: diffCommand,
  deploy: deployCommand,
  status: statusCommand,
  logs: logsCommand,
  run: runCommand,
  rollback: rollbackCommand,
  verify: verifyCommand,
  destroy: destroyCommand,
  completion: completionCommand,
};

/** The command line. Commands are made anew for each call, since commander keeps the options of the last one. */
export function createProgram(world: World = WORLD): Command {
  const program = synthCommand(new Command('synth'), world)
    .description('Describe an ASGI application once, run it on bare metal, Docker Swarm and Kubernetes.')
    .version(version(), '-V, --version', 'print the version')
    .addHelpText('after', EXAMPLES);
  for (const [name, define] of Object.entries(COMMANDS)) program.addCommand(define(new Command(name), world));
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
  $ synth init                                      writes the stack file of the application in this folder
  $ synth doctor --target swarm                     whether this machine has what it needs
  $ synth import compose.yaml                       writes the stack file of what a Compose file runs
  $ synth list --json
  $ synth report                                    what each target makes of the stack, and what it takes
  $ synth watch                                     for development, with reload, on this machine
  $ synth explain --target swarm                    what the output is for, line by line if you ask
  $ synth deploy --target swarm --build
  $ synth rollback --help

Exit codes: 0 done, 1 the stack, the machine or the deployment is at fault, 2 wrong usage, 3 nothing serves, 130 Ctrl-C.`;
