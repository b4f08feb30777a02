import { userError } from '../../errors.js';
import type { Complaint } from '../../errors.js';
import type {
  Deployer,
  DeployLock,
  DeploymentStatus,
  DeploymentTarget,
  Difference,
  EngineOptions,
  LogsOptions,
  Rollout,
  RunOptions,
  StoredSecrets,
} from '../deployer.js';
import type { Kubectl } from '../kubectl.js';
import type { Ledger, Release } from '../ledger.js';
import type { JobPlan, Plan } from '../plan.js';
import type { Probe } from '../probe.js';
import type { Report } from '../report.js';
import { withoutValues } from '../secret-values.js';
import { checkCluster, hasNamespace } from './check.js';
import { connectCluster, type ClusterConnection } from './connect.js';
import { destroyStack } from './destroy.js';
import { driftFrom } from './drift.js';
import { takeLease, type HeldLock } from './lease.js';
import { printLogs } from './logs.js';
import { kubernetesProbe } from './probe.js';
import { pruneCluster } from './prune.js';
import { namespacesWith, readReleases, writeReleases } from './releases.js';
import { revertVersion } from './revert.js';
import { rollVersion, runVersionJob, type Course, type Rolling } from './roll.js';
import { runOnce } from './run.js';
import {
  readSecrets,
  secretChanges,
  storedSecrets,
  withoutStored,
  writeSecrets,
  type SecretChange,
} from './secrets.js';
import { lookAt } from './sight.js';
import { statusOf } from './status.js';

/** A Kubernetes cluster, changed through kubectl. */
export const kubernetesDeployment: DeploymentTarget = {
  name: 'kubernetes',
  async connect(options: EngineOptions): Promise<Deployer> {
    return new KubernetesDeployer(await connectCluster(options));
  },
};

class KubernetesDeployer implements Deployer {
  readonly target = 'kubernetes';
  readonly engine: string;
  private readonly cluster: ClusterConnection;
  /** Where each name is, as far as it was said or found. */
  private readonly namespaces = new Map<string, string>();
  private held: HeldLock | undefined;
  private createdNamespace = false;
  private hasRolled = false;
  private changes: readonly SecretChange[] = [];
  /** What there was before each rollout of this process. */
  private readonly courses = new WeakMap<Rollout, Course>();

  constructor(cluster: ClusterConnection) {
    this.cluster = cluster;
    this.engine = cluster.name;
  }

  check(plan: Plan): Promise<Complaint[]> {
    this.in(plan);
    return checkCluster(this.cluster, plan);
  }

  async secretComplaints(plan: Plan, given: ReadonlySet<string>): Promise<Complaint[]> {
    const missing = withoutStored(plan, await readSecrets(this.in(plan), plan));
    return withoutValues(missing.filter(({ id }) => !given.has(id)));
  }

  async lock(plan: Plan, holder: string): Promise<DeployLock> {
    const kubectl = this.in(plan);
    await this.createNamespace(plan);
    const held = await takeLease(kubectl, plan.name, holder);
    this.held = held;
    return {
      release: async () => {
        await held.release();
        await this.removeEmptyNamespace(plan);
      },
    };
  }

