import type { Ran } from './exec.js';
import type { Docker } from './docker.js';

/** What a registry tells of a reference. */
export interface RemoteImage {
  /** `sha256:…` of what the reference leads to: the list of all platforms, where there is one. */
  readonly digest: string;
  /** `linux/amd64`, …; empty where there is no list of platforms. */
  readonly platforms: readonly string[];
}

export type Lookup =
  | { readonly found: true; readonly image: RemoteImage }
  /** `missing`: the registry answers that it has none. Else it could not be asked. */
  | { readonly found: false; readonly missing: boolean; readonly reason: string };

/** Asks the registry of a reference for it. Credentials are those of `docker login`; one on a loopback address needs no TLS. */
export async function lookUp(docker: Docker, reference: string): Promise<Lookup> {
  return readLookup(
    await docker.attempt(['buildx', 'imagetools', 'inspect', '--format', '{{json .Manifest}}', reference]),
  );
}

/** What `docker buildx imagetools inspect` said. */
export function readLookup({ stdout, stderr, exitCode }: Ran): Lookup {
  if (exitCode !== 0) {
    const reason = (stderr.trim().split('\n').at(-1) ?? '').replace(/^ERROR: /, '') || 'it said nothing';
    return { found: false, missing: /: not found$|manifest unknown|name unknown/i.test(reason), reason };
  }
  const { digest, manifests = [] } = JSON.parse(stdout) as Manifest;
  const platforms = manifests
    .map(({ platform }) =>
      platform ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/') : '',
    )
    .filter((one) => one !== '' && one !== 'unknown/unknown');
  return { found: true, image: { digest, platforms } };
}

interface Manifest {
  readonly digest: string;
  readonly manifests?: readonly {
    readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  }[];
}
