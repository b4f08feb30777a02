import type { Command } from 'commander';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { deployedName } from '../model/tree.js';
import type { Stack } from '../model/stack.js';
import { show } from '../model/values.js';
import type { PlannedOutput } from '../output-owner.js';
import { writeOutputs, type WrittenOutput } from '../output.js';
import { inOrder, projectRoot, sourceReader, synthesizeFrom } from '../synthesize.js';
import { UserError } from '../errors.js';
import type { ReadSources } from '../sources/read-sources.js';
import { targets, type TargetName } from '../targets/index.js';
import type { SynthesizeOptions } from '../targets/target.js';
import { loadStack, type LoadedStack } from './load-stack.js';
import { nextCommand } from './next-command.js';
import { readLock } from './lock-file.js';
import { notEmpty, oneOf, refuseWords, Usage } from './usage.js';

interface SynthOptions {
  readonly target?: string;
  readonly stack?: string;
  readonly out?: string;
  readonly stage?: string;
  readonly tag?: string;
  readonly image?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** `synth --target T`: writes the files that deploy a stack. */
export function synthCommand(command: Command): Command {
  const names = [...targets.map(({ name }) => name), 'all'];
  return command
    .option('--target <name>', `where the stack is deployed: ${names.join(', ')}`, oneOf('--target', names))
    .option('--stack <file>', 'stack file (default: the only file in stacks/, else stack.ts)', notEmpty('--stack'))
    .option(
      '--out <folder>',
      'folder for the output, with a folder for each target (default: out/<deployed name>)',
      notEmpty('--out'),
    )
    .option('--stage <name>', 'stage, such as staging: it becomes part of every deployed name', notEmpty('--stage'))
    .option('--tag <tag>', 'tag of the built images (default: a hash of what they are built from)', notEmpty('--tag'))
    .option(
      '--image <name=reference>',
      'image of an app or of a third party, such as nginx=mirror/nginx:1.30.4; repeatable',
      collectImage,
    )
    .option('--json', 'print the result as JSON')
    .allowExcessArguments()
    .action(async (options: SynthOptions, self: Command) => {
      refuseWords(
        self.args,
        self.commands.map((one) => one.name()),
        names,
      );
      if (options.target === undefined) throw new Usage(`--target is missing; choose one of ${names.join(', ')}`);
      const loaded = await loadStack(options.stack, { stage: options.stage });
      const outputs = planOutputs(loaded, options, options.target);
      print(loaded.stack, outputs, writeOutputs(outputs), options);
    });
}

function collectImage(value: string, images: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1)
    throw new Usage(`--image takes NAME=REFERENCE, such as nginx=mirror.example.com/nginx:1.30.4, got ${show(value)}`);
  return { ...images, [value.slice(0, at)]: value.slice(at + 1) };
}

/** The output of each target that is asked for; every mistake of all of them at once. */
function planOutputs(loaded: LoadedStack, options: SynthOptions, target: string): PlannedOutput[] {
  const names = targets.map(({ name }) => name).filter((name) => target === 'all' || name === target);
  const readOnce = sourceReader(loaded.stack, synthesizeOptions(loaded, options, names[0]!));
  const outputs: PlannedOutput[] = [];
  const failures: UserError[] = [];
  for (const name of names) {
    try {
      outputs.push(loaded.locate(() => planOutput(loaded, options, name, readOnce)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error);
    }
  }
  const complaints = failures.flatMap((failure) => failure.complaints);
  const distinct = new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint]));
  if (distinct.size > 0) throw new UserError(inOrder([...distinct.values()]));
  return outputs;
}

function planOutput(
  loaded: LoadedStack,
  options: SynthOptions,
  target: TargetName,
  readOnce: () => ReadSources,
): PlannedOutput {
  const { stack } = loaded;
  const files = synthesizeFrom(readOnce, stack, target, synthesizeOptions(loaded, options, target));
  return {
    directory: outputFolder(stack, options, target),
    owner: { stack: stack.name, stage: options.stage, target },
    files,
  };
}

function outputFolder(stack: Stack, options: SynthOptions, target: TargetName): string {
  return join(resolve(options.out ?? join(projectRoot(stack), 'out', deployedName(stack, options.stage))), target);
}

function synthesizeOptions({ stack, file }: LoadedStack, options: SynthOptions, target: TargetName): SynthesizeOptions {
  const root = projectRoot(stack);
  const directory = outputFolder(stack, options, target);
  return {
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    ...(options.tag === undefined ? {} : { tag: options.tag }),
    images: options.image ?? {},
    digests: readLock(root),
    out: posixPath(relative(root, directory)),
    root: posixPath(relative(directory, root)),
    stackFile: posixPath(relative(process.cwd(), file)),
  };
}

function posixPath(path: string): string {
  return path.split(sep).join('/');
}

function print(
  stack: Stack,
  outputs: readonly PlannedOutput[],
  written: readonly WrittenOutput[],
  options: SynthOptions,
): void {
  const results = outputs.map(({ directory, owner, files }, index) => ({
    target: owner.target,
    directory: shown(directory),
    files: files.map(({ path }) => path),
    written: written[index]!.written,
    removed: written[index]!.removed,
    next: nextCommand(stack, owner.target, shown(directory), options.stage),
  }));
  if (options.json) {
    const name = deployedName(stack, options.stage);
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, ok: true, stack: stack.name, name, outputs: results }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(
    results.flatMap(({ directory, files }) => files.map((path) => `${directory}/${path}\n`)).join(''),
  );
  for (const { directory, removed, next } of results) {
    for (const path of removed) process.stderr.write(`removed ${directory}/${path}\n`);
    process.stderr.write(`next: ${next}\n`);
  }
}

function shown(directory: string): string {
  const short = relative(process.cwd(), directory);
  return posixPath(short.startsWith('..') || isAbsolute(short) ? directory : short);
}
