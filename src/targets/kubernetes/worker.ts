import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { START_SCRIPT } from '../../formats/python.js';
import type { Worker } from '../../model/worker.js';
import { workerCheck, workerParallelism, workerWindow } from '../containers.js';
import type { Cluster } from './cluster.js';
import { verbatim } from './expansion.js';
import { taskNetworkPolicy } from './network-policy.js';
import { configMap, emit, namedByContent, type KubernetesObject } from './objects.js';
import { hostIn, isBoundToNode, startedByShim } from './pod.js';
import { taskPod } from './task-pod.js';
import { deployment, disruptionBudget, serviceAccount, spread, together, workload } from './workload.js';

/** Everything that a worker is in a cluster: pods that nothing leads to. */
export function workerObjects(worker: Worker, cluster: Cluster): KubernetesObject[] {
  const own = workload(worker.node.id, 'worker', cluster);
  const scripts = emit(worker, cluster, [configMap(own, { 'start.py': START_SCRIPT })]).map(namedByContent);
  return [
    ...scripts,
    ...emit(worker, cluster, [
      serviceAccount(own, worker.annotations),
      deployment(own, {
        replicas: worker.processes,
        progressDeadlineSeconds: workerWindow(worker) + 180,
        // The queue keeps what no worker takes, so nothing is lost by a gap, and there are never more consumers than asked for.
        rollingUpdate: { maxUnavailable: workerParallelism(worker), maxSurge: 0 },
        pod: workerPod(worker, cluster, scripts[0]?.metadata.name),
      }),
      disruptionBudget(own, isBoundToNode(worker) ? '100%' : 1),
      taskNetworkPolicy(worker, own, cluster),
    ]),
  ];
}

function workerPod(worker: Worker, cluster: Cluster, scripts: string | undefined): PodSpec {
  const own = workload(worker.node.id, 'worker', cluster);
  const pod = taskPod(worker, cluster, { own, scripts, shim: startedByShim(worker.app, cluster) });
  return {
    ...pod,
    // Where the storage of the app is on one node, the app says which.
    ...(isBoundToNode(worker) ? together(workload(worker.app.node.id, 'app', cluster)) : spread(own)),
    containers: [{ ...pod.containers[0], ...probes(worker, cluster) }],
  };
}

/** Nobody asks a worker for anything, so that being ready is no other question than being alive. */
function probes(worker: Worker, cluster: Cluster): Pick<Container, 'startupProbe' | 'livenessProbe'> {
  const { health } = worker;
  if (health === undefined) return {};
  const { command, timeout } = workerCheck(worker, health, hostIn(cluster));
  const ask = {
    exec: { command: command.map(verbatim) },
    timeoutSeconds: timeout,
    periodSeconds: health.interval,
  };
  return {
    startupProbe: { ...ask, failureThreshold: Math.ceil(health.startup / health.interval) + 1 },
    livenessProbe: { ...ask, failureThreshold: 3 },
  };
}
