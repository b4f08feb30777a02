import { Construct } from 'constructs';
import { checkAppProps } from './app-schema.js';
import type { AppBuild, AppHealth, AsgiAppProps, RateLimit } from './app-props.js';
import type { ConfigFile } from './config-file.js';
import { connectionUrl, type ConnectionUrl } from './data-store.js';
import { defaultsOf } from './defaults.js';
import { resolveRate, resolveRoutes, type RouteLimits } from './edge-rules.js';
import { checkId } from './ids.js';
import { acceptableId, addMistake } from './mistakes.js';
import { resolveIdentity } from './placement.js';
import type { AppLogs, AppMetrics, AppOtel, AppSentry } from './observability.js';
import { observedVariables, resolveLogs, resolveMetrics, resolveOtel, resolveSentry } from './observability-schema.js';
import { resolveSnippet, type NginxSnippet } from './nginx-snippets.js';
import { rememberPosition } from './position.js';
import { givenIn, isObject } from './props.js';
import { bytes, coresOf } from './quantity.js';
import { resolveProcesses, type Scaling } from './scaling.js';
import type { Secret } from './secret.js';
import { resolveStatic, type StaticFolder } from './static-files.js';
import type { Volume } from './volume.js';

/** Health as the targets see it: a path, or undefined where the app is only asked for `/` with any status below 500. */
export interface Health {
  readonly readiness: string | undefined;
  readonly liveness: string | undefined;
  /** Seconds that the app may take to start. */
  readonly startup: number;
}

/** One ASGI application: its code or image, and everything that is true of it wherever it runs. */
export class AsgiApp extends Construct {
  readonly source: string | undefined;
  readonly image: string | undefined;
  readonly module: string;
  readonly factory: boolean;
  /** How many there are; of a range the most there may be, which is how many there are where a target cannot change the number. */
  readonly processes: number;
  /** The range in which the number follows the load; undefined where it is fixed. */
  readonly scaling: Scaling | undefined;
  /** Memory of one process, in bytes. */
  readonly memory: number;
  readonly cpu: number;
  readonly port: number;
  readonly health: Health;
  readonly hosts: readonly string[];
  /** `/` or a prefix without a slash at its end, `/api`. */
  readonly pathPrefix: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it lists, the passwords of its connections, and what it needs to send telemetry. */
  readonly secrets: readonly Secret[];
  /** URLs by variable. */
  readonly connections: Readonly<Record<string, ConnectionUrl>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly files: Readonly<Record<string, ConfigFile>>;
  readonly requestTimeout: number;
  /** Bytes of the largest request body. */
  readonly bodyLimit: number;
  /** Other limits below some paths, the longest path first. */
  readonly routes: readonly RouteLimits[];
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly rateLimit: Required<RateLimit> | undefined;
  /** How its logs are written; undefined where the server has its own way. */
  readonly logs: Required<AppLogs> | undefined;
  /** Where it tells its metrics, and to whom. */
  readonly metrics: (AppMetrics & { readonly public: boolean }) | undefined;
  readonly otel: AppOtel | undefined;
  readonly sentry: AppSentry | undefined;
  /** Folders that are answered without it, the longest path first. */
  readonly static: readonly StaticFolder[];
  readonly sticky: 'cookie' | 'address' | undefined;
  /** Directives for an nginx in front of it. */
  readonly nginx: { readonly location: NginxSnippet | undefined };
  readonly command: readonly string[] | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName: string | undefined;
  /** Annotations of its ServiceAccount. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly build: AppBuild;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  /** @param id lower-case letters, digits and hyphens; it names the service, the objects and the image. */
  constructor(scope: Construct, id: string, props: AsgiAppProps) {
    super(scope, acceptableId(scope, id));
    rememberPosition(this, new.target);
    checkId(this, id);
    const checked = checkAppProps(this, props);
    const defaults = defaultsOf(this).app;
    this.source = checked.source;
    this.image = checked.image;
    this.module = checked.module ?? 'main:app';
    this.factory = checked.factory ?? false;
    const { processes, scaling } = resolveProcesses(checked.processes, defaults);
    this.processes = processes;
    this.scaling = scaling;
    this.memory = bytes(checked.memory ?? defaults.memory);
    this.cpu = coresOf(checked.cpu ?? defaults.cpu);
    this.port = checked.port ?? defaults.port;
    this.health = resolveHealth(checked.health, defaults.startup);
    this.hosts = checked.hosts ?? [];
    this.pathPrefix = checked.pathPrefix ?? '/';
    this.environment = asTexts(checked.environment);
    this.connections = Object.fromEntries(
      Object.entries(checked.connections ?? {}).map(([name, connection]) => [name, connectionUrl(connection)]),
    );
    const passwords = Object.values(this.connections).map(({ store }) => store.password);
    this.logs = resolveLogs(checked.logs);
    this.metrics = resolveMetrics(checked.metrics);
    this.otel = resolveOtel(checked.otel);
    this.sentry = resolveSentry(checked.sentry);
    const observed = Object.values(observedVariables(checked).secrets);
    this.secrets = [...new Set([...(checked.secrets ?? []), ...passwords, ...observed])];
    this.volumes = checked.volumes ?? {};
    this.files = checked.files ?? {};
    this.requestTimeout = checked.requestTimeout ?? defaults.requestTimeout;
    this.bodyLimit = bytes(checked.bodyLimit ?? defaults.bodyLimit);
    this.routes = resolveRoutes(checked.routes, this);
    this.responseHeaders = checked.responseHeaders ?? {};
    this.rateLimit = resolveRate(checked.rateLimit);
    this.static = resolveStatic(checked.static);
    this.sticky = checked.sticky;
    this.nginx = { location: resolveSnippet(this, 'location', checked.nginx?.location) };
    this.command = checked.command;
    ({
      nodeSelector: this.nodeSelector,
      priorityClassName: this.priorityClassName,
      annotations: this.annotations,
    } = resolveIdentity(checked));
    this.build = checked.build ?? {};
    this.given = givenIn(props);
    if (isObject(props) && Object.hasOwn(props, 'processes') && props.processes === undefined) {
      addMistake(this, `processes is undefined; leave it out for the default of ${defaults.processes}`);
    }
  }
}

