import { userError } from '../../errors.js';
import type { Deployer } from '../deployer.js';
import { currentRelease, type Release } from '../ledger.js';
import type { Answer, AskRequest, Probe } from '../probe.js';
import type { Report } from '../report.js';
import { certificateChecks } from './certificate.js';
import { skipped, type Checked } from './check.js';
import { edgeChecks, edgeSkips, type EdgeCheck } from './edge.js';
import { privilegeChecks } from './privileges.js';
import { runningChecks } from './running.js';

/** How the edge is asked. Undefined where it cannot be. */
export type Ask = (request: AskRequest) => Promise<Answer | undefined>;

/** The release that serves under a name. Throws a `UserError` where none was deployed. */
export async function servingRelease(deployer: Deployer, name: string): Promise<Release> {
  const release = currentRelease(await deployer.ledger(name));
  if (release) return release;
  throw userError(`${name} was never deployed to ${deployer.engine}; synth deploy --target ${deployer.target} does it`);
}

/** Checks a release that runs, and changes nothing. @param from asks the edge from outside instead of from within */
export async function verify(deployer: Deployer, release: Release, report: Report, from?: Ask): Promise<Checked[]> {
  const probe = deployer.probe(release);
  report.progress('reading what runs');
  const ledger = await deployer.ledger(release.plan.name);
  const [status, drift, described] = [
    await deployer.status(ledger),
    await deployer.drift(release),
    await probe.describe(),
  ];
  report.progress('asking the edge');
  return [
    ...runningChecks(release, status, drift),
    ...privilegeChecks(release.plan, described),
    ...certificateChecks(release.plan, await probe.certificate()),
    ...(await askEdge(release, probe, from)),
  ];
}

async function askEdge({ plan }: Release, probe: Probe, from?: Ask): Promise<Checked[]> {
  if (!plan.edge && !from)
    return [skipped('edge', plan.name, 'its requests are taken by an edge that is not ours; name it with --url')];
  const ask = from ?? ((request: AskRequest) => probe.ask(request));
  const results = [];
  for (const check of edgeChecks(plan)) results.push(await askOne(check, ask));
  return [...results, ...edgeSkips(plan)];
}

async function askOne({ check, of, request, judge }: EdgeCheck, ask: Ask): Promise<Checked> {
  try {
    const answer = await ask(request);
    return answer ? judge(answer) : { check, of, result: 'fail', evidence: 'no edge runs here' };
  } catch (error) {
    return { check, of, result: 'fail', evidence: error instanceof Error ? error.message : String(error) };
  }
}
