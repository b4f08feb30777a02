import type { Command } from 'commander';
import { oneLine } from '../errors.js';
import { isAttended, isConfirmed } from './confirm.js';
import { EXIT, Exit } from './exit.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { printJson } from './terminal.js';
import { refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface Words extends NamedWords {
  readonly yes?: boolean;
  readonly volumes?: boolean;
}

/** `synth destroy`: removes what was deployed. */
export function destroyCommand(command: Command, world: World): Command {
  return namedOptions(command)
    .description('remove what is deployed; volumes stay unless --volumes is given')
    .option('--yes', 'do not ask')
    .option('--volumes', 'remove the volumes too, with everything that they hold')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const { name, target, namespace } = await namedDeployment(words, 'destroy');
      if (!words.yes && !isAttended())
        throw new Usage(`destroy asks before it removes ${name}, and there is no terminal to ask on; add --yes`);
      const deployer = await world.connect(target, words);
      const { announce } = await import('./deployment-result.js');
      announce(deployer, words.volumes ? 'destroying, volumes included,' : 'destroying', name);
      if (!words.yes && !(await isConfirmed(name, 'to remove it'))) {
        process.stderr.write('nothing was removed\n');
        throw new Exit(EXIT.fault);
      }
      const removed = await deployer.destroy(name, {
        volumes: words.volumes ?? false,
        ...(target === 'kubernetes' ? { namespace } : {}),
      });
      if (words.json) printJson({ ok: true, name, target, engine: deployer.engine, removed });
      else tell(name, removed);
    });
}

function tell(name: string, removed: readonly string[]): void {
  for (const one of removed) process.stdout.write(`removed ${oneLine(one)}\n`);
  if (removed.length === 0) process.stderr.write(`nothing of ${name} is there\n`);
}

const HELP = `
Asks for the deployed name, or takes --yes. Images stay, and so do secrets that are external.

Examples:
  $ synth destroy --target swarm --stage staging
  $ synth destroy --target bare-metal --yes --volumes

Exit codes: 0 removed, or nothing was there, 1 the engine is at fault, or the answer was another one, 2 wrong usage.`;
