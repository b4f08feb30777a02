import type { TargetName } from '../../../src/targets/index.js';
import type { Engine, Environment } from '../engines.js';
import type { RunResult } from '../process.js';
import type { Output } from './output.js';
import type { Placement, Wish } from './placement.js';

/** A container of a deployed stack that runs now. */
export interface RunningContainer {
  /** Another one after any restart. */
  readonly id: string;
  /** Name of the app, or `nginx`. */
  readonly app: string;
  /** When its process started, as the engine tells it: changes with every restart. */
  readonly started: string;
  /** Whether it has been told to end, where an engine says so. @default false */
  readonly isEnding?: boolean;
  /** Machine that it runs on, where an engine tells of all of them. */
  readonly node?: string;
  /** Runs a command inside; its exit code is not checked. */
  exec(command: readonly string[]): Promise<RunResult>;
  /** Ends a process of the container with SIGKILL. */
  kill(pid: number): Promise<void>;
}

/** A text in which no secret may be. */
export interface Told {
  readonly by: string;
  readonly text: string;
}

/** Values by the environment variable that carries them into builds and deployments. */
export type Secrets = Readonly<Record<string, string>>;

/** How stacks are started, updated and removed on one target. */
export interface Platform {
  readonly target: TargetName;
  readonly engine: Engine;
  /** Of the Docker engine that builds the images. */
  readonly builderEnv: Environment;
  /** Builds and pushes the images of an output. */
  build(output: Output, secrets: Secrets): Promise<void>;
  /** Gives one machine of several a label, and the cluster a PriorityClass, for as long as a stack asks for them. */
  place?(wish: Wish): Promise<Placement>;
  /** Whatever is done once before the first deployment, then deploys. */
  start(output: Output, secrets: Secrets): Promise<void>;
  /** Deploys again, after a change or without one. Resolves when the engine says that it is done. */
  update(output: Output): Promise<void>;
  /** Stops every process of an app as an update does, and starts it again. */
  replace(output: Output, app: string): Promise<void>;
  /** Does what a section of the README says about a running stack, on the machine where its commands work. */
  operate(output: Output, heading: string): Promise<void>;
  /** Deploys a version that cannot start, waits until the engine has given it up, and puts `good` back if the engine does not. */
  refuse(broken: Output, good: Output): Promise<string>;
  /** Removes it as the README says; what is left comes from `remains`. */
  remove(output: Output): Promise<void>;
  /** Everything of a stack that the engine still has, by kind and name. */
  remains(output: Output): Promise<string[]>;
  /** `host:port` of everything that takes requests from outside; over HTTP unless it is told otherwise. */
  entrances(output: Output, scheme?: 'http' | 'https'): Promise<string[]>;
  containers(output: Output, app?: string): Promise<RunningContainer[]>;
  /** Everything that the engine tells about a stack, its logs included. */
  told(output: Output): Promise<Told[]>;
  /** For a failure: what runs and what does not, its state, health and exit codes, and the last 50 lines of what is broken. */
  state(output: Output): Promise<string>;
}
