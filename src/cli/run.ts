import type { Command } from 'commander';
import { servingRelease } from '../deployment/rollback.js';
import { EXIT, Exit } from './exit.js';
import { knownId } from './known-id.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { Usage } from './usage.js';
import type { World } from './world.js';

/** `synth run APP -- CMD`: a command beside the processes of an app. */
export function runCommand(command: Command, world: World): Command {
  return namedOptions(command)
    .description('run a command once, in a fresh container of the running release')
    .argument('<app>', 'id of the app whose image, environment, secrets and volumes it gets')
    .argument('[command...]', 'the command, after --')
    .addHelpText('after', HELP)
    .action(async (app: string, line: readonly string[], _: unknown, self: Command) => {
      const words = self.optsWithGlobals<NamedWords>();
      if (line.length === 0)
        throw new Usage(`the command is missing; end with it: synth run ${app} -- python manage.py migrate`);
      const { name, target } = await namedDeployment(words, 'run');
      const deployer = await world.connect(target, words);
      const release = servingRelease(await deployer.ledger(name), target);
      knownId(app, { known: release.plan.apps.map(({ id }) => id), kind: 'app', name });
      const { announce } = await import('./deployment-result.js');
      announce(deployer, `running a command in ${app} of`, name);
      const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
      const code = await deployer.run(release, app, line, { interactive });
      if (code !== EXIT.done) throw new Exit(code);
    });
}

const HELP = `
The command's output is its own, with --json too: then only errors are JSON.

Examples:
  $ synth run api --target swarm -- alembic upgrade head
  $ synth run api --target bare-metal -- python

Exit codes: that of the command; 1 nothing is deployed, or the engine is at fault, 2 wrong usage.`;