/** Secrets by the variables that the start shim sets for an app, in the order of these. */
export function secretVariables(app: Pick<AsgiApp, 'secrets' | 'otel' | 'sentry'>): [string, Secret][] {
  const asked = app.secrets.filter(({ as }) => as === 'environment').map((one) => [one.variable, one] as const);
  const all = { ...Object.fromEntries(asked), ...observedVariables(app).secrets };
  return Object.entries(all);
}

/** Seconds that the longest request of an app may take, wherever it goes. */
export function longestRequest({ requestTimeout, routes }: Pick<AsgiApp, 'requestTimeout' | 'routes'>): number {
  return Math.max(requestTimeout, ...routes.map((route) => route.requestTimeout));
}

/** How the requests of a client must be kept together; undefined where nobody asks for it, or where there is one process alone. */
export function affinity({ sticky, processes }: Pick<AsgiApp, 'sticky' | 'processes'>): AsgiApp['sticky'] {
  return processes > 1 ? sticky : undefined;
}

/** Bytes of the largest body of an app, wherever it goes. */
export function largestBody({ bodyLimit, routes }: Pick<AsgiApp, 'bodyLimit' | 'routes'>): number {
  return Math.max(bodyLimit, ...routes.map((route) => route.bodyLimit));
}

function resolveHealth(health: string | AppHealth | undefined, startup: number): Health {
  if (typeof health === 'string') return { readiness: health, liveness: health, startup };
  return { readiness: health?.readiness, liveness: health?.liveness, startup: health?.startup ?? startup };
}

function asTexts(environment: AsgiAppProps['environment'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));
}
