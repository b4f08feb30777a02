import type { ConfigFile } from './config-file.js';
import type { Connection } from './data-store.js';
import type { IdentityProps, PlacementProps } from './placement.js';
import type { AppLogs, AppMetrics, AppOtel, AppSentry } from './observability.js';
import type { AppNginx, StaticFiles } from './edge-props.js';
import type { Secret } from './secret.js';
import type { Volume } from './volume.js';

/** Paths that tell how an app is, each answered with a status from 200 to 399 when all is well. */
export interface AppHealth {
  /**
   * Path that answers when the app can take requests. It may look at what the app needs.
   * @default - the app is asked for `/`; any status below 500 is right
   */
  readonly readiness?: string;
  /**
   * Path that answers while the process is alive. It must not touch a database: when that is down, every process would be killed.
   * @default - the app is asked for `/`; any status below 500 is right
   */
  readonly liveness?: string;
  /**
   * Seconds that the app may take from its start to its first healthy answer, 1 to 3600.
   * @default 60
   */
  readonly startup?: number;
}

/** A value that the image build needs and the image must not hold: credentials of a private package index, for example. */
export interface BuildSecret {
  /** Environment variable of the machine that builds, from which the value comes. */
  readonly environment?: string;
  /** File of the machine that builds, relative to the project root, from which the value comes. */
  readonly file?: string;
  /**
   * Absolute path at which the build sees it as a file, such as `/etc/pip.conf`.
   * @default - the build sees it as a variable named as the key
   */
  readonly target?: string;
}

/** As many processes as the load asks for, where a target can change their number while they run. */
export interface ProcessRange {
  /** Fewest processes, 1 to 1000. */
  readonly min: number;
  /** Most processes, `min` to 1000. Where a target cannot change the number and that is accepted, it is always this one. */
  readonly max: number;
  /**
   * Per cent of its `cpu` that a process uses on average when there are as many as needed, 1 to 100: with more of them started above
   * it, and fewer kept below.
   * @default 70
   */
  readonly cpu?: number;
}

/** How many requests of one client the edge lets in. */
export interface RateLimit {
  /** Requests a second in the long run, 1 to 100000. */
  readonly requestsPerSecond: number;
  /**
   * Requests that may come at once beyond that, 0 to 100000.
   * @default - as many as `requestsPerSecond`
   */
  readonly burst?: number;
}

/** Limits of the requests below one path, in the place of those of the app. */
export interface AppRoute {
  /**
   * Largest request body that the edge lets in there, in Kubernetes spelling. Larger ones get status 413.
   * @default - `bodyLimit` of the app
   */
  readonly bodyLimit?: string;
  /**
   * Seconds that the longest request may take there, 1 to 3600.
   * @default - `requestTimeout` of the app
   */
  readonly requestTimeout?: number;
}

