import type { Command } from 'commander';
import type { BuiltImage } from '../deployment/build.js';
import { oneLine, UserError } from '../errors.js';
import { show } from '../model/values.js';
import { writeOutputs } from '../output.js';
import { EXIT, Exit } from './exit.js';
import { loadStack, type LoadedStack } from './load-stack.js';
import {
  contextOption,
  imageOptions,
  jsonOption,
  outOption,
  stackOption,
  stageOption,
  TARGET_WORDS,
  targetOption,
  targetsOf,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { synthesizeOutputs, type Synthesized } from './outputs.js';
import { printJson, reportTo } from './terminal.js';
import { notEmpty, refuseWords, Usage } from './usage.js';

interface Words extends OutputWords, EngineWords {
  readonly push?: boolean;
  readonly platform?: string;
}

/** `synth build`: makes the images of a stack that are not there yet. */
export function buildCommand(command: Command): Command {
  for (const option of [targetOption, stackOption, stageOption, outOption, imageOptions]) option(command);
  contextOption(command, 'Docker context of the engine that builds');
  jsonOption(command)
    .description('build the images of the stack that are not there yet, and push them')
    .option('--push', 'push them to the registry of the stack, instead of keeping them on the engine that builds')
    .option(
      '--platform <list>',
      'platforms, such as linux/amd64,linux/arm64; more than one only with --push',
      platforms,
    )
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      if (words.target === undefined) throw new Usage(`--target is missing; choose one of ${TARGET_WORDS.join(', ')}`);
      if (words.platform?.includes(',') && !words.push)
        throw new Usage('an image for several platforms can only be pushed; add --push, or name one platform');
      const loaded = await loadStack(words.stack, { stage: words.stage });
      const outputs = synthesizeOutputs(loaded, words, targetsOf(words.target));
      const images = await buildOutputs(loaded, outputs, words);
      if (words.json) printJson({ ok: true, images });
      else process.stdout.write(images.map(({ image }) => `${image}\n`).join(''));
    });
  return command;
}

/** Writes the outputs and builds their images. Ends the command where one cannot be built. */
export async function buildOutputs(
  loaded: LoadedStack,
  outputs: readonly Synthesized[],
  { push = false, platform, context, json }: Pick<Words, 'push' | 'platform' | 'context' | 'json'>,
): Promise<readonly BuiltImage[]> {
  const [{ buildImages, missingBuildSecrets }, { buildsOf }, { connectDocker }] = await Promise.all([
    import('../deployment/build.js'),
    import('../deployment/images.js'),
    import('../deployment/docker.js'),
  ]);
  const { stack } = loaded;
  const planned = outputs.flatMap(({ target, directory, options }) =>
    buildsOf(stack, target, options).map((build) => ({ build, directory })),
  );
  loaded.locate(() => {
    const complaints = missingBuildSecrets(planned);
    if (push && stack.registry === undefined && planned.length > 0)
      complaints.push({
        path: stack.node.path,
        message: 'there is nowhere to push to; give the stack a registry, such as "ghcr.io/acme", or leave out --push',
      });
    if (complaints.length > 0) throw new UserError(complaints);
  });
  const engine = await connectDocker(context === undefined ? {} : { context });
  process.stderr.write(`building on ${oneLine(engine.name)}\n`);
  writeOutputs(outputs);
  const report = reportTo(process.stderr);
  const images = await buildImages(
    engine.docker,
    planned,
    { push, ...(platform === undefined ? {} : { platform }) },
    report,
  ).finally(() => report.end());
  const failed = images.find(({ state }) => state === 'failed');
  if (failed) {
    tellFailure(stack.name, failed);
    if (json) printJson({ ok: false, images });
    throw new Exit(EXIT.fault);
  }
  return images;
}

function tellFailure(name: string, { app, image, failure }: BuiltImage): void {
  const { step, reason = 'unknown', lines = [] } = failure ?? {};
  const where = step === undefined ? '' : ` at ${step}`;
  process.stderr.write(`${oneLine(`${name}/${app}: ${image} cannot be built${where}: ${reason}`)}\n`);
  for (const line of lines) process.stderr.write(`  ${oneLine(line)}\n`);
}

function platforms(value: string, previous?: string): string {
  const text = notEmpty('--platform')(value, previous);
  if (/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?(,[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?)*$/.test(text)) return text;
  throw new Usage(
    `--platform takes platforms with commas between, such as linux/amd64,linux/arm64, got ${show(value)}`,
  );
}

const HELP = `
Writes the output, as synth does, and builds from it with docker buildx. An image whose tag is there already is not built again: the tag
is a hash of what goes into it. Credentials for registries are those of docker login. The images are printed on stdout.

Examples:
  $ synth build --target bare-metal
  $ synth build --target all --push --platform linux/amd64,linux/arm64
  $ NPM_TOKEN=… synth build --target swarm --push --context builder

Exit codes: 0 done, 1 the stack or the machine is at fault, or an image cannot be built, 2 wrong usage.`;
