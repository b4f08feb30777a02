import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Worker } from '../../model/worker.js';
import { temporarySpace, workerParallelism, workerWindow } from '../containers.js';
import { appImage } from '../context.js';
import type { Cluster } from './cluster.js';
import { verbatim } from './expansion.js';
import { workerNetworkPolicy } from './network-policy.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { environment, isBoundToNode, mounts, podVolumes, pullPolicy, resources, startedByShim } from './pod.js';
import { CONTAINER_SECURITY, deployment, disruptionBudget, podBasics, serviceAccount } from './workload.js';
import { spread, together, workload } from './workload.js';

/** Everything that a worker is in a cluster: pods that nothing leads to. */
export function workerObjects(worker: Worker, cluster: Cluster): KubernetesObject[] {
  const own = workload(worker.node.id, 'worker', cluster);
  const scripts = emit(worker, cluster, [configMap(own, { 'start.py': START_SCRIPT })]).map(namedByContent);
  return [
    ...scripts,
    ...emit(worker, cluster, [
      serviceAccount(own),
      deployment(own, {
        replicas: worker.processes,
        progressDeadlineSeconds: workerWindow(worker) + 180,
        // The queue keeps what no worker takes, so nothing is lost by a gap, and there are never more consumers than asked for.
        rollingUpdate: { maxUnavailable: workerParallelism(worker), maxSurge: 0 },
        pod: workerPod(worker, cluster, scripts[0]?.metadata.name),
      }),
      disruptionBudget(own, isBoundToNode(worker) ? '100%' : 1),
      workerNetworkPolicy(worker, own, cluster),
    ]),
  ];
}

function workerPod(worker: Worker, cluster: Cluster, scripts: string | undefined): PodSpec {
  const own = workload(worker.node.id, 'worker', cluster);
  return {
    ...podBasics(own, cluster),
    // Where the storage of the app is on one node, the app says which.
    ...(isBoundToNode(worker) ? together(workload(worker.app.node.id, 'app', cluster)) : spread(own)),
    terminationGracePeriodSeconds: worker.gracePeriod,
    containers: [container(worker, cluster, scripts)],
    volumes: podVolumes(worker, { cluster, scripts, temporaryBytes: temporarySpace(0) }),
  };
}

function container(worker: Worker, cluster: Cluster, scripts: string | undefined): Container {
  const image = appImage(worker.app, cluster);
  return {
    name: worker.node.id,
    image,
    imagePullPolicy: pullPolicy(image),
    // Under the shim always: as PID 1 a command that handles no SIGTERM would not even get it.
    command: [...startedByShim(worker.app, cluster), ...worker.command].map(verbatim),
    ...environment(worker),
    ...probes(worker),
    resources: resources(worker),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: mounts(worker, scripts),
  };
}

/** Nobody asks a worker for anything, so that being ready is no other question than being alive. */
function probes({ health }: Worker): Pick<Container, 'startupProbe' | 'livenessProbe'> {
  if (health === undefined) return {};
  const ask = {
    exec: { command: health.command.map(verbatim) },
    timeoutSeconds: health.timeout,
    periodSeconds: health.interval,
  };
  return {
    startupProbe: { ...ask, failureThreshold: Math.ceil(health.startup / health.interval) + 1 },
    livenessProbe: { ...ask, failureThreshold: 3 },
  };
}
