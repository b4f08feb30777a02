import type { Command } from 'commander';
import type { Checked } from '../deployment/verify/check.js';
import { oneLine } from '../errors.js';
import type { TargetName } from '../targets/index.js';
import { isAttended, isConfirmed } from './confirm.js';
import { EXIT, Exit } from './exit.js';
import { holder } from './holder.js';
import { namedDeployment, namedOptions, type NamedWords } from './named.js';
import { oneTarget } from './options.js';
import { printJson, reportTo, table } from './terminal.js';
import { notEmpty, refuseWords, Usage } from './usage.js';
import type { World } from './world.js';

interface Words extends NamedWords {
  readonly disruptive?: boolean;
  readonly conformance?: boolean;
  readonly yes?: boolean;
  readonly url?: string;
  readonly junit?: string;
}

/** `synth verify`: whether what runs keeps what its target promises. */
export function verifyCommand(command: Command, world: World): Command {
  return namedOptions(command)
    .description('check a stack that runs: health, version, edge, privileges, drift')
    .option('--disruptive', 'also kill a process of each app and deploy the same release again, under load')
    .option('--yes', 'do not ask before --disruptive')
    .option(
      '--url <address>',
      'ask the edge at this address instead of from inside, http://10.0.0.5',
      notEmpty('--url'),
    )
    .option('--junit <file>', 'write the results as JUnit XML, too', notEmpty('--junit'))
    .option('--conformance', 'run the conformance tests of the target, with images of their own, instead')
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (_: unknown, self: Command) => {
      refuseWords(self.args, []);
      const words = self.optsWithGlobals<Words>();
      if (words.conformance) return conformance(oneTarget(words, 'verify'));
      const { name, target } = await namedDeployment(words, 'verify');
      const results = await check(name, target, words, world);
      if (words.junit !== undefined) {
        const { writeJunit } = await import('../deployment/verify/junit.js');
        writeJunit(words.junit, `${name}.${target}`, results);
      }
      await tell(name, target, results, words);
    });
}

async function check(name: string, target: TargetName, words: Words, world: World): Promise<Checked[]> {
  if (words.disruptive && !words.yes && !isAttended())
    throw new Usage(`verify asks before it hurts ${name}, and there is no terminal to ask on; add --yes`);
  const { servingRelease, verify } = await import('../deployment/verify/verify.js');
  const { askAt } = await import('../deployment/verify/ask-url.js');
  const from = words.url === undefined ? undefined : askAt(words.url);
  const deployer = await world.connect(target, words);
  process.stderr.write(`${oneLine(`verifying ${name} on ${deployer.engine}`)}\n`);
  const release = await servingRelease(deployer, name);
  if (words.disruptive && !words.yes && !(await isConfirmed(name, 'to kill processes of it'))) {
    process.stderr.write('nothing was checked\n');
    throw new Exit(EXIT.fault);
  }
  const report = reportTo(process.stderr);
  try {
    const results = await verify(deployer, release, report, from);
    if (!words.disruptive) return results;
    const { verifyDisruptively } = await import('../deployment/verify/disruptive.js');
    return [...results, ...(await verifyDisruptively(deployer, release, { report, by: holder(), from }))];
  } finally {
    report.end();
  }
}

async function tell(name: string, target: TargetName, results: readonly Checked[], words: Words): Promise<void> {
  const { allHold, summary } = await import('../deployment/verify/check.js');
  const ok = allHold(results);
  if (words.json) printJson({ ok, name, target, checks: results });
  else {
    const rows = results.map(({ check, of, result, evidence }) => [check, of, result, oneLine(evidence)]);
    process.stdout.write(table([['check', 'of', 'result', 'evidence'], ...rows]));
    process.stderr.write(`${summary(results)}\n`);
  }
  if (!ok) throw new Exit(EXIT.fault);
}

async function conformance(target: TargetName): Promise<void> {
  const { HOW_TO_CONFORM, isClone, runConformance } = await import('../deployment/verify/conformance.js');
  if (!isClone(process.cwd(), target)) throw new Usage(HOW_TO_CONFORM);
  if ((await runConformance(process.cwd(), target)) !== 0) throw new Exit(EXIT.fault);
}

const HELP = `
Changes nothing, unless --disruptive is given. Requests are made inside the edge's own container, so that no port has to be reachable from
here. --conformance works in a clone of asgi-synth: it starts engines, runs the project's own images on them and removes everything again.

Examples:
  $ synth verify --target swarm --junit verify.xml
  $ synth verify --target kubernetes --context staging --disruptive --yes --json
  $ synth verify --target bare-metal --url http://10.0.0.5

Exit codes: 0 every check holds, 1 one does not, or nothing is deployed, 2 wrong usage.`;
