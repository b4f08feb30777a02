import type { Secret } from './secret.js';
import type { NetworkPeer } from './stack-props.js';

/** How much of what is logged is written. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** How the server of an app, and the app itself, write their logs. */
export interface AppLogs {
  /**
   * `json`: each record is a line with one JSON object, with `time`, `level`, `logger`, `message`, the `exception`, whatever the app gives
   * as `extra`, and in a request the `request_id` that came as `X-Request-ID`.
   * @default 'json'
   */
  readonly format?: 'json';
  /**
   * Whether the server writes a line for each request too, those of health checks included, with `client`, `method`, `uri` and `status`.
   * nginx of ours does so already, and a process answers a quarter fewer requests with it where it does little else.
   * @default false
   */
  readonly access?: boolean;
  /**
   * What is less than that is left out, of the server and of every logger that says nothing else.
   * @default 'info'
   */
  readonly level?: LogLevel;
}

/** Metrics of an app in the format of Prometheus. */
export interface AppMetrics {
  /** Path at which the app tells them, as the app sees it, without a slash at its end: `/metrics`. */
  readonly path: string;
  /**
   * Whether the edge gives that path to everybody. It answers 404 there otherwise, and a scraper asks the processes themselves.
   * @default false
   */
  readonly public?: boolean;
  /**
   * Kubernetes: who scrapes, `[{ namespace: 'monitoring' }]`, beside those of `allowFrom` (NetworkPolicy). Needed where an nginx of ours
   * is the edge, since nobody else reaches the pods then.
   * @default - those of `allowFrom`
   */
  readonly from?: readonly NetworkPeer[];
}

/** Where an app sends what OpenTelemetry has measured. */
export interface AppOtel {
  /** URL of the collector (OTLP), `http://collector.monitoring:4317`, without credentials: these are `headers`. */
  readonly endpoint: string;
  /**
   * How it is spoken to.
   * @default - what the SDK of the app does by itself
   */
  readonly protocol?: 'grpc' | 'http/protobuf';
  /**
   * `service.name`. What runs beside the app has its own id as its name.
   * @default - the id of the app; `service.namespace` is the name of the stack
   */
  readonly serviceName?: string;
  /**
   * Part of the traces that are kept, 0 to 1, where the caller has not decided that already (`parentbased_traceidratio`).
   * @default - what the SDK of the app does by itself: all of them
   */
  readonly sampleRatio?: number;
  /**
   * Headers that the collector wants, a credential for example: `api-key=…`, several with commas between them
   * (OTEL_EXPORTER_OTLP_HEADERS). The start shim sets the variable, so that no `inspect` and no manifest shows it.
   * @default - none
   */
  readonly headers?: Secret;
  /**
   * Attributes of the resource beside `service.namespace`, `service.version` (the tag of the image) and `deployment.environment.name` (the
   * stage, if there is one), or in their place.
   * @default - these
   */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Where an app sends its errors. */
export interface AppSentry {
  /** The DSN, which the start shim sets as SENTRY_DSN: no `inspect` and no manifest shows it. */
  readonly dsn: Secret;
  /**
   * SENTRY_ENVIRONMENT.
   * @default - the stage, `development` under `synth watch`; without one the SDK says `production`
   */
  readonly environment?: string;
  /**
   * SENTRY_RELEASE.
   * @default - `STACK-APP@TAG`, where the image has a tag: `shop-api@1.4.2`
   */
  readonly release?: string;
}
