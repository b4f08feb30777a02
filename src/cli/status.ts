import type { Command } from 'commander';
import { wordsAgain } from './again.js';
import { EXIT, Exit } from './exit.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { afterStatus, isHealthy, statusText } from './status-text.js';
import { printJson } from './terminal.js';
import { refuseWords } from './usage.js';
import type { World } from './world.js';

/** `synth status`: what runs, and whether it is well. */
export function statusCommand(command: Command, world: World): Command {
  return namedOptions(command)
    .description('show what runs: release, images, healthy processes, restarts')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<NamedWords>();
      const { name, target } = await namedDeployment(words, 'status');
      const deployer = await world.connect(target, words);
      const status = await deployer.status(await deployer.ledger(name));
      const ok = isHealthy(status);
      if (words.json) printJson({ ok, target, ...status });
      else {
        process.stdout.write(statusText(status));
        const next = afterStatus(status, wordsAgain(words));
        if (next !== undefined) process.stderr.write(`next: ${next}\n`);
      }
      if (!ok) throw new Exit(EXIT.fault);
    });
}

const HELP = `
Examples:
  $ synth status --target bare-metal
  $ synth status --target kubernetes --context production --json

Exit codes: 0 every process is healthy, 1 not every one is, or nothing runs, 2 wrong usage.`;
