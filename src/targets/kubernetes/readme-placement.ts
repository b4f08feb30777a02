import { code } from '../../formats/markdown.js';
import { AsgiApp } from '../../model/app.js';
import { Task } from '../../model/task.js';
import { runningOf } from '../../model/tree.js';
import { shellWord } from '../context.js';
import type { Cluster } from './cluster.js';
import { objectName } from './workload.js';

/** What must be in the cluster for those that choose their nodes, their rank or their identity. */
export function placementNeeds(cluster: Cluster): string[] {
  return [...selectedNodes(cluster), ...priorityClasses(cluster), ...accounts(cluster)];
}

function selectedNodes({ stack }: Cluster): string[] {
  return runningOf(stack)
    .filter(({ nodeSelector }) => Object.keys(nodeSelector).length > 0)
    .map(({ node, nodeSelector }) => {
      const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
      return `Nodes for ${code(node.id)}: ${code(`kubectl get nodes --selector ${shellWord(labels.join(','))}`)}.`;
    });
}

function priorityClasses({ stack }: Cluster): string[] {
  const names = runningOf(stack).flatMap(({ priorityClassName }) => priorityClassName ?? []);
  if (names.length === 0) return [];
  return [`PriorityClasses: ${code(`kubectl get priorityclass ${[...new Set(names)].toSorted().join(' ')}`)}.`];
}

function accounts(cluster: Cluster): string[] {
  const { stack, namespace } = cluster;
  const known = runningOf(stack).filter(
    (one) => (one instanceof AsgiApp || one instanceof Task) && Object.keys(one.annotations).length > 0,
  );
  if (known.length === 0) return [];
  const names = known.map(({ node }) => code(`system:serviceaccount:${namespace}:${objectName(node.id, cluster)}`));
  return [`What the annotations of the ServiceAccounts name must trust ${names.join(', ')}.`];
}
