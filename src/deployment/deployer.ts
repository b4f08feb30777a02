import type { Complaint } from '../errors.js';
import type { OutputFile } from '../targets/target.js';
import type { TargetName } from '../targets/index.js';
import type { Ledger, Release } from './ledger.js';
import type { JobPlan, Plan } from './plan.js';
import type { Probe } from './probe.js';
import type { Report } from './report.js';

/** Which engine a command talks to. */
export interface EngineOptions {
  /** Docker context or kubeconfig context. @default - what DOCKER_HOST, DOCKER_CONTEXT or KUBECONFIG say, else the current one */
  readonly context?: string;
}

/** How a target is reached and changed. One object a target, in the list of `index.ts`. */
export interface DeploymentTarget {
  readonly name: TargetName;
  /** Finds the engine, without changing anything. Throws a `UserError` where it does not answer. */
  connect(options: EngineOptions): Promise<Deployer>;
}

/** A version on its way to an engine. */
export interface Rollout {
  readonly plan: Plan;
  readonly files: readonly OutputFile[];
  /** Absolute folder in which the output is, on the machine of this process. */
  readonly directory: string;
  /** Number that it gets as a release; that of the one before where nothing of it is new. */
  readonly number: number;
  /** What serves now, if anything does. */
  readonly previous: Release | undefined;
  /** Revision of each secret that this version uses. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Ids of the secrets whose value is another one than what runs now has. */
  readonly rotated: readonly string[];
  /** Ends waiting: the time of the whole command is up (reason `timeout`), or Ctrl-C was pressed. */
  readonly signal: AbortSignal;
}

export interface CheckOptions {
  /** Whether images that are about to be built stay on the engine that builds, as no registry is there for them. @default false */
  readonly imagesStay?: boolean;
}

/** What keeps two deployments of one name apart. */
export interface DeployLock {
  release(): Promise<void>;
}

/** What became of the values of secrets. */
export interface StoredSecrets {
  readonly revisions: Readonly<Record<string, number>>;
  readonly rotated: readonly string[];
}

/** One engine, and all that is done with a stack there. Every method converges when it is run again after it was killed. */
export interface Deployer {
  readonly target: TargetName;
  /** Which engine this is, for people: `Docker Engine 28.2.2 on shop1 (context production, ssh://root@shop1)`. */
  readonly engine: string;

  /** What is wrong with the engine for this plan, each with the command that makes it right: wrong kind, too old, networks that must exist. */
  check(plan: Plan, options?: CheckOptions): Promise<Complaint[]>;

  /**
   * What to say of each secret of a plan whose value is neither given nor stored. Changes nothing.
   *
   * @param given ids of the secrets whose value the operator gives
   * @param directory folder of the output on this machine
   */
  secretComplaints(plan: Plan, given: ReadonlySet<string>, directory: string): Promise<Complaint[]>;

  /**
   * Keeps other deployments of this name away until it is released. Throws a `UserError` that says who holds it and since when.
   * One whose holder was killed is taken over.
   */
  lock(plan: Plan, holder: string): Promise<DeployLock>;

  /** The releases of a name; none where nothing was ever deployed. */
  ledger(name: string): Promise<Ledger>;
  /** Puts the ledger beside the deployment, in place of the one before. */
  remember(ledger: Ledger): Promise<void>;

  /**
   * Makes the secrets of a plan available to its apps; a value that has changed gets the next revision. `values` holds what the
   * operator gave; what is missing there must be stored already. Throws a `UserError` for each that is neither. `directory` is the
   * folder of the output on this machine.
   */
  storeSecrets(
    plan: Plan,
    values: ReadonlyMap<string, Uint8Array>,
    previous: Release | undefined,
    directory: string,
  ): Promise<StoredSecrets>;

  /**
   * Runs a job of a version to its end, before anything of that version starts. One that an earlier deployment has left is ended first.
   * Throws a `RolloutFailure` with its last lines where it does not end with 0.
   */
  runJob(rollout: Rollout, job: JobPlan, report: Report): Promise<void>;

  /**
   * Brings the version up beside what runs, waits until every process of it is healthy and the edge serves it, and lets the old one
   * go. What runs and is already as it should be is not touched. Throws a `RolloutFailure` where it does not come up.
   */
  roll(rollout: Rollout, report: Report): Promise<void>;

  /** After a failure: what served before serves alone again; where nothing did, what was begun is removed. Says whether anything serves. */
  revert(rollout: Rollout, report: Report): Promise<boolean>;

  /** Removes configs, revisions of secrets and images of ours that no release of the ledger needs. Returns their names. */
  prune(ledger: Ledger): Promise<string[]>;

  /** What runs now. */
  status(ledger: Ledger): Promise<DeploymentStatus>;

  /** Prints the logs of an app, or of all. With `follow` until the signal ends it. */
  logs(release: Release, options: LogsOptions): Promise<number>;

  /** Runs a command once, in a fresh container of the running release, with its environment, secrets and volumes. Returns its exit code. */
  run(release: Release, app: string, command: readonly string[], options: RunOptions): Promise<number>;

  /** Removes everything that is the deployment's; its volumes as well where asked. Returns what was removed, by kind and name. */
  destroy(name: string, options: { readonly volumes: boolean; readonly namespace?: string }): Promise<string[]>;

  /** How what runs differs from a release: changed by somebody else, or gone. */
  drift(release: Release): Promise<Difference[]>;

  /** What `verify` and tests see of a running release, and do to it. */
  probe(release: Release): Probe;
}

export interface LogsOptions {
  readonly app?: string;
  readonly follow: boolean;
  /** Lines of each container before now. */
  readonly tail: number;
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  /** Whether the command gets this process's terminal. */
  readonly interactive: boolean;
}

/** One field that is not as it should be, or will not be as it is. */
export interface Difference {
  /** Construct, file or object: `api`, `nginx/nginx.conf`, `Deployment/shop-api`. */
  readonly of: string;
  /** Path inside it, `deploy.replicas`; absent where the whole was added or removed. */
  readonly field?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What runs under a deployed name. */
export interface DeploymentStatus {
  readonly name: string;
  readonly engine: string;
  /** Number of the release that serves; absent where the ledger is empty. */
  readonly release?: number;
  /** When it was deployed, and by whom. */
  readonly at?: string;
  readonly by?: string;
  readonly apps: readonly AppStatus[];
}

/** What runs of one app, or of the edge. */
export interface AppStatus {
  /** Id of the app; `nginx` for the edge. */
  readonly app: string;
  readonly image: string;
  /** How many processes (of the edge: containers) there should be, and how many are healthy. */
  readonly wanted: number;
  readonly healthy: number;
  readonly containers: readonly ContainerStatus[];
}

/** One container, task or pod. */
export interface ContainerStatus {
  readonly name: string;
  readonly node?: string;
  readonly image: string;
  readonly state: 'healthy' | 'starting' | 'unhealthy' | 'stopped';
  readonly restarts: number;
  /** ISO 8601. */
  readonly since: string;
  /** Server processes in it. */
  readonly processes: number;
}
