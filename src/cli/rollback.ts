import type { Command } from 'commander';
import { originOf, releaseToBringBack } from '../deployment/rollback.js';
import { defaultTimeout } from '../deployment/timeout.js';
import { writeOutputs } from '../output.js';
import { wordsAgain } from './again.js';
import { holder } from './holder.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { wholeNumber } from './options.js';
import { refuseWords } from './usage.js';
import type { World } from './world.js';

interface Words extends NamedWords {
  readonly timeout?: number;
}

/** `synth rollback`: deploys an earlier release as it was, from the ledger beside the deployment. */
export function rollbackCommand(command: Command, world: World): Command {
  namedOptions(command)
    .description('bring an earlier release back, as it was')
    .argument(
      '[release]',
      'number of the release (default: the one before what serves)',
      wholeNumber('the release', 1, 1_000_000),
    )
    .option(
      '--timeout <seconds>',
      'how long it may take (default: derived from the release)',
      wholeNumber('--timeout', 1, 86_400),
    )
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (number: number | undefined, _: unknown, self: Command) => {
      refuseWords(self.args.slice(1), []);
      const words = self.optsWithGlobals<Words>();
      const { name, target, directory } = await namedDeployment(words, 'rollback');
      const deployer = await world.connect(target, words);
      const release = releaseToBringBack(await deployer.ledger(name), number);
      const { announce, deployAndTell } = await import('./deployment-result.js');
      announce(deployer, `rolling back to release ${originOf(release)} of`, name);
      const { plan, files } = release;
      const owner = { stack: plan.stack, stage: plan.stage, target };
      await deployAndTell(
        deployer,
        {
          plan,
          files,
          directory,
          // What a secret holds now is what its database or partner takes now.
          values: new Map(),
          rollbackTo: originOf(release),
          by: holder(),
          write: () => void writeOutputs([{ directory, owner, files }]),
        },
        {
          json: words.json ?? false,
          timeout: words.timeout ?? defaultTimeout(plan),
          again: wordsAgain(words),
          repeat: `npx synth rollback ${originOf(release)} ${wordsAgain(words)}`,
        },
      );
    });
  return command;
}

const HELP = `
The release comes from the ledger that lives with the deployment, and becomes a new one: same images and files. Secrets keep the values
that they have now. The stack file only says which deployment is meant. The last 5 releases stay.

Examples:
  $ synth rollback --target swarm
  $ synth rollback 12 --target kubernetes --stage staging

Exit codes: 0 the release serves, 1 it does not and what served before serves on, 2 wrong usage, 3 nothing serves, 130 Ctrl-C.`;