  /** Where a deployment ended before it rolled anything, as one without the value of a secret does, nothing stays. */
  private async removeEmptyNamespace({ name, namespace = name }: Plan): Promise<void> {
    if (!this.createdNamespace || this.hasRolled) return;
    await this.cluster.kubectl.attempt(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
  }

  /** The lock, the secrets and the first dry run are in it, so that it is there before the output is applied. */
  private async createNamespace({ name, namespace = name, cluster }: Plan): Promise<void> {
    if (cluster?.createsNamespace === false || (await hasNamespace(this.cluster.kubectl, namespace))) return;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await this.cluster.kubectl.run(['create', '--save-config', '--filename', '-'], { input: JSON.stringify(object) });
    this.createdNamespace = true;
  }

  async ledger(name: string): Promise<Ledger> {
    const namespace = await this.find(name);
    const kubectl = this.cluster.kubectl.in(namespace);
    return { name, releases: await readReleases(kubectl, name) };
  }

  async remember(ledger: Ledger): Promise<void> {
    await writeReleases(await this.of(ledger.name), ledger);
  }

  async storeSecrets(
    plan: Plan,
    values: ReadonlyMap<string, Uint8Array>,
    previous: Release | undefined,
  ): Promise<StoredSecrets> {
    const kubectl = this.in(plan);
    this.changes = secretChanges(plan, values, await readSecrets(kubectl, plan));
    await writeSecrets(kubectl, this.changes);
    return storedSecrets(this.changes, previous);
  }

  async runJob(rollout: Rollout, job: JobPlan, report: Report): Promise<void> {
    await runVersionJob(this.rolling(rollout), job, report);
  }

  async roll(rollout: Rollout, report: Report): Promise<void> {
    await rollVersion(this.rolling(rollout), report);
  }

  private rolling(rollout: Rollout): Rolling {
    this.hasRolled = true;
    return {
      kubectl: this.in(rollout.plan),
      rollout,
      course: this.courses.get(rollout),
      begin: (course) => void this.courses.set(rollout, course),
      guard: () => this.held?.assertHeld(),
    };
  }

  revert(rollout: Rollout, report: Report): Promise<boolean> {
    const { createdNamespace, changes: secrets } = this;
    const course = this.courses.get(rollout);
    const kubectl = this.in(rollout.plan);
    const guard = () => this.held?.assertHeld();
    return revertVersion({ kubectl, rollout, course, secrets, createdNamespace, guard }, report);
  }

  async prune(ledger: Ledger): Promise<string[]> {
    return pruneCluster(await this.of(ledger.name), ledger);
  }

  async status(ledger: Ledger): Promise<DeploymentStatus> {
    return statusOf(ledger, this.engine, await lookAt(await this.of(ledger.name), ledger.name));
  }

  logs({ plan }: Release, options: LogsOptions): Promise<number> {
    return printLogs(this.in(plan), plan, options);
  }

  run({ plan }: Release, app: string, command: readonly string[], options: RunOptions): Promise<number> {
    return runOnce(this.in(plan), plan, app, command, options);
  }

  async destroy(
    name: string,
    { volumes, namespace }: { readonly volumes: boolean; readonly namespace?: string },
  ): Promise<string[]> {
    if (namespace !== undefined) this.namespaces.set(name, namespace);
    const where = await this.find(name);
    if (!(await hasNamespace(this.cluster.kubectl, where))) return [];
    return destroyStack({
      kubectl: this.cluster.kubectl.in(where),
      namespace: where,
      ledger: await this.ledger(name),
      volumes,
    });
  }

  drift(release: Release): Promise<Difference[]> {
    return driftFrom(this.in(release.plan), release);
  }

  probe(release: Release): Probe {
    return kubernetesProbe(this.cluster.kubectl, release);
  }

  private in({ name, namespace = name }: Plan): Kubectl {
    this.namespaces.set(name, namespace);
    return this.cluster.kubectl.in(namespace);
  }

  private async of(name: string): Promise<Kubectl> {
    return this.cluster.kubectl.in(await this.find(name));
  }

  /** The namespace of a name: where it was said to be, else where its releases are, else the one of the same name. */
  private async find(name: string): Promise<string> {
    const known = this.namespaces.get(name);
    if (known !== undefined) return known;
    const found = await namespacesWith(this.cluster.kubectl, name);
    const [namespace = name] = found.includes(name) ? [name] : found;
    if (found.length > 1 && namespace !== name)
      throw userError(
        `${name} is deployed in the namespaces ${found.join(', ')}; say which one is meant, with namespace: { name } in the stack`,
      );
    this.namespaces.set(name, namespace);
    return namespace;
  }
}
