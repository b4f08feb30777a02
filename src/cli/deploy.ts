import type { Command } from 'commander';
import type { Deployer } from '../deployment/deployer.js';
import { planOf } from '../deployment/plan.js';
import { secretValues } from '../deployment/secret-values.js';
import { defaultTimeout } from '../deployment/timeout.js';
import { UserError } from '../errors.js';
import { writeOutputs } from '../output.js';
import { projectRoot } from '../synthesize.js';
import { wordsAgain } from './again.js';
import { holder } from './holder.js';
import { loadStack } from './load-stack.js';
import {
  contextOption,
  imageOptions,
  jsonOption,
  oneTarget,
  oneTargetOption,
  outOption,
  stackOption,
  stageOption,
  wholeNumber,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { synthesizeOutputs, type Synthesized } from './outputs.js';
import { refuseWords } from './usage.js';
import type { World } from './world.js';

interface Words extends OutputWords, EngineWords {
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly build?: boolean;
}

/** `synth deploy`: the new version serves, or the old one as if nothing had been. */
export function deployCommand(command: Command, world: World): Command {
  for (const option of [oneTargetOption, stackOption, stageOption, outOption, imageOptions, contextOption])
    option(command);
  jsonOption(command)
    .description('bring the stack up, or to its new version, without losing a request')
    .option('--timeout <seconds>', 'how long it may take (default: derived from the stack)', wholeNumber('--timeout', 1, 86_400))
    .option('--dry-run', 'check the engine and show what would change; change nothing')
    .option('--build', 'build the images that are missing first, and push them where the stack names a registry')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const target = oneTarget(words, 'deploy');
      const loaded = await loadStack(words.stack, { stage: words.stage });
      const output = synthesizeOutputs(loaded, words, [target])[0]!;
      const plan = planOf(loaded.stack, target, output.options);
      const deployer = await world.connect(target, words);
      const { announce, deployAndTell } = await import('./deployment-result.js');
      announce(deployer, words.dryRun ? 'checking' : 'deploying', plan.name);
      if (words.dryRun) return dryRun(deployer, output, words);
      if (words.build) {
        const { buildAll } = await import('./build.js');
        await buildAll(loaded, [output], { push: target !== 'bare-metal' && loaded.stack.registry !== undefined, context: target === 'kubernetes' ? undefined : words.context });
      }
      await deployAndTell(
        deployer,
        {
          plan,
          files: output.files,
          directory: output.directory,
          values: secretValues(plan, projectRoot(loaded.stack)),
          by: holder(),
          write: () => void writeOutputs([output]),
        },
        { json: words.json ?? false, timeout: words.timeout ?? defaultTimeout(plan), again: wordsAgain(words) },
      );
    });
  return command;
}
