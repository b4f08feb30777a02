import type { TargetName } from '../../src/targets/index.js';
import type { Ground } from './ground.js';
import { bareMetalGround } from './grounds/bare-metal.js';
import { kubernetesGround } from './grounds/kubernetes.js';
import { swarmGround } from './grounds/swarm.js';

/** An engine for each target; it starts when it is first asked for. */
export const GROUNDS: Readonly<Record<TargetName, () => Promise<Ground>>> = {
  'bare-metal': bareMetalGround,
  swarm: swarmGround,
  kubernetes: kubernetesGround,
};
