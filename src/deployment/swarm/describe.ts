import { ownerOf, variableNames } from '../docker-probe.js';
import type { Description } from '../probe.js';

/** What we read of `docker service inspect` to describe the containers of a service. */
export interface DescribedService {
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly TaskTemplate: {
      readonly ContainerSpec: {
        readonly User?: string;
        readonly ReadOnly?: boolean;
        readonly CapabilityDrop?: readonly string[];
        readonly CapabilityAdd?: readonly string[];
        readonly Env?: readonly string[];
      };
      readonly Resources?: { readonly Limits?: { readonly MemoryBytes?: number; readonly Pids?: number } };
    };
  };
}

export function describeService({ Spec: { Name, Labels, TaskTemplate } }: DescribedService): Description {
  const { ContainerSpec, Resources } = TaskTemplate;
  return {
    app: ownerOf(Labels),
    of: Name,
    user: ContainerSpec.User ?? '',
    readOnlyRoot: ContainerSpec.ReadOnly ?? false,
    droppedCapabilities: ContainerSpec.CapabilityDrop ?? [],
    addedCapabilities: ContainerSpec.CapabilityAdd ?? [],
    memory: Resources?.Limits?.MemoryBytes ?? 0,
    pids: Resources?.Limits?.Pids ?? 0,
    variables: variableNames(ContainerSpec.Env),
  };
}
