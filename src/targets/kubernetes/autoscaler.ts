import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { AsgiApp } from '../../model/app.js';
import type { Scaling } from '../../model/scaling.js';
import type { KubernetesObject } from './objects.js';
import { cores } from './quantity.js';
import type { Workload } from './workload.js';

/** Starts and stops pods of an app, so that each uses a part of its cores on average. */
export function autoscaler(
  { cpu }: AsgiApp,
  { min, max, cpu: percent }: Scaling,
  { name, labels }: Workload,
): KubernetesObject {
  // A utilization is counted from what a pod reserves, which is a tenth of what it may use: 70 per cent of that are reached at once.
  const averageValue = cores((cpu * percent) / 100);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, labels },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue } } }],
    },
  } satisfies HorizontalPodAutoscaler;
}
