/** What `docker … inspect` says of the objects of a Swarm: the fields that are read here. */

export interface TaskSpec {
  readonly ContainerSpec?: {
    readonly Image: string;
    readonly Secrets?: readonly { readonly SecretName: string }[];
    readonly Configs?: readonly { readonly ConfigName: string }[];
  };
  readonly Placement?: object;
  readonly RestartPolicy?: object;
  readonly Runtime?: string;
  readonly ForceUpdate?: number;
}

export interface ServiceSpec {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly TaskTemplate: TaskSpec;
  readonly Mode: { readonly Replicated?: { readonly Replicas?: number }; readonly Global?: object };
}

export type UpdateState =
  'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';

export interface Service {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
  /** Of the last change that had tasks to replace: every change of the specification resets it. */
  readonly UpdateStatus?: { readonly State?: UpdateState; readonly Message?: string };
}

export type TaskState =
  | 'new'
  | 'allocated'
  | 'pending'
  | 'assigned'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'starting'
  | 'running'
  | 'complete'
  | 'shutdown'
  | 'failed'
  | 'rejected'
  | 'remove'
  | 'orphaned';

export interface Task {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  /** Absent in a global service, which has one task a node. */
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly Spec: TaskSpec;
  readonly DesiredState: TaskState;
  readonly Status: {
    readonly Timestamp: string;
    readonly State: TaskState;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}

export interface SwarmNode {
  readonly ID: string;
  readonly Spec: { readonly Availability: string; readonly Labels?: Readonly<Record<string, string>> };
  readonly Description: { readonly Hostname: string };
  readonly Status: { readonly State: string };
}

export interface Container {
  readonly State: {
    readonly Status: string;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string; readonly Log?: readonly { readonly Output: string }[] | null };
  };
}

/** Everything of one stack at one moment. */
export interface Snapshot {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly nodes: readonly SwarmNode[];
}

/** Id of what a service runs, as the stack file has it: `api` of `shop_api`. */
export function idOf({ Spec: { Name } }: { readonly Spec: Pick<ServiceSpec, 'Name'> }, stack: string): string {
  return Name.startsWith(`${stack}_`) ? Name.slice(stack.length + 1) : Name;
}
