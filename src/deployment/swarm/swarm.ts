import type { Complaint } from '../../errors.js';
import { connectDocker, type DockerEngine } from '../docker.js';
import type {
  CheckOptions,
  Deployer,
  DeploymentStatus,
  DeploymentTarget,
  Difference,
  LogsOptions,
  Rollout,
  StoredSecrets,
} from '../deployer.js';
import { currentRelease, type Ledger, type Release } from '../ledger.js';
import type { JobPlan, Plan } from '../plan.js';
import type { Probe } from '../probe.js';
import type { Report } from '../report.js';
import type { Snapshot } from './answers.js';
import { missingFor, wrongEngine } from './check.js';
import { destroy } from './destroy.js';
import { driftOf, observedOf } from './drift.js';
import { runJob } from './job.js';
import { takeLock, type SwarmLock } from './lock.js';
import { logs } from './logs.js';
import { Manager, OWNER } from './manager.js';
import { pinVolumes } from './pins.js';
import { swarmProbe } from './probe.js';
import { prune } from './prune.js';
import { readLedger, writeLedger } from './releases.js';
import { revert } from './revert.js';
import { roll } from './roll.js';
import { run } from './run.js';
import { secretComplaints, storeSecrets } from './secrets.js';
import { statusOf } from './status.js';

/** A Docker Swarm, through any of its managers. */
export const swarm: DeploymentTarget = {
  name: 'swarm',
  connect: async (options) => new SwarmDeployer(await connectDocker(options)),
};

/** Names of the containers that Compose made of the same stack. */
function composedOf(manager: Manager, name: string): Promise<string[]> {
  const own = [`label=com.docker.compose.project=${name}`, `label=${OWNER}=${name}`];
  return manager.lines(['ps', '--all', ...own.flatMap((one) => ['--filter', one]), '--format', '{{.Names}}']);
}

class SwarmDeployer implements Deployer {
  readonly target = 'swarm';
  readonly engine: string;
  private readonly info: DockerEngine['info'];
  private readonly manager: Manager;
  private held: SwarmLock | undefined;
  /** What ran before each rollout of this process, from its first look on. */
  private readonly before = new WeakMap<Rollout, Snapshot>();
  private after: Snapshot | undefined;

  constructor({ docker, info, name }: DockerEngine) {
    this.engine = name;
    this.info = info;
    this.manager = new Manager(docker, info.Swarm.NodeID);
  }

  async check(plan: Plan, options: CheckOptions = {}): Promise<Complaint[]> {
    const { manager, info } = this;
    const wrong = wrongEngine(info);
    if (wrong.length > 0) return wrong;
    const [networks, secrets, nodes, composed, ledger] = await Promise.all([
      manager.names('network'),
      manager.names('secret'),
      manager.nodes(),
      composedOf(manager, plan.name),
      this.ledger(plan.name),
    ]);
    return missingFor(plan, {
      ...{ info, networks, secrets, nodes, composed, ...options },
      current: currentRelease(ledger),
    });
  }

  secretComplaints(plan: Plan, given: ReadonlySet<string>): Promise<Complaint[]> {
    return secretComplaints(this.manager, plan, given);
  }

  async lock(plan: Plan, holder: string): Promise<SwarmLock> {
    this.held = await takeLock(this.manager, plan, holder);
    return this.held;
  }

  ledger(name: string): Promise<Ledger> {
    return readLedger(this.manager, name);
  }

  async remember({ name, releases }: Ledger): Promise<void> {
    const observed = this.after && observedOf(this.after.services, name);
    await writeLedger(this.manager, {
      name,
      releases: releases.map((one, at) => (observed && at === releases.length - 1 ? { ...one, observed } : one)),
    });
  }

  storeSecrets(
    plan: Plan,
    values: ReadonlyMap<string, Uint8Array>,
    previous: Release | undefined,
  ): Promise<StoredSecrets> {
    return storeSecrets(this.manager, plan, values, previous);
  }

  async runJob(rollout: Rollout, job: JobPlan, report: Report): Promise<void> {
    const before = await this.look(rollout);
    await pinVolumes(this.manager, rollout.files, before.nodes, report);
    await runJob(this.manager, this.whileHeld(rollout), job, { before, report });
  }

  async roll(rollout: Rollout, report: Report): Promise<void> {
    this.after = await roll(this.manager, this.whileHeld(rollout), await this.look(rollout), report);
  }

  private async look(rollout: Rollout): Promise<Snapshot> {
    const now = await this.manager.snapshot(rollout.plan.name);
    // What a job has brought up since then did not run before.
    if (!this.before.has(rollout)) this.before.set(rollout, now);
    return now;
  }

  private whileHeld(rollout: Rollout): Rollout {
    return this.held ? { ...rollout, signal: AbortSignal.any([rollout.signal, this.held.lost]) } : rollout;
  }

  async revert(rollout: Rollout, report: Report): Promise<boolean> {
    // What runs is up to the one who has taken over.
    this.held?.lost.throwIfAborted();
    return revert(this.manager, rollout, this.before.get(rollout), report);
  }

  prune(ledger: Ledger): Promise<string[]> {
    return prune(this.manager, ledger);
  }

  async status(ledger: Ledger): Promise<DeploymentStatus> {
    return statusOf(ledger, await this.manager.snapshot(ledger.name), this.engine);
  }

  logs(release: Release, options: LogsOptions): Promise<number> {
    return logs(this.manager, release, options);
  }

  run(release: Release, app: string, command: readonly string[]): Promise<number> {
    return run(this.manager, release, app, command);
  }

  destroy(name: string, options: { readonly volumes: boolean }): Promise<string[]> {
    return destroy(this.manager, name, options);
  }

  async drift(release: Release): Promise<Difference[]> {
    return driftOf(release, await this.manager.services(release.plan.name));
  }

  probe(release: Release): Probe {
    return swarmProbe(this.manager.docker, release);
  }
}
