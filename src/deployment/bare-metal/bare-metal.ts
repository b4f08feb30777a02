import type { Complaint } from '../../errors.js';
import type {
  Deployer,
  DeploymentStatus,
  DeploymentTarget,
  DeployLock,
  Difference,
  EngineOptions,
  LogsOptions,
  Rollout,
  RunOptions,
  StoredSecrets,
} from '../deployer.js';
import { connectDocker, type DockerEngine } from '../docker.js';
import type { Ledger, Release } from '../ledger.js';
import type { JobPlan, Plan } from '../plan.js';
import type { Probe } from '../probe.js';
import type { Report } from '../report.js';
import { complaintsOf } from './check.js';
import { destroy } from './destroy.js';
import { drift } from './drift.js';
import { runJob } from './job.js';
import { readLedger, writeLedger } from './ledger-volume.js';
import { localPlace } from './local-place.js';
import { takeLock } from './lock.js';
import { logs, runOnce, type Home } from './one-off.js';
import type { Place } from './place.js';
import { bareMetalProbe } from './probe.js';
import { remotePlace, removePlace } from './remote-place.js';
import { prune } from './prune.js';
import { before, revert, roll, type Before } from './roll.js';
import { readValues, secretComplaints, storeValues } from './secrets.js';
import { status } from './status.js';

/** One host with Docker Compose. */
export const bareMetalDeployment: DeploymentTarget = {
  name: 'bare-metal',
  connect: async (options: EngineOptions) => new BareMetalDeployer(await connectDocker(options)),
};

class BareMetalDeployer implements Deployer {
  readonly target = 'bare-metal';
  readonly engine: string;
  private readonly host: DockerEngine;
  /** What was there before each rollout of this process. */
  private readonly before = new WeakMap<Rollout, Before>();

  constructor(host: DockerEngine) {
    this.host = host;
    this.engine = host.name;
  }

  placeOf({ plan, directory }: Pick<Rollout, 'plan' | 'directory'>): Place {
    const { docker, local } = this.host;
    return local ? localPlace(directory, plan) : remotePlace(docker, directory, plan);
  }

  private homeOf(release: Release): Home {
    const { directory } = this.placeOf({ plan: release.plan, directory: release.directory ?? '.' });
    return { docker: this.host.docker, release, directory };
  }

  private get site() {
    return { docker: this.host.docker, placeOf: this.placeOf.bind(this) };
  }

  check(plan: Plan): Promise<Complaint[]> {
    return complaintsOf(this.host.docker, plan);
  }

  async secretComplaints(plan: Plan, given: ReadonlySet<string>, directory: string): Promise<Complaint[]> {
    const { secrets } = this.placeOf({ plan, directory });
    return secretComplaints(plan, given, await readValues(plan, secrets));
  }

  lock(plan: Plan, holder: string): Promise<DeployLock> {
    return takeLock(this.host.docker, plan, holder);
  }

  ledger(name: string): Promise<Ledger> {
    return readLedger(this.host.docker, name);
  }

  remember(ledger: Ledger): Promise<void> {
    return writeLedger(this.host.docker, ledger);
  }

  storeSecrets(
    plan: Plan,
    values: ReadonlyMap<string, Uint8Array>,
    previous: Release | undefined,
    directory: string,
  ): Promise<StoredSecrets> {
    return storeValues(plan, values, previous, this.placeOf({ plan, directory }).secrets);
  }

  async runJob(rollout: Rollout, job: JobPlan, report: Report): Promise<void> {
    await this.look(rollout);
    await runJob(this.site, rollout, job, report);
  }

  async roll(rollout: Rollout, report: Report): Promise<void> {
    await this.look(rollout);
    await roll(this.site, rollout, report);
  }

  /** What is there before the first step of a rollout is what there is to go back to. */
  private async look(rollout: Rollout): Promise<void> {
    if (!this.before.has(rollout)) this.before.set(rollout, await before(this.host.docker, rollout.plan.name));
  }

  revert(rollout: Rollout, report: Report): Promise<boolean> {
    return revert(this.site, rollout, this.before.get(rollout), report);
  }

  prune(ledger: Ledger): Promise<string[]> {
    return prune(this.host.docker, ledger);
  }

  status(ledger: Ledger): Promise<DeploymentStatus> {
    return status(this.host, ledger);
  }

  logs(release: Release, options: LogsOptions): Promise<number> {
    return logs(this.homeOf(release), options);
  }

  run(release: Release, app: string, command: readonly string[], options: RunOptions): Promise<number> {
    return runOnce(this.homeOf(release), { app, command, ...options });
  }

  async destroy(name: string, { volumes }: { readonly volumes: boolean }): Promise<string[]> {
    const { docker, local } = this.host;
    const removed = await destroy(docker, name, { volumes });
    const place = !local && (await removePlace(docker, name));
    return place ? [...removed, `folder ${name} of the engine's machine`] : removed;
  }

  drift(release: Release): Promise<Difference[]> {
    return drift(this.homeOf(release));
  }

  probe(release: Release): Probe {
    return bareMetalProbe(this.host, release);
  }
}
