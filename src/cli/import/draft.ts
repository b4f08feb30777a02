import type { Position } from '../../errors.js';
import type { ComposeService, Left } from '../../sources/compose/compose-file.js';
import type { ServerCommand } from '../../sources/compose/server-command.js';
import type { Command } from '../../sources/compose/words.js';

/** What a service of a Compose file becomes. */
export type Role = 'app' | 'worker' | 'job' | 'postgres' | 'redis' | 'edge' | 'clock' | 'other';

/** Where an image is built from. */
export interface BuildPlace {
  /** Folder, from the project root. */
  readonly context: string;
  /** Path of the Dockerfile, from the project root. */
  readonly dockerfile: string;
  readonly target: string | undefined;
}

/** A service and what it becomes. */
export interface RoledService {
  readonly service: ComposeService;
  readonly role: Role;
  readonly build: BuildPlace | undefined;
  readonly image: string | undefined;
  readonly command: Command | undefined;
  /** Where the command is written that makes it what it is; undefined where only the code tells. */
  readonly commandAt: string | undefined;
  readonly server: ServerCommand | undefined;
  /** Steps of its command before the server. */
  readonly before: readonly (readonly string[])[];
}

/** Where something is written that a stack file says in its place. */
export interface Sourced {
  /** `compose.yaml:12`. */
  readonly from: string;
}

export interface DraftSecret extends Sourced {
  readonly id: string;
  /** Name of a variable that holds the value as well. */
  readonly isVariable: boolean;
  /** File with its value at deploy time. */
  readonly file: string | undefined;
  readonly external: string | undefined;
}

export interface DraftVariable extends Sourced {
  readonly name: string;
  readonly value: string;
  /** Whether the value only stands for one that somebody must know. */
  readonly isStandIn: boolean;
  readonly comment: string;
}

export interface DraftConnection {
  readonly variable: string;
  /** Id of the database. */
  readonly database: string;
  /** What `url()` takes, as code; undefined: the database itself. */
  readonly argument: string | undefined;
}

export interface DraftDatabase extends Sourced {
  readonly kind: 'postgres' | 'redis';
  readonly id: string;
  /** Name of its service, which is its host name in the Compose file. */
  readonly service: string;
  readonly version: string;
  readonly database: string | undefined;
  readonly user: string | undefined;
  /** Id of a secret that something else has as well. */
  readonly password: string | undefined;
  readonly evict: boolean;
  readonly memory: string | undefined;
}

export interface DraftMount {
  readonly path: string;
  /** Id of a Volume or a ConfigFile. */
  readonly id: string;
}

export interface DraftFile extends Sourced {
  readonly id: string;
  /** Path from the project root; absent where the text itself is written. */
  readonly file: string | undefined;
  readonly content: string | undefined;
}

export interface DraftHealth extends Sourced {
  readonly readiness: string;
  readonly liveness: string | undefined;
  readonly startup: number | undefined;
}

export interface DraftApp extends Sourced {
  readonly id: string;
  readonly service: string;
  /** Folder, from the project root. */
  readonly source: string | undefined;
  readonly image: string | undefined;
  readonly module: string;
  readonly moduleFrom: string;
  readonly factory: boolean;
  readonly processes: number | undefined;
  readonly memory: string | undefined;
  readonly cpu: number | undefined;
  readonly port: number | undefined;
  readonly health: DraftHealth | undefined;
  readonly hosts: readonly string[];
  /** Whether the hosts only stand for some that somebody must know. */
  readonly hostsFrom: string;
  readonly pathPrefix: string | undefined;
  readonly requestTimeout: number | undefined;
  readonly bodyLimit: string | undefined;
  readonly environment: readonly DraftVariable[];
  readonly secrets: readonly string[];
  readonly connections: readonly DraftConnection[];
  readonly volumes: readonly DraftMount[];
  readonly files: readonly DraftMount[];
  readonly systemPackages: readonly string[];
  /** Python minor version that its Dockerfile has; written where nothing else names one. */
  readonly python: string | undefined;
  /** Dockerfile that is built instead of one of ours, from `source`. */
  readonly dockerfile: string | undefined;
  /** Dockerfile that could be, from `source`. */
  readonly ownDockerfile: string | undefined;
  /** Dockerfile that is there, from the project root. */
  readonly foundDockerfile: string | undefined;
}

export interface DraftTask extends Sourced {
  readonly id: string;
  readonly kind: 'job' | 'worker';
  readonly app: string;
  readonly command: readonly string[];
  readonly processes: number | undefined;
  readonly memory: string | undefined;
  readonly cpu: number | undefined;
  readonly gracePeriod: number | undefined;
  readonly environment: readonly DraftVariable[];
  /** Ids of the apps that wait for a job; empty: its own app alone. */
  readonly runBefore: readonly string[];
  /** Whether two of them would do everything twice. */
  readonly isScheduler: boolean;
}

/** A stack file before it is spelled. */
export interface StackDraft {
  readonly name: string;
  readonly file: string;
  readonly registry: string | undefined;
  readonly httpPort: number | string | undefined;
  readonly needsNginx: boolean;
  readonly images: Readonly<Record<string, string>>;
  readonly accept: Readonly<Record<string, string>>;
  readonly secrets: readonly DraftSecret[];
  readonly volumes: readonly (Sourced & { readonly id: string })[];
  readonly files: readonly DraftFile[];
  readonly databases: readonly DraftDatabase[];
  readonly apps: readonly DraftApp[];
  readonly tasks: readonly DraftTask[];
  /** What each service became. */
  readonly services: readonly { readonly id: string; readonly at: Position; readonly becomes: string }[];
  readonly left: readonly Left[];
  /** What else somebody should know. */
  readonly notes: readonly string[];
}
