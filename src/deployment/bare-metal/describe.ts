import { ownerOf, variableNames } from '../docker-probe.js';
import type { Description } from '../probe.js';

/** What we read of `docker inspect` of a container to describe it. */
export interface DescribedContainer {
  readonly Name: string;
  readonly Config: {
    readonly User: string;
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly PidsLimit: number | null;
    readonly Privileged: boolean;
  };
}

export function describeContainer({ Name, Config, HostConfig }: DescribedContainer): Description {
  return {
    app: ownerOf(Config.Labels),
    of: Name.replace(/^\//, ''),
    user: Config.User,
    readOnlyRoot: HostConfig.ReadonlyRootfs,
    droppedCapabilities: HostConfig.CapDrop ?? [],
    addedCapabilities: HostConfig.Privileged ? ['ALL'] : (HostConfig.CapAdd ?? []),
    newPrivileges: !(HostConfig.SecurityOpt ?? []).some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
    memory: HostConfig.Memory,
    pids: Math.max(0, HostConfig.PidsLimit ?? 0),
    variables: variableNames(Config.Env),
  };
}
