import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { UserError, type Complaint } from '../errors.js';
import type { OutputFile } from '../targets/target.js';
import { Interrupted, RolloutFailure, type Cause } from './cause.js';
import type { CheckOptions, Deployer, Rollout, StoredSecrets } from './deployer.js';
import { CommandFailed } from './docker.js';
import { currentRelease, nextNumber, withRelease, type Ledger, type Release } from './ledger.js';
import type { Plan } from './plan.js';
import type { Report } from './report.js';

/** What is deployed, and how long it may take. */
export interface DeployRequest {
  readonly plan: Plan;
  readonly files: readonly OutputFile[];
  readonly directory: string;
  /** Values of secrets that the operator gives, by id. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Who deploys, `user@host`. */
  readonly by: string;
  /** Writes the output to its folder. Called once nobody else deploys. */
  write(): void;
  readonly signal: AbortSignal;
  /** Number of the release that this one brings back. */
  readonly rollbackTo?: number;
}

/** What became of a deployment. */
export type Deployed =
  | { readonly ok: true; readonly release: Release; readonly pruned: readonly string[] }
  | {
      readonly ok: false;
      readonly cause: Cause;
      readonly app: string | undefined;
      readonly message: string;
      readonly logs: readonly string[];
      /** Whether anything serves: the release before, or what somebody else has started. */
      readonly serves: boolean;
      /** The release that serves on; absent where none does. */
      readonly serving: Release | undefined;
    };

/** Refuses what would fail after the images have been built. Changes nothing. */
export async function refuseBeforeBuild(
  deployer: Deployer,
  { plan, values, directory }: Pick<DeployRequest, 'plan' | 'values' | 'directory'>,
  options: CheckOptions,
): Promise<void> {
  refuse(await deployer.check(plan, options));
  refuse(await deployer.secretComplaints(plan, new Set(values.keys()), directory));
}

function refuse(complaints: readonly Complaint[]): void {
  if (complaints.length > 0) throw new UserError(complaints);
}

/** The whole deployment of one version: on its end it serves and the old one has gone, or the old one serves as if nothing had been. */
export async function deploy(deployer: Deployer, request: DeployRequest, report: Report): Promise<Deployed> {
  const { plan } = request;
  refuse(await deployer.check(plan));
  const lock = await deployer.lock(plan, request.by);
  try {
    return await deployAlone(deployer, request, report);
  } finally {
    await lock.release();
  }
}

async function deployAlone(deployer: Deployer, request: DeployRequest, report: Report): Promise<Deployed> {
  const { plan } = request;
  const ledger = await deployer.ledger(plan.name);
  // Before the output is written: where a value is missing, nothing has changed.
  const stored = await deployer.storeSecrets(plan, request.values, currentRelease(ledger), request.directory);
  request.write();
  const rollout = rolloutOf(request, ledger, stored);
  try {
    // A release that was there before has had its jobs then, and older code may not know what newer jobs have made.
    if (request.rollbackTo === undefined && isNew(rollout)) await runJobs(deployer, rollout, report);
    await deployer.roll(rollout, report);
  } catch (error) {
    return failed(deployer, rollout, error, report);
  }
  if (rollout.previous && !isNew(rollout)) return { ok: true, release: rollout.previous, pruned: [] };
  const release = releaseOf(request, rollout);
  const after = withRelease(ledger, release);
  await deployer.remember(after);
  return { ok: true, release, pruned: await deployer.prune(after) };
}

/** Whether anything of it is new: what is deployed again has the number of the release that it was. */
function isNew({ number, previous }: Rollout): boolean {
  return number !== previous?.number;
}

/** One after the other: the first that fails ends the deployment. */
async function runJobs(deployer: Deployer, rollout: Rollout, report: Report): Promise<void> {
  for (const job of rollout.plan.jobs ?? []) {
    const began = performance.now();
    report.step(`${job.id}: runs before the new version`);
    await deployer.runJob(rollout, job, report);
    report.step(`${job.id}: done in ${Math.ceil((performance.now() - began) / 1000)} s`);
  }
}

/** What was deployed again is no new release: a pipeline that runs each night must not push those out that one can go back to. */
function isSame(previous: Release, { plan, files, secrets }: Omit<Rollout, 'number'>): boolean {
  const stored = { plan: previous.plan, files: previous.files, secrets: previous.secrets };
  return isDeepStrictEqual(stored, JSON.parse(JSON.stringify({ plan, files, secrets })));
}

function rolloutOf(request: DeployRequest, ledger: Ledger, { revisions, rotated }: StoredSecrets): Rollout {
  const { plan, files, directory, signal } = request;
  const previous = currentRelease(ledger);
  const version = { plan, files, directory, previous, secrets: revisions, rotated, signal };
  return { ...version, number: previous && isSame(previous, version) ? previous.number : nextNumber(ledger) };
}

function releaseOf(request: DeployRequest, { number, plan, files, secrets, directory }: Rollout): Release {
  return {
    number,
    at: new Date().toISOString(),
    by: request.by,
    plan,
    files,
    secrets,
    directory,
    ...(request.rollbackTo === undefined ? {} : { rollbackTo: request.rollbackTo }),
  };
}

async function failed(deployer: Deployer, rollout: Rollout, error: unknown, report: Report): Promise<Deployed> {
  // Ctrl-C reaches the commands that we run as well: one of them may end before we are told.
  await nextTurn();
  const failure = asFailure(error, rollout.signal);
  report.step(`${rollout.plan.name}: ${failure?.message ?? 'something unforeseen happened'}; going back`);
  const serves = await deployer.revert(rollout, report);
  if (!failure) throw error;
  return {
    ok: false,
    cause: failure.why,
    app: failure.app,
    message: failure.message,
    logs: failure.logs,
    serves,
    serving: serves ? rollout.previous : undefined,
  };
}

function asFailure(error: unknown, { aborted, reason }: AbortSignal): RolloutFailure | undefined {
  if (error instanceof RolloutFailure) return error;
  if (aborted)
    return reason instanceof Interrupted
      ? new RolloutFailure('interrupted', '')
      : new RolloutFailure('timeout', reason instanceof Error ? reason.message : String(reason));
  return error instanceof CommandFailed ? new RolloutFailure('engine-failed', error.message) : undefined;
}

/** One line on a failure, for people: what failed, why, and what serves now. */
export function failureLine({ app, message, serves, serving }: Extract<Deployed, { ok: false }>, name: string): string {
  const old = serving === undefined ? 'what ran before' : `release ${serving.number}`;
  const now = serves ? `${old} serves on` : 'nothing serves';
  return `${name}${app === undefined ? '' : `/${app}`}: ${message}; ${now}`;
}
