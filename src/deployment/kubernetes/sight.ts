import type { Kubectl } from '../kubectl.js';
import { INSTANCE } from '../../targets/kubernetes/workload.js';
import { objectsIn, type Metadata } from './objects.js';

/** A Deployment, as far as a rollout is seen in it. */
export interface Deployment {
  readonly kind: 'Deployment';
  readonly metadata: Metadata & { readonly uid: string; readonly generation: number };
  readonly spec: {
    readonly replicas: number;
    readonly paused?: boolean;
    readonly template: {
      readonly metadata: Pick<Metadata, 'labels' | 'annotations'>;
      readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
    };
  };
  readonly status: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface ReplicaSet {
  readonly kind: 'ReplicaSet';
  readonly metadata: Owned & { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly replicas?: number; readonly availableReplicas?: number };
}

export interface Pod {
  readonly kind: 'Pod';
  readonly metadata: Owned & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly creationTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerState[];
    readonly initContainerStatuses?: readonly ContainerState[];
  };
}

interface Owned extends Metadata {
  readonly uid: string;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerState {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: State;
  readonly lastState: State;
}

export interface State {
  readonly running?: { readonly startedAt: string };
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly message?: string;
    readonly exitCode: number;
    readonly finishedAt?: string;
  };
}

/** What runs of a stack. */
export interface Sight {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
}

/** Looks at everything of a stack that runs, at one time. */
export async function lookAt(kubectl: Kubectl, name: string): Promise<Sight> {
  const kinds = 'deployments.apps,replicasets.apps,pods';
  const all = objectsIn<Deployment | ReplicaSet | Pod>(
    await kubectl.run(['get', kinds, '--selector', `${INSTANCE}=${name}`, '--output', 'json']),
  );
  return {
    deployments: all.filter((one) => one.kind === 'Deployment'),
    replicaSets: all.filter((one) => one.kind === 'ReplicaSet'),
    pods: all.filter((one) => one.kind === 'Pod'),
  };
}

const REVISION = 'deployment.kubernetes.io/revision';

/** The ReplicaSet of the version that a Deployment is to run. */
export function newestReplicaSet({ metadata }: Deployment, { replicaSets }: Sight): ReplicaSet | undefined {
  return replicaSets.find(
    (set) =>
      isOwnedBy(set.metadata, metadata.uid) &&
      set.metadata.annotations?.[REVISION] === metadata.annotations?.[REVISION],
  );
}

/** The pods of that version, less those that are about to end. */
export function newestPods(deployment: Deployment, sight: Sight): Pod[] {
  const set = newestReplicaSet(deployment, sight);
  return set === undefined
    ? []
    : sight.pods.filter((pod) => isOwnedBy(pod.metadata, set.metadata.uid) && !isEnding(pod));
}

/** All pods of a Deployment, of whichever version. */
export function podsOf({ metadata }: Deployment, { replicaSets, pods }: Sight): Pod[] {
  const sets = replicaSets.filter((set) => isOwnedBy(set.metadata, metadata.uid)).map((set) => set.metadata.uid);
  return pods.filter((pod) => sets.some((uid) => isOwnedBy(pod.metadata, uid)));
}

function isOwnedBy({ ownerReferences = [] }: Owned, uid: string): boolean {
  return ownerReferences.some((owner) => owner.uid === uid);
}

export function isEnding({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/**
 * Whether the version that it is to run serves in full strength, and alone. Where an autoscaler says how many pods that are, it has not
 * looked yet while they are fewer than `fewest`.
 */
export function isDone({ metadata, spec, status }: Deployment, fewest = 0): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= metadata.generation &&
    spec.replicas >= fewest &&
    updatedReplicas === spec.replicas &&
    replicas === spec.replicas &&
    availableReplicas === spec.replicas
  );
}
