import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Made } from '../deployment/development/develop.js';
import type { DevelopmentEngine } from '../deployment/development/engine.js';
import { LOCK_FILE } from '../deployment/lock-file.js';
import { developmentFrom } from '../development.js';
import { formatComplaint, oneLine, type UserError } from '../errors.js';
import { configFilesOf } from '../model/tree.js';
import { writeOutputs } from '../output.js';
import { projectRoot, sourceReader } from '../synthesize.js';
import { DEVELOPMENT } from '../targets/bare-metal/development/context.js';
import type { Development } from '../targets/bare-metal/development/development.js';
import { shellWord } from '../targets/context.js';
import { EXIT, Exit } from './exit.js';
import { untilInterrupted } from './interrupt.js';
import { loadStack, type LoadedStack } from './load-stack.js';
import {
  contextOption,
  imageOption,
  jsonOption,
  outOption,
  stackOption,
  stageOption,
  wholeNumber,
  type EngineWords,
  type OutputWords,
} from './options.js';
import { outputFolder, shownPath, synthesizeOptions } from './outputs.js';
import { printJson } from './terminal.js';
import { refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface Words extends OutputWords, EngineWords {
  readonly port?: number;
  readonly writeOnly?: boolean;
}

/** `synth watch`: the stack on this machine, as a developer wants it. */
export function watchCommand(command: Command, world: World): Command {
  for (const option of [stackOption, stageOption, outOption, imageOption]) option(command);
  contextOption(command, 'Docker context');
  jsonOption(command)
    .description('run the stack on this machine for development, and follow its files')
    .option(
      '--port <number>',
      'port on 127.0.0.1 of the first app; the others come after it (default: the ports of the apps)',
      wholeNumber('--port', 1, 65_535),
    )
    .option('--write-only', 'write the files and start nothing')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      refuseTargets(words);
      if (words.writeOnly) return writeOnly(words);
      await keepRunning(words, await (world.develop ?? connect)(words));
    });
  return command;
}

function refuseTargets({ target, tag }: Words): void {
  if (target !== undefined && target !== 'bare-metal')
    throw new Usage('synth watch runs a stack on this machine alone; leave --target out');
  if (tag !== undefined) throw new Usage('the images of synth watch all have one tag; leave --tag out');
}

async function connect(words: Words): Promise<DevelopmentEngine> {
  const { connectDevelopment } = await import('../deployment/development/engine.js');
  return connectDevelopment(words.context === undefined ? {} : { context: words.context });
}

async function keepRunning(words: Words, engine: DevelopmentEngine): Promise<void> {
  const { develop } = await import('../deployment/development/develop.js');
  say(`developing on ${engine.name}`);
  const ending = untilInterrupted();
  try {
    await develop(engine, { signal: ending.signal, make: () => make(words), ready: teller(), say, complain });
  } finally {
    ending.stop();
  }
  throw new Exit(EXIT.interrupted);
}

/** Loads the stack as it is now, and writes its files and secrets. */
async function make(words: Words): Promise<Made> {
  const { writeSecrets, ENV_FILE } = await import('../deployment/development/secrets.js');
  const loaded = await loadStack(words.stack, { stage: words.stage });
  const { development, directory } = write(loaded, words);
  const root = projectRoot(loaded.stack);
  const hasNewSecrets = await writeSecrets(loaded.stack, { root, directory, env: process.env });
  const files = configFilesOf(loaded.stack).flatMap(({ file }) => file ?? []);
  const from = [...scriptsBeside(loaded.file), ...[ENV_FILE, LOCK_FILE, ...files].map((path) => join(root, path))];
  return { development, directory, root, from, hasNewSecrets };
}

/** The stack file, and whatever in its folder it may import. */
function scriptsBeside(file: string): string[] {
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .map((name) => join(folder, name));
}

function write(loaded: LoadedStack, words: Words): { development: Development; directory: string } {
  const { stack } = loaded;
  const options = {
    ...synthesizeOptions(loaded, words, DEVELOPMENT),
    ...(words.port === undefined ? {} : { port: words.port }),
  };
  const directory = outputFolder(stack, words, DEVELOPMENT);
  const owner = { stack: stack.name, stage: words.stage, target: DEVELOPMENT };
  const development = loaded.locate(() => developmentFrom(sourceReader(stack, options), stack, options));
  writeOutputs([{ directory, owner, files: development.files }]);
  return { development, directory };
}

/** Says what there is to know of what runs, unless it has said so before. */
function teller(): (made: Made) => void {
  let told = '';
  return ({ development: { addresses, isPatched }, directory }) => {
    const lines = [
      ...[...addresses].map(([id, address]) => `${id} answers at ${address}`),
      ...(isPatched ? ['patches of Compose.of(…) are left out here: what they speak of need not be there'] : []),
      `the files are in ${shownPath(directory)}; Ctrl-C ends it all, and the volumes stay`,
    ];
    if (lines.join() === told) return say('everything runs as the files say');
    told = lines.join();
    lines.forEach(say);
  };
}

async function writeOnly(words: Words): Promise<void> {
  const loaded = await loadStack(words.stack, { stage: words.stage });
  const { development, directory } = write(loaded, words);
  const { name, files, addresses } = development;
  const folder = shownPath(directory);
  const next = `docker compose -f ${shellWord(folder)}/compose.yaml up --build   (${shellWord(folder)}/README.md has every step)`;
  const paths = files.map(({ path }) => path);
  if (words.json) {
    printJson({ ok: true, name, directory: folder, files: paths, addresses: Object.fromEntries(addresses), next });
    return;
  }
  process.stdout.write(paths.map((path) => `${folder}/${path}\n`).join(''));
  process.stderr.write(`next: ${next}\n`);
}

function say(line: string): void {
  process.stderr.write(`${oneLine(line)}\n`);
}

function complain({ complaints }: UserError): void {
  for (const complaint of complaints) process.stderr.write(`${formatComplaint(complaint)}\n`);
  say('what ran before runs on; the next change tries again');
}

const HELP = `
The bare-metal output for development, in out/<deployed name>/development: each app is one Uvicorn process with --reload and its source
mounted, on a port of this machine alone and without nginx; databases, workers, jobs and schedules run beside it, with volumes of their
own. A changed stack file, lock file or .env makes everything anew, a changed source restarts the workers. Secrets come from files,
variables or .env in the project; passwords of databases are made up. stdout has what the apps say, with --json too.

Examples:
  $ synth watch
  $ synth watch --stack stacks/shop.ts --port 9000
  $ API_KEY=… synth watch --stage mine
  $ synth watch --write-only

Exit codes: 0 written (--write-only), 1 the stack or the machine is at fault, 2 wrong usage, 130 Ctrl-C, which is how it ends.`;
