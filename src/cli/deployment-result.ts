import type { Deployer } from '../deployment/deployer.js';
import { deploy, failureLine, type Deployed, type DeployRequest } from '../deployment/deploy.js';
import type { Plan } from '../deployment/plan.js';
import { originOf } from '../deployment/rollback.js';
import { oneLine } from '../errors.js';
import { processCount } from '../model/scaling.js';
import { afterFailure } from './after-failure.js';
import { EXIT, Exit } from './exit.js';
import { untilInterrupted } from './interrupt.js';
import { printJson, reportTo } from './terminal.js';

/** How a command deploys and tells of it. */
export interface DeployWords {
  readonly json?: boolean;
  /** Seconds that it may take. */
  readonly timeout: number;
  /** Words that name stack, stage and target on a command line that goes on from here. */
  readonly again: string;
  /** The command line that does the same once more. */
  readonly repeat: string;
}

/** The first line of every command that changes an engine. */
export function announce(deployer: Deployer, verb: string, name: string): void {
  process.stderr.write(`${oneLine(`${verb} ${name} on ${deployer.engine}`)}\n`);
}

/** Deploys, and prints what became of it. Ends the command with the code for that. */
export async function deployAndTell(
  deployer: Deployer,
  request: Omit<DeployRequest, 'signal'>,
  words: DeployWords,
): Promise<void> {
  const report = reportTo(process.stderr);
  const ending = untilInterrupted(words.timeout);
  try {
    const deployed = await deploy(deployer, { ...request, signal: ending.signal }, report);
    report.end();
    if (words.json) printJson({ ...asJson(deployed), ...engineOf(deployer, request) });
    else if (deployed.ok) tellSuccess(deployed, request.plan.name, words);
    else tellFailure(deployed, request.plan, words);
    if (!deployed.ok) throw new Exit(exitCode(deployed));
  } finally {
    report.end();
    ending.stop();
  }
}

function exitCode({ cause, serves }: Extract<Deployed, { ok: false }>): number {
  if (cause === 'interrupted') return EXIT.interrupted;
  return serves ? EXIT.fault : EXIT.nothing;
}

function engineOf({ engine, target }: Deployer, { plan }: Pick<DeployRequest, 'plan'>) {
  return { name: plan.name, target, engine };
}

function asJson(deployed: Deployed): Readonly<Record<string, unknown>> {
  if (deployed.ok) {
    const { number, at, by, plan, rollbackTo } = deployed.release;
    return {
      ok: true,
      release: number,
      ...(rollbackTo === undefined ? {} : { rollbackTo }),
      at,
      by,
      apps: plan.apps.map(({ id, image, processes, scaling }) => ({
        app: id,
        image,
        processes,
        ...(scaling ? { scaling } : {}),
      })),
      pruned: deployed.pruned,
      serving: number,
    };
  }
  const { cause, app, message, logs, serves, serving } = deployed;
  return { ok: false, cause, app: app ?? null, message, logs, serves, serving: serving?.number ?? null };
}

function tellSuccess({ release, pruned }: Extract<Deployed, { ok: true }>, name: string, { again }: DeployWords): void {
  const apps = release.plan.apps.map(
    (app) => `${app.id} ${processCount(app)} process${app.processes === 1 ? '' : 'es'}`,
  );
  const back = release.rollbackTo === undefined ? '' : ` (release ${originOf(release)} again)`;
  process.stdout.write(`${name} release ${release.number}${back} serves: ${apps.join(', ')}\n`);
  for (const one of pruned) process.stderr.write(`pruned ${oneLine(one)}\n`);
  process.stderr.write(
    `next: npx synth status ${again}, npx synth logs ${again} --follow, npx synth rollback ${again}\n`,
  );
}

function tellFailure(deployed: Extract<Deployed, { ok: false }>, plan: Plan, words: DeployWords): void {
  process.stderr.write(`${oneLine(failureLine(deployed, plan.name))}\n`);
  for (const line of deployed.logs) process.stderr.write(`  ${oneLine(line)}\n`);
  process.stderr.write(`next: ${oneLine(afterFailure(deployed, plan, words))}\n`);
}
