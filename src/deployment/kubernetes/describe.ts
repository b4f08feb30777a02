import type { Description } from '../probe.js';

interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly readOnlyRootFilesystem?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly privileged?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

/** What we read of a pod to describe it, and to run something in it. */
export interface DescribedPod {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly securityContext?: SecurityContext;
    readonly containers: readonly {
      readonly name: string;
      readonly securityContext?: SecurityContext;
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
      readonly env?: readonly { readonly name: string }[];
    }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export function appOfPod({ metadata }: DescribedPod): string {
  return metadata.labels?.['app.kubernetes.io/name'] ?? '';
}

export function isReady({ metadata, status }: DescribedPod): boolean {
  const ready = status.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True');
  return ready === true && metadata.deletionTimestamp === undefined;
}

export function describePod(pod: DescribedPod): Description[] {
  return pod.spec.containers.map(({ securityContext, resources, env }) => {
    const { runAsUser, runAsGroup, capabilities, ...own } = { ...pod.spec.securityContext, ...securityContext };
    return {
      app: appOfPod(pod),
      of: pod.metadata.name,
      user: [runAsUser, runAsGroup].filter((id) => id !== undefined).join(':'),
      readOnlyRoot: own.readOnlyRootFilesystem ?? false,
      droppedCapabilities: capabilities?.drop ?? [],
      addedCapabilities: own.privileged ? ['ALL'] : (capabilities?.add ?? []),
      newPrivileges: own.allowPrivilegeEscalation ?? true,
      memory: bytes(resources?.limits?.['memory'] ?? '0'),
      variables: (env ?? []).map(({ name }) => name),
    };
  });
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

function bytes(quantity: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Number(number) * (UNITS[unit] ?? 1);
}
