import type { Docker } from '../docker.js';

/** What we read of `docker inspect` of a container. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  /** Id of the image. */
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: InspectedState;
  readonly Config: {
    readonly Image: string;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly StopTimeout?: number;
    readonly Healthcheck?: { readonly Test?: readonly string[] };
  };
  readonly Mounts: readonly { readonly Type: string; readonly Source: string; readonly Destination: string }[];
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> | null;
  };
}

export interface InspectedState {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly Status: string;
  readonly StartedAt: string;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly Error: string;
  readonly Health?: {
    readonly Status: string;
    readonly Log: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
  };
}

/** A container of a Compose project. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Compose's hash of the service that it was made from. */
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly image: string;
  readonly imageId: string;
  readonly restarts: number;
  readonly state: InspectedState;
  /** What of the host is mounted, by path in the container. */
  readonly binds: Readonly<Record<string, string>>;
  /** Its address in each network. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Port that its health check asks. */
  readonly port: number | undefined;
  /** Seconds between its stop signal and its end. */
  readonly stopGrace: number;
}

export function containerOf({ Id, Name, Created, Image, RestartCount, State, Config, ...rest }: Inspected): Container {
  const labels = Config.Labels ?? {};
  const binds = rest.Mounts.filter(({ Type }) => Type === 'bind');
  const networks = Object.entries(rest.NetworkSettings.Networks ?? {});
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    service: labels['com.docker.compose.service'] ?? '',
    hash: labels['com.docker.compose.config-hash'] ?? '',
    created: Date.parse(Created),
    image: Config.Image,
    imageId: Image,
    restarts: RestartCount,
    state: State,
    binds: Object.fromEntries(binds.map(({ Destination, Source }) => [Destination, Source])),
    addresses: Object.fromEntries(networks.flatMap(([name, { IPAddress }]) => (IPAddress ? [[name, IPAddress]] : []))),
    port: checkedPort(Config.Healthcheck?.Test ?? []),
    stopGrace: Config.StopTimeout ?? 10,
  };
}

function checkedPort(test: readonly string[]): number | undefined {
  const at = test.indexOf('--port');
  const port = Number(test[at + 1]);
  return at < 0 || !Number.isInteger(port) ? undefined : port;
}

export function isRunning({ state }: Container): boolean {
  return state.Status === 'running';
}

/** Whether its health check lets it in; one without a check runs, and that is all that can be known. */
export function isHealthy(container: Container): boolean {
  return isRunning(container) && (container.state.Health?.Status ?? 'healthy') === 'healthy';
}

/** The containers of a Compose project, one-offs aside, in the order in which they were made. */
export async function projectContainers(docker: Docker, name: string): Promise<Container[]> {
  const ids = await docker.lines([
    ...['ps', '--all', '--quiet', '--no-trunc'],
    ...['--filter', `label=com.docker.compose.project=${name}`],
    ...['--filter', 'label=com.docker.compose.oneoff=False'],
  ]);
  return inspectContainers(docker, ids);
}

/** Those of the containers that are still there. */
export async function inspectContainers(docker: Docker, ids: readonly string[]): Promise<Container[]> {
  const found = await docker.inspect<Inspected>('container', ids);
  return found.map(containerOf).toSorted((a, b) => a.created - b.created);
}

/** The network through which nginx reaches a container. */
export function addressFrom(nginx: Container, { addresses }: Container): string | undefined {
  const shared = Object.keys(nginx.addresses).find((network) => network in addresses);
  return shared === undefined ? undefined : addresses[shared];
}
