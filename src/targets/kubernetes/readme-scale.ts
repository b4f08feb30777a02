import { code, type MarkdownPart, type MarkdownSection } from '../../formats/markdown.js';
import type { AsgiApp } from '../../model/app.js';
import { processCount } from '../../model/scaling.js';
import type { Cluster } from './cluster.js';
import { cores } from './quantity.js';
import { INSTANCE, objectName } from './workload.js';

export function scale(cluster: Cluster): MarkdownSection {
  const { apps } = cluster.stack;
  const fixed = apps.filter(({ scaling }) => scaling === undefined);
  const ranged = apps.filter(({ scaling }) => scaling !== undefined);
  return [
    'Scale',
    ...(fixed[0] === undefined ? [] : byHand(fixed[0], cluster)),
    ...(ranged[0] === undefined ? [] : byLoad(ranged, ranged[0], cluster)),
  ];
}

function byHand(app: AsgiApp, cluster: Cluster): MarkdownPart[] {
  const { namespace } = cluster;
  return [
    'Change `processes` in the stack, synthesize and apply. At once, until the next apply:',
    { shell: [`kubectl scale deployment/${objectName(app.node.id, cluster)} --namespace ${namespace} --replicas 6`] },
  ];
}

function byLoad(apps: readonly AsgiApp[], first: AsgiApp, cluster: Cluster): MarkdownPart[] {
  const { namespace, name } = cluster;
  const deployment = objectName(first.node.id, cluster);
  return [
    `A HorizontalPodAutoscaler starts and stops pods by the load: ${apps.map(told).join(', ')}. It takes back what is scaled by hand. Where its targets are ${code('<unknown>')} there is no metrics API, and the pods stay as many as they are:`,
    {
      shell: [
        `kubectl get horizontalpodautoscalers --namespace ${namespace} --selector ${INSTANCE}=${name}`,
        `kubectl top pods --namespace ${namespace} --selector ${INSTANCE}=${name}`,
      ],
    },
    'When an app that runs had a fixed number before, `kubectl apply` would take that number away with nothing in its place, and one pod would be left until the autoscaler looks. Before the first apply, take the line `replicas` out of what was applied last, and save (`synth deploy` does so by itself):',
    { shell: [`kubectl apply edit-last-applied deployment/${deployment} --namespace ${namespace}`] },
    'Back to a fixed number, before the apply that has it:',
    { shell: [`kubectl delete horizontalpodautoscaler/${deployment} --namespace ${namespace}`] },
  ];
}

function told(app: AsgiApp): string {
  const used = cores((app.cpu * (app.scaling?.cpu ?? 100)) / 100);
  return `${code(app.node.id)} from ${processCount(app)}, so that each uses ${code(used)} of a core on average`;
}
