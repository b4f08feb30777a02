import * as v from 'valibot';
import { HOST_NAME, labels, labelKey, matching, text } from './values.js';

/** On which nodes something runs, and what makes room for it. */
export interface PlacementProps {
  /**
   * Labels of the nodes that it may run on, `{ disktype: 'ssd' }`; `{}` is any node. A Swarm looks at the labels that
   * `docker node update --label-add` gives, and does not tell capital letters in values from small ones; it cannot say keys with a `/` or
   * empty values. One host has no nodes to choose from. Both are the problem `node-selector`.
   *
   * What runs beside an app has that of its app, unless it says otherwise; so has the nginx of its static files.
   * @default - any node
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Kubernetes PriorityClass, by name: what has a lower one makes room where a node is full. No other target ranks what it runs: there it
   * is the problem `priority-class`.
   *
   * What runs beside an app has that of its app, unless it says otherwise; so has the nginx of its static files.
   * @default - that of the cluster
   */
  readonly priorityClassName?: string;
}

/** The Kubernetes ServiceAccount that something runs as. */
export interface ServiceAccountProps {
  /**
   * Its annotations, by which a cloud knows the workload and gives it an identity: `eks.amazonaws.com/role-arn` on AWS,
   * `iam.gke.io/gcp-service-account` on Google Cloud, `azure.workload.identity/client-id` on Azure, where the pods must have the label
   * `azure.workload.identity/use: 'true'` as well, which `labels` of the stack gives them.
   */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A prop of what runs the code of an app. */
export interface IdentityProps {
  /**
   * Kubernetes: the ServiceAccount, which is named as the app, worker, job or schedule is, `shop-api`: a cloud that trusts it by name must
   * know each of them. Its token stays out of the pod unless a cloud puts one there. No other target has any: there it is the problem
   * `service-account`.
   *
   * What runs beside an app has the annotations of its app, unless it says otherwise.
   * @default - no annotations
   */
  readonly serviceAccount?: ServiceAccountProps;
}

/** How `PlacementProps` are checked. */
export const PLACEMENT_ENTRIES = {
  nodeSelector: v.optional(labels),
  priorityClassName: v.optional(matching(HOST_NAME, 'the name of a PriorityClass')),
};

/** How `IdentityProps` are checked. */
export const IDENTITY_ENTRIES = {
  serviceAccount: v.optional(v.strictObject({ annotations: v.record(labelKey, text) })),
};

/** What was asked for, as the targets see it. */
export interface Placement {
  /** Labels of the nodes; empty for any node. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName: string | undefined;
}

/** The same, and as whom it runs. */
export interface Identity extends Placement {
  /** Annotations of its ServiceAccount; empty where there are none. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Props of which each may have been left out. */
type Written<Props> = { readonly [Prop in keyof Props]?: Props[Prop] | undefined };

/** What is written, else what holds for whatever it runs beside. */
export function resolvePlacement(
  { nodeSelector, priorityClassName }: Written<PlacementProps>,
  beside?: Placement | undefined,
): Placement {
  return {
    nodeSelector: nodeSelector ?? beside?.nodeSelector ?? {},
    priorityClassName: priorityClassName ?? beside?.priorityClassName,
  };
}

/** The same with the ServiceAccount. */
export function resolveIdentity(
  { serviceAccount, ...rest }: Written<PlacementProps & IdentityProps>,
  beside?: Identity | undefined,
): Identity {
  return {
    ...resolvePlacement(rest, beside),
    annotations: serviceAccount?.annotations ?? beside?.annotations ?? {},
  };
}
