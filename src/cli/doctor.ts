import type { Command } from 'commander';
import type { Patient } from '../deployment/doctor/doctor.js';
import type { Finding } from '../deployment/doctor/finding.js';
import { formatComplaint, oneLine, UserError } from '../errors.js';
import { deployedName } from '../model/tree.js';
import { projectRoot, refuseMistakes, sourceReader } from '../synthesize.js';
import { mayColour, paint } from './colour.js';
import { EXIT, Exit } from './exit.js';
import { findStackFiles, loadStackFile } from './load-stack.js';
import {
  contextOption,
  jsonOption,
  stackOption,
  stageOption,
  targetOption,
  targetsOf,
  TARGET_NAMES,
  type EngineWords,
  type StackWords,
} from './options.js';
import { shownPath, synthesizeOptions } from './outputs.js';
import { printJson, table } from './terminal.js';
import { refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface Words extends StackWords, EngineWords {}

/** `synth doctor`: whether this machine has what the targets need. */
export function doctorCommand(command: Command, world: World): Command {
  for (const option of [targetOption, stackOption, stageOption, contextOption, jsonOption]) option(command);
  return command
    .description('check whether this machine has what the targets need, and say what mends it')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      const targets = targetsOf(words.target ?? 'all');
      if (words.context !== undefined && targets.length > 1)
        throw new Usage(
          `--context is of Docker or of kubectl, so that it needs a --target; choose one of ${TARGET_NAMES.join(', ')}`,
        );
      const { examine } = await import('../deployment/doctor/doctor.js');
      const machine = await (world.machine ?? thisMachine)();
      const { patient, findings } = await patientOf(words);
      const asked = words.target !== undefined;
      const { context } = words;
      const examined = await examine(machine, { targets, asked, context, patient });
      await tell(targets, [...findings, ...examined], words);
    });
}

async function thisMachine() {
  const { thisMachine: machine } = await import('../deployment/doctor/this-machine.js');
  return machine();
}

/** The stack, or why there is none: the machine can be looked at all the same. */
async function patientOf(words: Words): Promise<{ patient?: Patient; findings: Finding[] }> {
  try {
    const files = findStackFiles(words.stack);
    if (files.length > 1) return { findings: [severalStacks(files)] };
    const loaded = await loadStackFile(files[0]!, { stage: words.stage });
    const { stack } = loaded;
    loaded.locate(() => refuseMistakes(stack));
    const name = deployedName(stack, words.stage);
    const read = sourceReader(stack, synthesizeOptions(loaded, words, 'bare-metal'))();
    const found = `${name} in ${shownPath(loaded.file)}`;
    return {
      patient: { stack, name, stage: words.stage, root: projectRoot(stack), read },
      findings: [{ check: 'stack', result: 'ok', seen: found }],
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { findings: error.complaints.map((complaint) => wrongStack(formatComplaint(complaint))) };
  }
}

function severalStacks(files: readonly string[]): Finding {
  const seen = `there are ${files.map(shownPath).join(', ')}, and none of them was looked at`;
  return { check: 'stack', result: 'warning', seen, fix: 'name one with --stack' };
}

function wrongStack(message: string): Finding {
  const [seen = '', fix] = message.split(/; (?=[^;]*$)/);
  const isMissing = seen.startsWith('no stack file found');
  if (isMissing) return { check: 'stack', result: 'warning', seen, fix: 'npx synth init writes one' };
  return { check: 'stack', result: 'failed', seen, fix: fix ?? 'mend the stack file' };
}

async function tell(targets: readonly string[], findings: readonly Finding[], { json }: Words): Promise<void> {
  const isWell = findings.every(({ result }) => result !== 'failed');
  if (json) printJson({ ok: isWell, targets, checks: findings });
  else {
    const { summary } = await import('../deployment/doctor/finding.js');
    process.stdout.write(coloured(table(findings.map(row))));
    process.stderr.write(`${summary(findings)}\n`);
  }
  if (!isWell) throw new Exit(EXIT.fault);
}

function row({ check, of, result, seen, fix }: Finding): string[] {
  const what = of === undefined ? check : `${check} ${of}`;
  return [result, oneLine(what), oneLine(fix === undefined ? seen : `${seen} → ${fix}`)];
}

const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const;

function coloured(text: string): string {
  const inColour = paint(mayColour(process.stdout));
  return text.replace(/^(ok|warning|failed)\b/gm, (word) => inColour(COLOURS[word as keyof typeof COLOURS], word));
}

const HELP = `
Looks and changes nothing: Node, Docker and its plugins, the Swarm, kubectl and what its user may do, disk, and for the stack of this
folder lock files, ports, the login of its registry and whether its secrets have values, of which none is told. Each line ends with what
mends it. Without --target what only some targets need is a warning.

Examples:
  $ synth doctor
  $ synth doctor --target swarm --context production
  $ synth doctor --target kubernetes --stage staging --json

Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.`;
