import type { Command } from 'commander';
import { askOnTerminal } from './ask.js';
import { isAttended } from './confirm.js';
import type { Ask, Words } from './init/procedure.js';
import { SYSTEMS } from './ci/request.js';
import { jsonOption, stackOption, TARGET_NAMES } from './options.js';
import { notEmpty, oneOf, refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

/** `synth init`: writes the stack file of the application that is in this folder. */
export function initCommand(command: Command, world: World): Command {
  for (const option of [stackOption, jsonOption]) option(command);
  command.option(
    '--target <name>',
    `where the pipeline deploys: ${TARGET_NAMES.join(', ')} (default: bare-metal)`,
    oneOf('--target', TARGET_NAMES),
  );
  return command
    .description('find the application in this folder and write its stack file')
    .option('--from <file>', 'take over what a Compose file says, such as compose.yaml', notEmpty('--from'))
    .option(
      '--ci <system>',
      `write a pipeline that deploys: ${SYSTEMS.join(', ')}; where there is a stack, nothing else is written`,
      oneOf('--ci', SYSTEMS),
    )
    .option('--yes', 'ask nothing and take what was found')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      if (words.ci !== undefined && words.from === undefined) {
        const { addPipeline, hasStack, pipelineTarget } = await import('./ci/procedure.js');
        if (hasStack(words.stack))
          return addPipeline({
            ci: words.ci,
            target: pipelineTarget(words),
            stack: words.stack,
            json: words.json ?? false,
          });
      }
      const ask = asker(words, world);
      // The parsers are loaded by this command alone.
      if (words.from !== undefined) {
        const { initFrom } = await import('./import/init-from.js');
        return initFrom(words.from, words, ask);
      }
      const { init } = await import('./init/procedure.js');
      await init(words, ask);
    });
}

/** Who is asked; nobody where the defaults are taken. */
function asker({ yes, json }: Words, world: World): Ask | undefined {
  if (yes || json) return undefined;
  if (world.ask) return world.ask;
  if (isAttended()) return askOnTerminal;
  throw new Usage(
    'init asks up to three questions, and there is no terminal to ask on; add --yes to take what was found',
  );
}

const HELP = `
Reads the code and runs none of it: the application as fastapi-cli would find it, lock file, health route, settings, databases, migrations
and workers. Writes stacks/NAME.ts, the variables to fill in as .env.example, and a package.json where there is none. What is there already
is not overwritten; a line is added to .env.example only after it was shown.

Examples:
  $ synth init
  $ synth init --yes && synth --target all
  $ synth init --from compose.yaml          processes, ports and variables from there, routes and settings from the code
  $ synth init --ci github --target swarm   a pipeline for the stack that is there, else for the one that is written

Exit codes: 0 written, 1 no application was found, or its stack file is there already, 2 wrong usage, 130 Ctrl-C.`;