/** How the image is built from `source`. */
export interface AppBuild {
  /**
   * Python minor version, `3.13`.
   * @default - what the source folder asks for, else the newest known one
   */
  readonly python?: string;
  /**
   * Dockerfile of your own, relative to `source`. Its image must meet what `image` asks for.
   * @default - one is written from what the source folder holds
   */
  readonly dockerfile?: string;
  /**
   * Debian packages the app needs when it runs, such as `libpq5`.
   * @default - none
   */
  readonly systemPackages?: readonly string[];
  /**
   * Build arguments. They stay readable in the image: secrets belong in `secrets`.
   * @default - none
   */
  readonly arguments?: Readonly<Record<string, string>>;
  /**
   * Values for the build alone, by name: `PIP_INDEX_URL` of a mirror that pip shall ask, also for what Poetry locked, or
   * `POETRY_HTTP_BASIC_ACME_USERNAME` and `POETRY_HTTP_BASIC_ACME_PASSWORD` for a `tool.poetry.source` named `acme`.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, BuildSecret>>;
}

/** Props of an `AsgiApp`. Each means the same on every target; what a target cannot honour it reports as a problem. */
export interface AsgiAppProps extends PlacementProps, IdentityProps {
  /**
   * Folder with the code, relative to the project root.
   * @default - one of `source` and `image` is required
   */
  readonly source?: string;
  /**
   * Reference of a ready image. It must hold Python, uvicorn and, for bare metal, gunicorn and uvicorn-worker, and run as any uid. The
   * process model is in the emitted command.
   * @default - an image is built from `source`
   */
  readonly image?: string;
  /** Import string of the ASGI application, `package.module:attribute`. */
  readonly module: string;
  /**
   * Whether `module` names a function that makes the application.
   * @default false
   */
  readonly factory?: boolean;
  /**
   * Uvicorn processes, 1 to 1000: Gunicorn workers on bare metal, replicas in a cluster. A range such as `{ min: 2, max: 8, cpu: 70 }`
   * lets Kubernetes choose the number by the load; elsewhere it is the problem `processes-range`.
   * @default 2
   */
  readonly processes?: number | ProcessRange;
  /**
   * Memory of one process, in Kubernetes spelling. On bare metal the container's limit is `processes` times that plus 64Mi.
   * @default '512Mi'
   */
  readonly memory?: string;
  /**
   * Cores one process may use, 0.01 to 64. A limit in clusters; on bare metal a weight, since Docker refuses more cores than the
   * machine has.
   * @default 1
   */
  readonly cpu?: number;
  /**
   * Port of the app inside its container, 1024 to 65535.
   * @default 8000
   */
  readonly port?: number;
  /**
   * Path that answers 200 to 399 while the app is well, or one path each for readiness and liveness. Not hidden at the edge.
   * @default - the app is asked for `/`; any status below 500 is right
   */
  readonly health?: string | AppHealth;
  /**
   * Host names under which the app answers.
   * @default - any Host is answered
   */
  readonly hosts?: readonly string[];
  /**
   * Prefix of the path under which the app answers. The edge strips it, and the app gets it as ASGI `root_path`.
   * @default '/'
   */
  readonly pathPrefix?: string;
  /**
   * Variables of the app. Not for secrets: they are readable in every output.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
  /**
   * Secrets the app may read, as files `/run/secrets/<id>`.
   * @default - none
   */
  readonly secrets?: readonly Secret[];
  /**
   * Databases by the variable that holds their URL, `{ DATABASE_URL: db, CELERY_BROKER: cache }`; `db.url('asyncpg')` names the driver. The
   * start shim makes the URL inside the container, with the password percent-encoded, so that no `inspect` and no manifest shows it. Before
   * the app starts, it waits for the database to take connections, at most half of `health.startup`.
   * @default - none
   */
  readonly connections?: Readonly<Record<string, Connection>>;
  /**
   * Volumes by the absolute path at which the app sees them.
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, Volume>>;
  /**
   * Text files by the absolute path at which the app sees them, `{ '/etc/app/settings.toml': settings }`: read-only, beside what the image
   * has in that folder. What runs beside the app sees them too.
   * @default - none
   */
  readonly files?: Readonly<Record<string, ConfigFile>>;
  /**
   * Seconds that the longest request may take, 1 to 3600. Every timeout and grace period follows from it.
   * @default 60
   */
  readonly requestTimeout?: number;
  /**
   * Largest request body that the edge lets in, in Kubernetes spelling. Larger ones get status 413.
   * @default '10Mi'
   */
  readonly bodyLimit?: string;
  /**
   * Other limits for requests below a path, `{ '/upload': { bodyLimit: '100Mi', requestTimeout: 300 } }`: for the path itself and whatever
   * is below it, as the app sees it, behind `pathPrefix`; at most 15. The longest path that fits is the one. Grace periods follow from the longest
   * `requestTimeout` of all.
   * @default - none
   */
  readonly routes?: Readonly<Record<string, AppRoute>>;
  /**
   * Headers of every answer, error answers of the edge included, `{ 'X-Frame-Options': 'DENY' }`; each takes the place of one that the app
   * sends. Names are tokens, values 1 to 2000 visible ASCII characters (RFC 9110), at most 16 of them. What a cluster's own Gateway
   * answers by itself, such as errors, is up to it.
   * @default - those of the app
   */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /**
   * Requests of one client address that the edge lets in; the rest gets status 429. Each nginx counts for itself: that is one on bare metal,
   * one a node on Swarm, and two on Kubernetes with `edge: 'nginx'`, so that a client may get in as often at each of them. Behind a balancer
   * the client is known only through `trustedProxies`.
   * @default - no limit
   */
  readonly rateLimit?: RateLimit;
  /**
   * `json` makes each line of the log of the server and of the app one JSON object, with the id of the request that it belongs to;
   * `{ access: true, level: 'warning' }` says more. An app that configures logging itself has its own way, and keeps it. What ends a
   * process before its server has started, and what the start shim says, stay plain text.
   * @default - the text that Uvicorn and Gunicorn write, and no line for a request
   */
  readonly logs?: 'json' | AppLogs;
  /**
   * Path at which the app tells its metrics in the format of Prometheus, `/metrics`, which the edge answers with 404, or
   * `{ path, public, from }`. The app serves it with `prometheus_client` or what is built on that; the rest is done here. Where Gunicorn
   * has several processes, they leave their figures in a folder in memory (PROMETHEUS_MULTIPROC_DIR), empty at each start, in which
   * `multiprocess.MultiProcessCollector` adds up all of them whichever is asked, and forgets the gauges of those that are gone. A
   * process that is alone in its container has no such folder: there each of them is scraped. Pods have the annotations
   * `prometheus.io/scrape`, `port` and `path`; the README of each output says how a Prometheus finds the others.
   * @default - none
   */
  readonly metrics?: string | AppMetrics;
  /**
   * Where OpenTelemetry sends to, as the variables that its SDKs read (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables),
   * for the app and what runs beside it. They instrument nothing by themselves. One of the same name in `environment` is a mistake;
   * other OTEL_* variables may be there.
   * @default - none
   */
  readonly otel?: AppOtel;
  /**
   * Where the Sentry SDK sends to, as the variables that it reads, for the app and what runs beside it. One of the same name in
   * `environment` is a mistake. With `allowTo`, let the app reach it.
   * @default - none
   */
  readonly sentry?: AppSentry;
  /**
   * Folders of files by the path at which they are, `{ '/static': 'app/static' }`, as the app would see it, behind `pathPrefix`; at most 15
   * together with `routes`. An nginx of their own answers, from an image that has them compressed already, so that they are at the same
   * URL on every target and no process of the app waits for a slow client; what is not there gets 404, and the app is never asked.
   * `rateLimit` does not count them, `responseHeaders` are theirs too.
   *
   * During an update files of the old and of the new version can be had, whichever container is asked: on Kubernetes for about a minute,
   * on a Swarm for about 30 seconds, with `synth deploy` on a host until the last process of the old version has gone. A page that stays
   * open for longer and then asks for an old file gets 404: let it load itself anew.
   * @default - the app answers everything
   */
  readonly static?: Readonly<Record<string, string | StaticFiles>>;
  /**
   * Whether all requests of a client go to one process, which WebSocket libraries ask for that fall back to polling, such as Socket.IO; by a
   * cookie of the edge, or by the client's address. A client whose process has gone is given another one. A cookie needs a client that
   * keeps it, and is not sent by pages of another site (SameSite=Lax); addresses need no help, but all clients behind one address share a
   * process, and behind a balancer the client is known only through `trustedProxies`. Several processes of bare metal share one socket, so
   * that there it is the problem `sticky`, as it is wherever no nginx of ours is the edge.
   * @default - any process may answer any request
   */
  readonly sticky?: 'cookie' | 'address';
  /**
   * Directives of nginx for the requests of the app, where the edge is an nginx of ours; anywhere else a problem. A text that does not
   * stand by itself, or that contradicts the configuration around it (`listen`, `proxy_pass`, `client_max_body_size`, …), is an error. Which
   * directives there are, nginx alone knows: with one that it does not know it does not start, so that `synth deploy` goes back.
   * @default - none
   */
  readonly nginx?: AppNginx;
  /**
   * Command that starts the app instead of the emitted server command: last resort. It must listen on `port` of all addresses. Bare
   * metal runs it once, whatever `processes` says; in a cluster each replica runs it.
   * @default - Gunicorn with Uvicorn workers on bare metal, one Uvicorn process elsewhere
   */
  readonly command?: readonly string[];
  /**
   * How the image is built from `source`.
   * @default - detected
   */
  readonly build?: AppBuild;
}
