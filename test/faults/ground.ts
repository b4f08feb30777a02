import { waitFor } from '../harness/wait.js';
import type { TargetName } from '../../src/targets/index.js';
import type { Engine, Environment } from '../harness/engines.js';
import type { RunningContainer } from '../harness/running/platform.js';

/** An engine on which faults are tried, and how they are made there. Everything else goes through the command line. */
export interface Ground {
  readonly target: TargetName;
  readonly engine: Engine;
  /** Of the Docker engine that builds the images. */
  readonly builderEnv: Environment;
  /** `host:port` that this machine and the engine's containers reach one another by; the port does not matter. */
  readonly address: string;
  /** Versions of what it is made of, for people. */
  versions(): Promise<string>;
  /** `host:port` of every place that takes requests for a deployed name; over HTTP unless it is told otherwise. */
  entrances(name: string, scheme?: 'http' | 'https'): Promise<string[]>;
  /** Containers of an app that run now. */
  containers(name: string, app?: string): Promise<RunningContainer[]>;
  /** Everything of a deployed name that the engine still has, by kind and name. */
  remains(name: string): Promise<string[]>;
  /** Ends every process of a container with SIGKILL, from outside. */
  killContainer(container: RunningContainer): Promise<void>;
  /** Removes whatever a failed run left of a deployed name. */
  clear(name: string): Promise<void>;
  /** What runs and what does not, for a failure. */
  state(name: string): Promise<string>;
  /** What the nginx in front said in the last minutes, the line of each request included. */
  edgeLog(name: string): Promise<string>;
  /** Machines that may be lost while the others serve; none where there is one machine. */
  readonly nodes: readonly string[];
  /** Takes a machine out of service as an operator does, and gives it back. */
  drain?(node: string): Promise<void>;
  undrain?(node: string): Promise<void>;
  /** Power off and on. */
  stopNode(node: string): Promise<void>;
  startNode(node: string): Promise<void>;
  /** Whether a machine that was switched on again takes part again. */
  isBack(node: string): Promise<boolean>;
}

/** What is still there of a deployed name after a minute, in which engines take away what has ended. */
export async function leftOf(ground: Ground, name: string): Promise<readonly string[]> {
  const isGone = async () => (await ground.remains(name)).length === 0;
  return waitFor('everything to be gone', isGone, { seconds: 60 }).then(
    () => [],
    () => ground.remains(name),
  );
}
