import type { Affinity, Container, PodSpec } from 'kubernetes-types/core/v1.js';
import type { Task } from '../../model/task.js';
import { temporarySpace } from '../containers.js';
import { appImage } from '../context.js';
import type { Cluster } from './cluster.js';
import { verbatim } from './expansion.js';
import { environment, isBoundToNode, mounts, podVolumes, pullPolicy, resources } from './pod.js';
import { CONTAINER_SECURITY, near, placement, podBasics, workload, type Workload } from './workload.js';

/** What differs between commands that run beside an app. */
export interface TaskPodValues {
  readonly own: Workload;
  /** Name of the ConfigMap with the start shim. */
  readonly scripts: string | undefined;
  /** Words that the command is started under. */
  readonly shim: readonly string[];
}

/** A pod that runs the command of a task with the app's image, environment, secrets and volumes. */
export function taskPod(task: Task, cluster: Cluster, { own, scripts, shim }: TaskPodValues) {
  return {
    ...podBasics(own, cluster),
    ...placement(task),
    terminationGracePeriodSeconds: task.gracePeriod,
    containers: [container(task, cluster, { scripts, shim })] as [Container],
    volumes: podVolumes(task, { cluster, scripts, temporaryBytes: temporarySpace(0) }),
  } satisfies PodSpec;
}

/** Of what ends by itself: it never starts again in place, and where its storage is on one node it comes there. */
export function endingPod(task: Task, cluster: Cluster, values: TaskPodValues): PodSpec {
  return { ...taskPod(task, cluster, values), ...nearApp(task, cluster), restartPolicy: 'Never' };
}

/** The app may not run yet: then there is nobody to be near to. */
function nearApp(task: Task, cluster: Cluster): { affinity?: Affinity } {
  return isBoundToNode(task) ? near(workload(task.app.node.id, 'app', cluster)) : {};
}

function container(task: Task, cluster: Cluster, { scripts, shim }: Omit<TaskPodValues, 'own'>): Container {
  const image = appImage(task.app, cluster);
  return {
    name: task.node.id,
    image,
    imagePullPolicy: pullPolicy(image),
    // Under the shim always: as PID 1 a command that handles no SIGTERM would not even get it.
    command: [...shim, ...task.command].map(verbatim),
    ...environment(task, cluster),
    resources: resources(task),
    securityContext: CONTAINER_SECURITY,
    volumeMounts: mounts(task, scripts),
  };
}
