import type { IConstruct } from 'constructs';
import { AsgiApp } from '../../model/app.js';
import { ConfigFile } from '../../model/config-file.js';
import { Job } from '../../model/job.js';
import { processCount } from '../../model/scaling.js';
import { Schedule } from '../../model/schedule.js';
import { Secret } from '../../model/secret.js';
import type { Stack } from '../../model/stack.js';
import { Volume } from '../../model/volume.js';
import type { TargetExplanation, ToldEdge } from '../explanation.js';
import { addedTo } from './added.js';
import { endsTls } from './certificate.js';
import { clusterTimeouts, hasNginx, hasRoutes } from './cluster.js';
import { probeTimes } from './probes.js';
import { kubernetesReasons } from './reasons.js';
import { kubernetesSubject } from './subject.js';
import { objectName } from './workload.js';

/** What a Kubernetes cluster tells of itself. */
export const kubernetesExplanation: TargetExplanation = {
  what: 'a Kubernetes cluster',
  multiplies: 'a Deployment, as pods of one process each; a HorizontalPodAutoscaler where processes is a range',
  balances: 'an nginx of ours over the pods, or a Service',
  why: 'The cluster starts, watches, replaces, scales and spreads pods. A second process manager inside each would hide crashes from it, blur the limit of memory and make replicas mean two things, so that one Uvicorn process is all that a pod has.',
  reasons: kubernetesReasons,
  files: {
    'kustomization.yaml': 'the list of what kubectl apply -k . applies',
    'namespace.yaml': 'the namespace of the stack',
    'stack.yaml': 'objects that belong to the whole stack',
  },
  subjectOf: kubernetesSubject,
  timeoutsOf: clusterTimeouts,
  memoryOf: ({ memory }) => ({ process: memory, times: 1 }),
  healthOf: probeTimes,
  edgeOf,
  becomes,
  networkOf: ({ namespace }, name) => `namespace ${namespace.name ?? name}`,
  addedTo,
};

function becomes(construct: IConstruct, deployed: string): string {
  const name = objectName(construct.node.id.replaceAll('_', '-'), { name: deployed });
  if (construct instanceof AsgiApp)
    return `Deployment ${name}: ${processCount(construct)} pods${construct.scaling === undefined ? '' : ', by the load'}`;
  if (construct instanceof Secret) return `Secret ${construct.external ?? name}`;
  if (construct instanceof Volume) return `PersistentVolumeClaim ${name}`;
  if (construct instanceof ConfigFile) return `ConfigMap ${name}-HASH`;
  if (construct instanceof Job) return `Job ${name}-HASH`;
  return `${construct instanceof Schedule ? 'CronJob' : 'Deployment'} ${name}`;
}

function edgeOf(stack: Stack): ToldEdge {
  const route = stack.gateway === undefined ? 'Ingress' : `Gateway ${stack.gateway.name}`;
  if (hasNginx(stack)) {
    if (hasRoutes(stack))
      return { name: 'nginx', what: `nginx of ours, behind the ${route} of the cluster`, ports: [] };
    const ports = [
      { port: String(stack.httpPort.port), what: 'Service of type LoadBalancer, HTTP' },
      ...(endsTls(stack) ? [{ port: String(stack.httpsPort.port), what: 'Service of type LoadBalancer, HTTPS' }] : []),
    ];
    return { name: 'nginx', what: 'nginx of ours, with an address of its own', ports };
  }
  if (hasRoutes(stack))
    return { name: route, what: `the ${route} of the cluster, which has ports of its own`, ports: [] };
  return { name: undefined, what: 'nothing: Services inside the cluster alone', ports: [] };
}
