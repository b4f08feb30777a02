import type { Command } from 'commander';
import { loggedIds } from '../deployment/plan.js';
import { servingRelease } from '../deployment/rollback.js';
import { EXIT, Exit } from './exit.js';
import { untilInterrupted } from './interrupt.js';
import { knownId } from './known-id.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { wholeNumber } from './options.js';
import { refuseWords } from './usage.js';
import type { World } from './world.js';

interface Words extends NamedWords {
  readonly follow?: boolean;
  readonly tail?: number;
}

/** `synth logs`: what the apps say, and what runs beside them. */
export function logsCommand(command: Command, world: World): Command {
  return namedOptions(command)
    .description('print the logs of an app or of what runs beside it, or of all')
    .argument('[app]', 'id of an app, worker, schedule or database, or nginx')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--tail <lines>', 'lines of each container to begin with', wholeNumber('--tail', 0, 1_000_000))
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (app: string | undefined, _: unknown, self: Command) => {
      refuseWords(self.args.slice(1), []);
      const words = self.optsWithGlobals<Words>();
      const { name, target } = await namedDeployment(words, 'logs');
      const deployer = await world.connect(target, words);
      const release = servingRelease(await deployer.ledger(name), target);
      if (app !== undefined) knownId(app, { known: loggedIds(release.plan), kind: 'app or worker', name });
      const ending = untilInterrupted();
      try {
        const code = await deployer.logs(release, {
          ...(app === undefined ? {} : { app }),
          follow: words.follow ?? false,
          tail: words.tail ?? 100,
          signal: ending.signal,
        });
        if (ending.interrupted()) throw new Exit(EXIT.interrupted);
        if (code !== 0) throw new Exit(EXIT.fault);
      } finally {
        ending.stop();
      }
    });
}

const HELP = `
A schedule says which tick started, and how it ended. Without --tail the last 100 lines of each container. The lines are the apps' own, with --json too: then only errors are JSON.

Examples:
  $ synth logs --target swarm
  $ synth logs mail --target bare-metal
  $ synth logs api --follow --tail 20 --target kubernetes

Exit codes: 0 done, 1 nothing is deployed, or the engine is at fault, 2 wrong usage, 130 Ctrl-C.`;
