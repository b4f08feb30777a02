import type { Command } from 'commander';
import type { Deployer } from '../deployment/deployer.js';
import { planOf, type Plan } from '../deployment/plan.js';
import { secretValues } from '../deployment/secret-values.js';
import { defaultTimeout } from '../deployment/timeout.js';
import { UserError } from '../errors.js';
import type { Stack } from '../model/stack.js';
import { writeOutputs } from '../output.js';
import { projectRoot } from '../synthesize.js';
import type { TargetName } from '../targets/index.js';
import { imagesAgain, wordsAgain } from './again.js';
import { buildOutputs } from './build.js';
import { printDifferences } from './diff.js';
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
    .option(
      '--timeout <seconds>',
      'how long it may take (default: derived from the stack)',
      wholeNumber('--timeout', 1, 86_400),
    )
    .option('--dry-run', 'check the engine and show what would change; change nothing')
    .option('--build', 'build the images that are missing first, and push them where the stack names a registry')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const target = oneTarget(words, 'deploy');
      const loaded = await loadStack(words.stack, { stage: words.stage });
      const output = synthesizeOutputs(loaded, words, [target])[0]!;
      const plan = planOf(loaded.stack, target, output.options);
      const values = secretValues(plan, projectRoot(loaded.stack));
      const deployer = await world.connect(target, words);
      const { announce, deployAndTell } = await import('./deployment-result.js');
      announce(deployer, words.dryRun ? 'checking' : 'deploying', plan.name);
      if (words.dryRun) return dryRun(deployer, plan, output, words);
      if (words.build) {
        const { directory } = output;
        const { refuseBeforeBuild } = await import('../deployment/deploy.js');
        const imagesStay = loaded.stack.registry === undefined;
        await refuseBeforeBuild(deployer, { plan, values, directory }, { imagesStay });
        await buildOutputs(loaded, [output], buildWords(loaded.stack, target, words));
      }
      await deployAndTell(
        deployer,
        {
          plan,
          files: output.files,
          directory: output.directory,
          values,
          by: holder(),
          write: () => void writeOutputs([output]),
        },
        {
          json: words.json ?? false,
          timeout: words.timeout ?? defaultTimeout(plan),
          again: wordsAgain(words),
          repeat: sameAgain(words),
        },
      );
    });
  return command;
}

/** What is wrong with the engine, else what would change there. */
async function dryRun(deployer: Deployer, plan: Plan, output: Synthesized, words: Words): Promise<void> {
  const complaints = await deployer.check(plan);
  if (complaints.length > 0) throw new UserError(complaints);
  await printDifferences(deployer, output, { ...words, dryRun: true });
}

/** On one host the engine that builds is the one that runs; elsewhere the nodes pull from the registry. */
function buildWords({ registry }: Stack, target: TargetName, { context }: Words) {
  return {
    push: target !== 'bare-metal' && registry !== undefined,
    ...(context === undefined || target === 'kubernetes' ? {} : { context }),
  };
}

/** The command line once more. */
function sameAgain(words: Words): string {
  return ['npx synth deploy', wordsAgain(words), ...imagesAgain(words), ...(words.build ? ['--build'] : [])].join(' ');
}

const HELP = `
Synthesizes and writes the output, makes networks, namespace and secrets that must exist first, and rolls: new processes start beside the
old ones, and take over when every one of them is healthy. A version that fails is rolled back by itself. Values of secrets come from the
variables of their names in capitals, or from their files. Ctrl-C goes back to the old version.

Examples:
  $ DB_PASSWORD=… synth deploy --target bare-metal
  $ synth deploy --target swarm --context production --build
  $ synth deploy --target kubernetes --dry-run
  $ DOCKER_HOST=ssh://deploy@shop1 synth deploy --target bare-metal --json

Without --timeout it may take two minutes, and for each app the turns of its processes: each twice its startup time and once its stop
grace period; at least 300 s.

Exit codes: 0 the new version serves, 1 it does not and the old one serves on, 2 wrong usage, 3 nothing serves, 130 Ctrl-C.`;
