import type {
  AppStatus,
  CheckOptions,
  Deployer,
  DeployLock,
  Difference,
  LogsOptions,
  Rollout,
} from '../../../src/deployment/deployer.js';
import type { World } from '../../../src/cli/world.js';
import { currentRelease, type Ledger, type Release } from '../../../src/deployment/ledger.js';
import type { JobPlan } from '../../../src/deployment/plan.js';
import type { Probe } from '../../../src/deployment/probe.js';
import type { Report } from '../../../src/deployment/report.js';
import { userError, type Complaint } from '../../../src/errors.js';
import type { TargetName } from '../../../src/targets/index.js';

/** An engine in memory: what is deployed there, and every call that changed something. */
export class FakeDeployer implements Deployer {
  readonly engine = 'Fake Engine 1.0 (context test)';
  readonly calls: string[] = [];
  readonly rollouts: Rollout[] = [];
  complaints: Complaint[] = [];
  valueless: Complaint[] = [];
  asked: CheckOptions[] = [];
  /** Who holds the lock. */
  holder: string | undefined;
  drifted: Difference[] = [];
  /** Values that are stored, by id, one a revision. */
  stored: Record<string, string[]> = {};
  ledgers: Record<string, Ledger> = {};
  ranWith: string[] = [];
  logged: LogsOptions | undefined;
  exitCode = 0;
  /** What happens to a version on its way up. */
  rolling: (rollout: Rollout, report: Report) => Promise<void> = () => Promise.resolve();
  /** What happens to a job. */
  working: (job: JobPlan) => Promise<void> = () => Promise.resolve();
  health: Partial<AppStatus> = {};
  /** What somebody started without us. */
  byHand: readonly AppStatus[] = [];

  readonly target: TargetName;

  constructor(target: TargetName = 'swarm') {
    this.target = target;
  }

  get world(): World {
    return {
      connect: (target, { context }) => {
        this.calls.push(`connect ${target}${context === undefined ? '' : ` in ${context}`}`);
        return Promise.resolve(this);
      },
    };
  }

  check(_: unknown, options: CheckOptions = {}): Promise<Complaint[]> {
    this.asked.push(options);
    return Promise.resolve(this.complaints);
  }

  secretComplaints(): Promise<Complaint[]> {
    return Promise.resolve(this.valueless);
  }

  lock(_: unknown, holder: string): Promise<DeployLock> {
    if (this.holder !== undefined) throw userError(`${this.holder} deploys it since 12:00; wait until that is done`);
    this.holder = holder;
    return Promise.resolve({ release: () => Promise.resolve(void (this.holder = undefined)) });
  }

  ledger(name: string): Promise<Ledger> {
    return Promise.resolve(this.ledgers[name] ?? { name, releases: [] });
  }

  remember(ledger: Ledger): Promise<void> {
    this.calls.push(`remember ${currentRelease(ledger)?.number}`);
    this.ledgers[ledger.name] = ledger;
    return Promise.resolve();
  }

  storeSecrets(
    { secrets }: Release['plan'],
    values: ReadonlyMap<string, Uint8Array>,
    previous: Release | undefined,
  ): ReturnType<Deployer['storeSecrets']> {
    this.calls.push('storeSecrets');
    const revisions: Record<string, number> = {};
    for (const { id } of secrets) {
      const known = (this.stored[id] ??= []);
      const value = values.get(id);
      const text = value === undefined ? undefined : Buffer.from(value).toString();
      if (text !== undefined && known.at(-1) !== text) known.push(text);
      revisions[id] = known.length;
    }
    const rotated = Object.keys(revisions).filter((id) => previous && previous.secrets[id] !== revisions[id]);
    return Promise.resolve({ revisions, rotated });
  }

  async runJob(rollout: Rollout, job: JobPlan): Promise<void> {
    this.calls.push(`run ${job.id} for ${rollout.number}`);
    await this.working(job);
  }

  async roll(rollout: Rollout, report: Report): Promise<void> {
    this.calls.push(`roll ${rollout.number}`);
    this.rollouts.push(rollout);
    await this.rolling(rollout, report);
  }

  revert({ previous }: Rollout): Promise<boolean> {
    this.calls.push('revert');
    return Promise.resolve(previous !== undefined || this.byHand.length > 0);
  }

  prune(): Promise<string[]> {
    this.calls.push('prune');
    return Promise.resolve(['config shop_old']);
  }

  async status({ name, releases }: Ledger): ReturnType<Deployer['status']> {
    const release = releases.at(-1);
    return Promise.resolve({
      name,
      engine: this.engine,
      ...(release ? { release: release.number, at: release.at, by: release.by } : {}),
      apps: !release
        ? this.byHand
        : release.plan.apps.map(({ id, image, processes }) => ({
            app: id,
            image,
            wanted: processes,
            healthy: processes,
            containers: Array.from({ length: processes }, (_, index) => ({
              name: `${id}.${index}`,
              node: `node${(index % 2) + 1}`,
              image,
              state: 'healthy' as const,
              restarts: index,
              since: `2026-11-25T12:00:0${index}.123Z`,
              processes: 1,
            })),
            ...this.health,
          })),
    });
  }

  probe(): Probe {
    return {
      ask: () => Promise.resolve(undefined),
      certificate: () => Promise.resolve(undefined),
      describe: () => Promise.resolve([]),
      kill: () => Promise.resolve(undefined),
      addresses: () => Promise.resolve([]),
    };
  }

  logs(_: Release, options: LogsOptions): Promise<number> {
    this.logged = options;
    return Promise.resolve(this.exitCode);
  }

  run(_: Release, app: string, command: readonly string[]): Promise<number> {
    this.ranWith = [app, ...command];
    return Promise.resolve(this.exitCode);
  }

  destroy(name: string, { volumes }: { readonly volumes: boolean }): Promise<string[]> {
    this.calls.push(`destroy ${name}${volumes ? ' with volumes' : ''}`);
    return Promise.resolve(['service shop_api']);
  }

  drift(): Promise<Difference[]> {
    return Promise.resolve(this.drifted);
  }
}
