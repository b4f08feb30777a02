import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { UsedImages } from '../deployment/images.js';
import { isLocked, LOCK_FILE, readLock, writeLock, type Digests } from '../deployment/lock-file.js';
import type { Docker } from '../deployment/docker.js';
import type { LockedImages } from '../deployment/lock-images.js';
import { oneLine } from '../errors.js';
import { projectRoot, readChecked, sourceReader } from '../synthesize.js';
import type { TargetName } from '../targets/index.js';
import { EXIT, Exit } from './exit.js';
import { findStackFiles, loadStackFile, type LoadedStack } from './load-stack.js';
import {
  contextOption,
  imageOptions,
  jsonOption,
  outOption,
  stackOption,
  stageOption,
  targetOption,
  targetsOf,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { synthesizeOptions } from './outputs.js';
import { printJson, reportTo } from './terminal.js';
import { refuseWords } from './usage.js';

interface Words extends OutputWords, EngineWords {
  readonly check?: boolean;
}

/** `synth lock`: writes down which images the outputs mean. */
export function lockCommand(command: Command): Command {
  for (const option of [targetOption, stackOption, stageOption, outOption, imageOptions]) option(command);
  contextOption(command, 'Docker context');
  jsonOption(command)
    .description(`write the digests of all images to ${LOCK_FILE}, from where every output takes them`)
    .option('--check', 'write nothing; exit code 1 if the file is not as it would be')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const [{ Docker }, { nextLock }] = await Promise.all([
        import('../deployment/docker.js'),
        import('../deployment/lock-images.js'),
      ]);
      const docker = new Docker(words.context === undefined ? {} : { context: words.context });
      const files = findStackFiles(words.stack);
      const stacks: LoadedStack[] = [];
      for (const file of files) stacks.push(await loadStackFile(file, { stage: words.stage }));
      const root = projectRoot(stacks[0]!.stack);
      const before = readLock(root);
      const locked = await findDigests(
        stacks.filter(({ stack }) => projectRoot(stack) === root),
        words,
        docker,
      );
      const after = nextLock(before, locked, { keepOthers: isPartial(words) });
      const changed = !isLocked(root, after);
      if (changed && !words.check) writeLock(root, after);
      print({ before, after, locked, changed }, words);
      if (changed && words.check) throw new Exit(EXIT.fault);
    });
  return command;
}

/** Whether the project has images that these words leave out: other stacks share the file, and stages and targets of this one. */
function isPartial({ stack, target = 'all', stage }: Words): boolean {
  return target !== 'all' || stage !== undefined || (stack !== undefined && hasOthers(stack));
}

function hasOthers(stack: string): boolean {
  try {
    return findStackFiles(undefined).some((file) => file !== resolve(stack));
  } catch {
    return false;
  }
}

async function findDigests(stacks: readonly LoadedStack[], words: Words, docker: Docker): Promise<LockedImages> {
  const [{ allImages, imagesOf }, { lockImages }, { lookUp }] = await Promise.all([
    import('../deployment/images.js'),
    import('../deployment/lock-images.js'),
    import('../deployment/registry.js'),
  ]);
  const questions = stacks.flatMap((loaded) => eachTarget(loaded, words, imagesOf));
  const report = reportTo(process.stderr);
  return lockImages(
    {
      used: (digests) => allImages(questions.map((used) => used(digests))),
      lookUp: (reference) => lookUp(docker, reference),
    },
    report,
  ).finally(() => report.end());
}

/** For each target of a stack, which images its output names with given digests. */
function eachTarget(
  loaded: LoadedStack,
  words: Words,
  imagesOf: typeof import('../deployment/images.js').imagesOf,
): ((digests: Digests) => UsedImages)[] {
  const names: TargetName[] = targetsOf(words.target ?? 'all');
  const { stack } = loaded;
  const readOnce = sourceReader(stack, synthesizeOptions(loaded, words, names[0]!));
  return names.map((target) => {
    const options = synthesizeOptions(loaded, words, target);
    const { sources } = loaded.locate(() => readChecked(readOnce, stack, options));
    return (digests) => imagesOf(stack, target, { ...options, sources, digests });
  });
}

function print(
  { before, after, locked, changed }: { before: Digests; after: Digests; locked: LockedImages; changed: boolean },
  words: Words,
): void {
  const added = Object.keys(after).filter((reference) => before[reference] !== after[reference]);
  const removed = Object.keys(before).filter((reference) => !Object.hasOwn(after, reference));
  for (const reference of locked.unlocked)
    process.stderr.write(`${oneLine(reference)} is not pushed yet; run synth build --push, then synth lock again\n`);
  if (words.json)
    return printJson({
      ok: !(changed && words.check),
      file: LOCK_FILE,
      changed,
      images: after,
      unlocked: locked.unlocked,
    });
  for (const reference of removed) process.stdout.write(`- ${reference}\n`);
  for (const reference of added) process.stdout.write(`+ ${reference}@${after[reference]}\n`);
  const count = Object.keys(after).length;
  const what = `${count} image${count === 1 ? '' : 's'}`;
  process.stderr.write(
    changed
      ? words.check
        ? `${LOCK_FILE} is out of date; run synth lock and commit it\n`
        : `wrote ${LOCK_FILE} with ${what}; commit it, then run synth again\n`
      : `${LOCK_FILE} is up to date with ${what}\n`,
  );
}

const HELP = `
Asks the registries, with the credentials of docker login, for the images that the outputs of all stacks and targets name, and for those
that ours are built on. What no output names any more goes; with --stack of several, --stage or --target all others stay.
A digest of the Python image changes what our images are built from: lock, then build and push, then lock again.

Examples:
  $ synth lock
  $ synth build --target all --push && synth lock
  $ synth lock --check

Exit codes: 0 done, 1 an image or its registry is at fault, or with --check the file is out of date, 2 wrong usage.`;
