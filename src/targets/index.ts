import { bareMetal } from './bare-metal/bare-metal.js';
import { kubernetes } from './kubernetes/kubernetes.js';
import { swarm } from './swarm/swarm.js';
import type { Target } from './target.js';

/** Name of a place that a stack can be deployed to. */
export type TargetName = 'bare-metal' | 'swarm' | 'kubernetes';

/** Every place that a stack can be deployed to. A new target is a folder and a line here. */
export const targets: readonly Target[] = [bareMetal, swarm, kubernetes];
