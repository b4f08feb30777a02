import { bareMetal } from './bare-metal/bare-metal.js';
import { kubernetes } from './kubernetes/kubernetes.js';
import { swarm } from './swarm/swarm.js';
import type { Target } from './target.js';

/** Every place that a stack can be deployed to. A new target is a folder and a line here. */
const all = [bareMetal, swarm, kubernetes] as const;

/** Name of a place that a stack can be deployed to. */
export type TargetName = (typeof all)[number]['name'];

/** Every target, in the order in which `--target all` writes them. */
export const targets: readonly (Target & { readonly name: TargetName })[] = all;
