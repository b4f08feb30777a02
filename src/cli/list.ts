import { Option, type Command } from 'commander';
import { relative } from 'node:path';
import type { IConstruct } from 'constructs';
import { AsgiApp } from '../model/app.js';
import { DataStore } from '../model/data-store.js';
import { Job } from '../model/job.js';
import { processCount } from '../model/scaling.js';
import { ConfigFile } from '../model/config-file.js';
import { Schedule } from '../model/schedule.js';
import { Secret } from '../model/secret.js';
import { stagesOf } from '../model/stages.js';
import { Stack } from '../model/stack.js';
import { Volume } from '../model/volume.js';
import { Worker } from '../model/worker.js';
import { refuseMistakes } from '../synthesize.js';
import { findStackFiles, loadStackFile, type LoadedStack } from './load-stack.js';
import { refuseWords } from './usage.js';

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly what: string;
}

/** `synth list`: what the stacks of a project consist of. */
export function listCommand(command: Command): Command {
  return command
    .description('list the constructs of the stacks of this project')
    .option('--stack <file>', 'stack file (default: every file in stacks/, else stack.ts)')
    .option('--stage <name>', 'stage that the stack file is told')
    .addOption(new Option('--json', 'print the result as JSON'))
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      // Both this command and its parent know these options; whoever parsed them has them.
      const { stack: wanted, stage, json } = self.optsWithGlobals<{ stack?: string; stage?: string; json?: boolean }>();
      const stacks = [];
      for (const file of findStackFiles(wanted)) {
        const loaded = await loadStackFile(file, { stage });
        loaded.locate(() => refuseMistakes(loaded.stack));
        stacks.push(describeStack(loaded));
      }
      if (json) process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ok: true, stacks }, null, 2)}\n`);
      else process.stdout.write(table(stacks.flatMap(({ constructs }) => constructs)));
    });
}

function describeStack({ stack, file }: LoadedStack) {
  const stages = stagesOf(stack)?.names;
  return {
    name: stack.name,
    file: relative(process.cwd(), file),
    ...(stages === undefined ? {} : { stages }),
    constructs: rows(stack),
  };
}

function rows(stack: Stack): Row[] {
  return stack.node
    .findAll()
    .map((construct) => ({ path: construct.node.path, kind: construct.constructor.name, what: describe(construct) }));
}

function describe(construct: IConstruct): string {
  if (construct instanceof Stack) return stagesOf(construct) ? `stages ${stagesOf(construct)?.names.join(', ')}` : '';
  if (construct instanceof AsgiApp)
    return `${construct.module} from ${construct.source ?? construct.image}, ${processCount(construct)} processes`;
  if (construct instanceof Worker)
    return `${construct.command.join(' ')} of ${construct.app.node.id}, ${construct.processes} processes`;
  if (construct instanceof Job) return `${construct.command.join(' ')} of ${construct.app.node.id}, once a release`;
  if (construct instanceof Schedule)
    return `${construct.command.join(' ')} of ${construct.app.node.id}, ${construct.cron} ${construct.timeZone}`;
  if (construct instanceof DataStore) {
    const { scheme, path } = construct.plainUrl;
    return `${scheme}://${construct.host ?? construct.node.id}:${construct.port}/${path}`;
  }
  if (construct instanceof Secret)
    return `/run/secrets/${construct.node.id}${construct.as === 'environment' ? ` and ${construct.variable}` : ''}`;
  if (construct instanceof ConfigFile)
    return construct.file ?? `a text of ${Buffer.byteLength(construct.content ?? '')} bytes`;
  if (construct instanceof Volume) return construct.shared ? `${construct.size}, shared by nodes` : construct.size;
  return '';
}

function table(list: readonly Row[]): string {
  const width = (key: 'path' | 'kind') => Math.max(...list.map((row) => row[key].length));
  return list
    .map(
      ({ path, kind, what }) =>
        `${path.padEnd(width('path'))}  ${kind.padEnd(width('kind'))}  ${what}`.trimEnd() + '\n',
    )
    .join('');
}

const HELP = `
One line a construct: its path, what it is, and what it says of itself.

Examples:
  $ synth list
  $ synth list --stack stacks/shop.ts --stage staging
  $ synth list --json

Exit codes: 0 done, 1 a stack has mistakes, 2 wrong usage.`;
