import type { TargetName } from '../targets/index.js';
import { bareMetalDeployment } from './bare-metal/bare-metal.js';
import type { DeploymentTarget } from './deployer.js';
import { kubernetesDeployment } from './kubernetes/kubernetes.js';
import { swarm as swarmDeployment } from './swarm/swarm.js';

/** How each target is deployed to. A new target is a folder and a line here. */
const all: readonly DeploymentTarget[] = [bareMetalDeployment, swarmDeployment, kubernetesDeployment];

export function deploymentTo(target: TargetName): DeploymentTarget {
  const found = all.find(({ name }) => name === target);
  if (!found) throw new Error(`nothing deploys to ${target}`);
  return found;
}
