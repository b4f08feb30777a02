/** One HTTP request to a release that runs. */
export interface AskRequest {
  /** Host header. */
  readonly host: string;
  /** Path at the edge, prefix included. */
  readonly path: string;
  /** @default 'GET' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly body?: string;
}

/** What came back. */
export interface Answer {
  /** 0 where the connection was closed without an answer. */
  readonly status: number;
  /** By name in lower case; those that came several times are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an engine says of one container, or of the template that several are made from. Names of variables alone, never values. */
export interface Description {
  /** Id of the app, worker or database; `nginx` for the edge. */
  readonly app: string;
  /** Name of the container, service or pod. */
  readonly of: string;
  /** `uid` or `uid:gid`. */
  readonly user: string;
  readonly readOnlyRoot: boolean;
  readonly droppedCapabilities: readonly string[];
  readonly addedCapabilities: readonly string[];
  /** Whether a process may gain privileges; absent where the engine has no such setting. */
  readonly newPrivileges?: boolean;
  /** Bytes; 0 for no limit. */
  readonly memory: number;
  /** Processes and threads; absent where that is no setting of a container. */
  readonly pids?: number;
  /** Names of its environment variables. */
  readonly variables: readonly string[];
}

/** A process that was killed. */
export interface Killed {
  readonly container: string;
  /** Inside the container. */
  readonly pid: number;
}

/** What `verify` and tests see of a running release, and do to it. */
export interface Probe {
  /** Asks the edge from inside its own container, so that no port has to be reachable. Undefined where no edge of ours runs. */
  ask(request: AskRequest): Promise<Answer | undefined>;
  /** PEM text of the certificate that the edge shows clients. Undefined where no edge of ours serves HTTPS. */
  certificate(): Promise<string | undefined>;
  describe(): Promise<readonly Description[]>;
  /** Kills one server process of an app with SIGKILL. Undefined where none can be reached through this engine. */
  kill(app: string): Promise<Killed | undefined>;
  /** Where the edge takes requests from outside, `host:port`; those that the engine knows of. */
  addresses(): Promise<readonly string[]>;
}
