import type { Deployment, DeploymentSpec, RollingUpdateDeployment } from 'kubernetes-types/apps/v1.js';
import type {
  Affinity,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  ServiceAccount,
  TopologySpreadConstraint,
} from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { Placement } from '../../model/placement.js';
import type { Cluster } from './cluster.js';
import type { KubernetesObject } from './objects.js';

/** What runs as pods: an app, or the edge. */
export interface Workload {
  /** Name of its objects. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly selector: LabelSelector;
}

export function workload(id: string, component: string, cluster: Cluster): Workload {
  const selector = selectorLabels(id, cluster);
  return {
    name: objectName(id, cluster),
    labels: labels(component, cluster, selector),
    selector: { matchLabels: selector },
  };
}

export function objectName(id: string, { name }: Pick<Cluster, 'name'>): string {
  return `${name}-${id}`;
}

/** Labels for an object of the stack; the user's own may replace all but those that are selected by. */
export function labels(
  component: string,
  { stack, name }: Cluster,
  selector: Record<string, string> = {},
): Record<string, string> {
  return {
    'app.kubernetes.io/component': component,
    [MANAGED_BY]: 'asgi-synth',
    'app.kubernetes.io/part-of': stack.name,
    ...stack.labels,
    [INSTANCE]: name,
    ...selector,
  };
}

export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const NAME = 'app.kubernetes.io/name';
export const INSTANCE = 'app.kubernetes.io/instance';

/** Labels by which objects find their pods, so that they cannot be anything else. */
export const SELECTED: readonly string[] = [NAME, INSTANCE];

function selectorLabels(id: string, { name }: Cluster): Record<string, string> {
  return { [NAME]: id, [INSTANCE]: name };
}

/** Pods of every workload of the stack. */
export function stackSelector({ name }: Cluster): LabelSelector {
  return { matchLabels: { [INSTANCE]: name } };
}

export function serviceAccount(
  { name, labels }: Workload,
  annotations: Readonly<Record<string, string>> = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    // The API server drops an empty map.
    metadata: { name, labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    automountServiceAccountToken: false,
  } satisfies ServiceAccount;
}

/** Part of the pods that an update starts beside the old ones, rounded up. */
export const SURGE = 0.25;

/**
 * A Deployment. Unless it is told otherwise it starts a pod before it stops one, and stops none before the new one is ready. Without
 * `replicas` an autoscaler says how many there are.
 */
export function deployment(
  { name, labels, selector }: Workload,
  {
    replicas,
    progressDeadlineSeconds,
    annotations = {},
    minReadySeconds = 5,
    rollingUpdate = { maxUnavailable: 0, maxSurge: `${SURGE * 100}%` },
    pod,
  }: {
    replicas: number | undefined;
    progressDeadlineSeconds: number;
    annotations?: Readonly<Record<string, string>>;
    minReadySeconds?: number;
    rollingUpdate?: RollingUpdateDeployment;
    pod: PodSpec;
  },
): KubernetesObject {
  const spec: DeploymentSpec = {
    // Each apply would put the number back that an autoscaler has chosen.
    ...(replicas === undefined ? {} : { replicas }),
    revisionHistoryLimit: 5,
    minReadySeconds,
    progressDeadlineSeconds,
    strategy: { type: 'RollingUpdate', rollingUpdate },
    selector,
    template: { metadata: { labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) }, spec: pod },
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec } satisfies Deployment;
}

/** What a drain of nodes may take away at once. A pod that is not ready holds up nobody's drain. */
export function disruptionBudget(
  { name, labels, selector }: Workload,
  maxUnavailable: number | string,
): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, labels },
    spec: { maxUnavailable, selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  } satisfies PodDisruptionBudget;
}

/** What every pod of ours has, so that it passes the Pod Security Standard "restricted". */
export function podBasics({ name }: Workload, { stack }: Cluster) {
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    // Variables such as UVICORN_PORT=tcp://…, made for a Service named uvicorn, would stop the server.
    enableServiceLinks: false,
    securityContext: POD_SECURITY,
    // A node that is gone is given up after half a minute instead of five.
    tolerations: ['not-ready', 'unreachable'].map((state) => ({
      key: `node.kubernetes.io/${state}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 30,
    })),
    ...(stack.imagePullSecrets.length === 0
      ? {}
      : { imagePullSecrets: stack.imagePullSecrets.map((secret) => ({ name: secret })) }),
  } satisfies Partial<PodSpec>;
}

/** The nodes of a pod, and what makes room for it. */
export function placement({
  nodeSelector,
  priorityClassName,
}: Placement): Pick<PodSpec, 'nodeSelector' | 'priorityClassName'> {
  return {
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  };
}

const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 10001,
  runAsGroup: 10001,
  fsGroup: 10001,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} satisfies PodSecurityContext;

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} satisfies SecurityContext;

/** Pods on different nodes and zones, as far as there are any. */
export function spread({ selector }: Workload): {
  affinity: Affinity;
  topologySpreadConstraints: TopologySpreadConstraint[];
} {
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: HOST, labelSelector: selector } },
        ],
      },
    },
    topologySpreadConstraints: [HOST, 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: selector,
      // Only pods of one version count: else an update leaves them lopsided.
      matchLabelKeys: ['pod-template-hash'],
    })),
  };
}

/** All pods on one node, whichever the first one came to. */
export function together({ selector }: Workload): { affinity: Affinity } {
  return {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: selector }] },
    },
  };
}

/** On the node of another workload, if that is anywhere. */
export function near({ selector }: Workload): { affinity: Affinity } {
  return {
    affinity: {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: HOST, labelSelector: selector } },
        ],
      },
    },
  };
}

const HOST = 'kubernetes.io/hostname';
