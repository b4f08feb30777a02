import type { DefaultsByDate } from '../model/defaults.js';
import type { Deployer, EngineOptions } from '../deployment/deployer.js';
import type { DevelopmentEngine } from '../deployment/development/engine.js';
import type { Machine } from '../deployment/doctor/machine.js';
import type { TargetName } from '../targets/index.js';

/** What commands reach beside files. Tests give another one. */
export interface World {
  /** The engine of a target. Throws a `UserError` where it does not answer. */
  connect(target: TargetName, options: EngineOptions): Promise<Deployer>;
  /** Asks a question and returns the line that is typed. @default - the terminal, where there is one */
  ask?(question: string): Promise<string>;
  /** The machine that `synth doctor` looks at. @default - this one */
  machine?(): Promise<Machine>;
  /** The engine on which `synth watch` runs a stack. @default - Docker Compose on this machine */
  develop?(options: EngineOptions): Promise<DevelopmentEngine>;
  /** Every set of defaults that there is. @default - those of this release */
  readonly defaults?: DefaultsByDate;
}

/** Engines are loaded by the commands that need one: `synth` alone can start no program. */
export const WORLD: World = {
  connect: async (target, options) => {
    const { deploymentTo } = await import('../deployment/index.js');
    return deploymentTo(target).connect(options);
  },
};
