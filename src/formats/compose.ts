import { yamlComment, yamlDocument } from './yaml.js';

/** A text in which Compose replaces `${NAME:-default}`. Everywhere else a dollar is a dollar. */
export class Interpolated {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type ComposeText = string | Interpolated;

export interface ComposeHealthcheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
}

/** A check that an image may bring with it is not for what runs in its place. */
export interface NoHealthcheck {
  readonly disable: true;
}

export interface ComposeMount {
  readonly type: 'volume' | 'bind' | 'tmpfs';
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path: boolean };
  readonly tmpfs?: { readonly size: number; readonly mode?: number };
}

export interface ComposeFileReference {
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface ComposePort {
  readonly target: number;
  /** Compose wants a text, a Swarm stack a number. */
  readonly published: string | number;
  readonly host_ip?: string;
  readonly protocol: 'tcp' | 'udp';
  /** Swarm only. */
  readonly mode?: 'host' | 'ingress';
}

export interface UpdateConfig {
  readonly parallelism: number;
  readonly delay?: string;
  readonly order: 'start-first' | 'stop-first';
  readonly failure_action: 'rollback' | 'pause';
  readonly monitor: string;
  readonly max_failure_ratio: number;
}

export interface ComposeDeploy {
  readonly mode?: 'replicated' | 'global' | 'replicated-job';
  readonly replicas?: number;
  readonly endpoint_mode?: 'dnsrr' | 'vip';
  readonly labels?: Readonly<Record<string, string>>;
  readonly resources: { readonly limits: { readonly cpus?: string; readonly memory: string; readonly pids: number } };
  readonly restart_policy?: { readonly condition: 'any' | 'none'; readonly delay?: string };
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly placement?: { readonly constraints: readonly string[] };
}

/** What a service waits for before it starts, by name. */
export type Dependencies = Readonly<
  Record<string, { readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully' }>
>;

/** The keys of a service that we emit; those that `docker stack deploy` refuses or ignores are marked. */
export interface ComposeService {
  readonly image: string;
  /** Compose only. */
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args?: Readonly<Record<string, string>>;
    readonly secrets?: readonly { readonly source: string; readonly target: string }[];
  };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  /** Compose only. */
  readonly security_opt?: readonly string[];
  /** Compose only. */
  readonly cpu_shares?: number;
  /** Compose only. */
  readonly depends_on?: Dependencies;
  /** Compose only: what `docker compose watch` does where a file changes. */
  readonly develop?: { readonly watch: readonly { readonly action: 'rebuild'; readonly path: string }[] };
  readonly environment?: Readonly<Record<string, string>>;
  readonly configs?: readonly ComposeFileReference[];
  readonly secrets?: readonly ComposeFileReference[];
  readonly volumes: readonly ComposeMount[];
  readonly ports?: readonly ComposePort[];
  readonly networks: Readonly<Record<string, { readonly aliases?: readonly string[] } | null>>;
  readonly healthcheck: ComposeHealthcheck;
  readonly stop_signal: 'SIGTERM' | 'SIGQUIT' | 'SIGINT';
  readonly stop_grace_period: string;
  /** Compose only. */
  readonly restart?: 'unless-stopped' | 'no';
  readonly deploy: ComposeDeploy;
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly labels: Readonly<Record<string, string>>;
}

/** A service that takes no requests: it may have no check at all. */
export interface BackgroundService extends Omit<ComposeService, 'healthcheck'> {
  readonly healthcheck: ComposeHealthcheck | NoHealthcheck;
}

export interface ComposeFile<Service extends object = ComposeService> {
  /** Compose only. */
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, object | null>>;
  readonly volumes?: Readonly<Record<string, object>>;
  readonly configs?: Readonly<
    Record<
      string,
      { readonly name?: string; readonly file: string; readonly labels?: Readonly<Record<string, string>> }
    >
  >;
  readonly secrets?: Readonly<
    Record<
      string,
      {
        readonly name?: ComposeText;
        readonly external?: boolean;
        readonly file?: string;
        readonly environment?: string;
      }
    >
  >;
}

/** Text of a Compose or stack file. */
export function composeFile(file: object, header: readonly string[]): string {
  return `${yamlComment(header)}\n${yamlDocument(withoutEmpty(escaped(file)))}`;
}

/** Compose and Swarm replace `$NAME` in every value: a dollar that is meant is written twice. Keys are never replaced. */
function escaped(value: unknown): unknown {
  if (value instanceof Interpolated) return value.text;
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (isEmpty(inner) ? [] : [[key, withoutEmpty(inner)]])),
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    !(Array.isArray(value) && value.length > 0) &&
    Object.keys(value).length === 0
  );
}

/** A size in the spelling of Docker, whose `M` is 2^20 bytes. */
export function dockerSize(bytes: number): string {
  for (const [unit, size] of [
    ['G', 2 ** 30],
    ['M', 2 ** 20],
    ['K', 2 ** 10],
  ] as const) {
    if (bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}

/** Swarm runs Go templates over the values of variables: braces that are meant are written as a template that prints them. */
export function withoutTemplates(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}');
}

/** Container logs that cannot fill the disk. */
export const BOUNDED_LOGS = { driver: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } } as const;

/** What both engines can take away from a container. */
export const LEAST_PRIVILEGE = { user: '10001:10001', read_only: true, cap_drop: ['ALL'] } as const;
