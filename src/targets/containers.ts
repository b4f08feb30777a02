import type { ComposeHealthcheck, ComposeMount, NoHealthcheck } from '../formats/compose.js';
import { healthCommand, scheduleCommand, startCommand, type StartValues } from '../formats/python.js';
import { secretVariables, type AsgiApp } from '../model/app.js';
import { cronNumbers } from '../model/cron.js';
import type { Job } from '../model/job.js';
import type { Database } from '../model/database.js';
import { Schedule } from '../model/schedule.js';
import type { Worker, WorkerHealth } from '../model/worker.js';
import type { DataStore } from '../model/data-store.js';
import { mountsOf } from '../model/tree.js';
import { connectionUrls, databasesToAwait } from './databases.js';
import type { HealthTime } from './explanation.js';
import { EDGE_STATUS_PORT } from './edge.js';

/** Folder inside every container in which the files of ours are mounted. */
export const MOUNTS = '/etc/asgi-synth';

/** Seconds that a process waits after its stop signal, so that the edge, which looks its addresses up each second, has let go of it. */
export const DRAIN = 3;

/** Seconds between two health checks; the first one comes after that time as well. */
const HEALTH_INTERVAL = 2;
const HEALTH_RETRIES = 3;

export interface ShimOptions {
  readonly drainSeconds?: number;
  readonly hostOf?: (store: DataStore) => string;
  readonly limit?: StartValues['limit'];
}

/**
 * Words that start a command under the shim, with the secrets and connections of an app.
 *
 * @param hostOf host name of a database of the stack; its service's where nothing is said
 */
export function shimCommand(
  app: AsgiApp,
  { drainSeconds = DRAIN, hostOf = ({ node }: DataStore) => node.id, limit }: ShimOptions = {},
): string[] {
  return startCommand({
    script: `${MOUNTS}/start.py`,
    drainSeconds,
    limit,
    ...variablesFromFiles(app, hostOf),
    ...databasesToAwait(app, hostOf),
    command: [],
  });
}

function variablesFromFiles(
  app: AsgiApp,
  hostOf: (store: DataStore) => string,
): Required<Pick<StartValues, 'secrets' | 'urls'>> {
  return {
    secrets: secretVariables(app).map(([variable, { node }]) => ({ variable, file: `/run/secrets/${node.id}` })),
    urls: connectionUrls(app, hostOf),
  };
}

/** Words that start a command under the shim, which ends it when its time is up. */
export function limitedShim({ app, timeout, gracePeriod }: Job | Schedule, hostOf?: ShimOptions['hostOf']): string[] {
  const limit = { seconds: timeout, graceSeconds: gracePeriod };
  return shimCommand(app, { drainSeconds: 0, limit, ...(hostOf ? { hostOf } : {}) });
}

/** Words that start a schedule's command by the clock. */
export function scheduleShim(schedule: Schedule, state?: string): string[] {
  return [
    ...shimCommand(schedule.app, { drainSeconds: 0 }),
    ...scheduleCommand({
      script: `${MOUNTS}/schedule.py`,
      name: schedule.node.id,
      cron: cronNumbers(schedule.times),
      timeZone: schedule.timeZone,
      overlap: schedule.overlap,
      deadlineSeconds: schedule.deadline,
      timeoutSeconds: schedule.timeout,
      graceSeconds: schedule.gracePeriod,
      state,
    }),
  ];
}

/** Bytes of the scheduler itself. */
const SCHEDULER_MEMORY = 32 * 2 ** 20;

/** Bytes that one container may take. In that of a schedule the scheduler is beside the command. */
export function containerMemory(one: Worker | Schedule | Database): number {
  return one.memory + (one instanceof Schedule ? SCHEDULER_MEMORY : 0);
}

/** The one check of Compose and Swarm: it asks readiness until the first success, then liveness. */
export function appHealthcheck(
  app: AsgiApp,
  extra: { processes?: number; restartAfter?: number } = {},
): ComposeHealthcheck {
  const command = healthCommand({
    script: `${MOUNTS}/health.py`,
    port: app.port,
    readiness: app.health.readiness,
    liveness: app.health.liveness,
    host: app.hosts[0],
    timeoutSeconds: 3,
    processes: extra.processes,
    restartAfter: extra.restartAfter,
  });
  return {
    test: ['CMD', ...command],
    interval: `${HEALTH_INTERVAL}s`,
    timeout: '5s',
    retries: HEALTH_RETRIES,
    start_period: `${app.health.startup}s`,
  };
}

/** A worker says itself how it is, with a command of its own. */
export function workerHealthcheck(worker: Worker): ComposeHealthcheck | NoHealthcheck {
  const { health } = worker;
  if (health === undefined) return { disable: true };
  const { command, timeout } = workerCheck(worker, health);
  return {
    test: ['CMD', ...command],
    interval: `${health.interval}s`,
    timeout: `${timeout}s`,
    retries: HEALTH_RETRIES,
    start_period: `${health.startup}s`,
  };
}

/** Seconds from which the shim has ended a check that is late until the platform gives it up. */
const CHECK_GRACE = 2;

/**
 * The check of a worker, with the secrets and connections that the worker has: a platform starts it beside the worker, where only what is
 * no secret is a variable.
 *
 * @param hostOf host name of a database of the stack; its service's where nothing is said
 */
export function workerCheck(
  { app }: Worker,
  { command, timeout }: Required<WorkerHealth>,
  hostOf: (store: DataStore) => string = ({ node }) => node.id,
): { readonly command: readonly string[]; readonly timeout: number } {
  const values = variablesFromFiles(app, hostOf);
  if (values.secrets.length + values.urls.length === 0) return { command, timeout };
  // A platform that gives a check up kills the shim alone, so the shim comes before it.
  const limit = { seconds: timeout, graceSeconds: 1 };
  return {
    command: startCommand({ script: `${MOUNTS}/start.py`, drainSeconds: 0, limit, ...values, command }),
    timeout: timeout + CHECK_GRACE,
  };
}

/** Seconds in which a worker that will never be well has shown it. */
export function workerWindow({ health }: Worker): number {
  return health === undefined ? CRASH_WINDOW : health.startup + health.interval * HEALTH_RETRIES;
}

/** Without a check only a crash tells, which comes soon after a start or not at all. */
export const CRASH_WINDOW = 30;

/** How many containers of a worker are replaced at a time: a quarter of them, as with an app. */
export function workerParallelism({ processes }: Worker): number {
  return Math.max(1, Math.floor(processes / 4));
}

/** Seconds in which a process that will never be healthy has shown it. */
export function healthWindow(app: AsgiApp): number {
  return app.health.startup + HEALTH_INTERVAL * HEALTH_RETRIES;
}

/** What comes of the startup time of an app, as a person reads it. */
export function healthTimes(app: AsgiApp): HealthTime[] {
  const { startup } = app.health;
  return [
    { name: 'start_period', seconds: startup, madeOf: 'health.startup' },
    {
      name: 'health window',
      seconds: healthWindow(app),
      madeOf: `${startup} of the start + ${HEALTH_INTERVAL} × ${HEALTH_RETRIES} of the check: a version that is still ill then never gets well`,
    },
  ];
}

/** Whether nginx itself is alive; curl is part of the official image. */
export const EDGE_HEALTHCHECK: ComposeHealthcheck = {
  test: ['CMD', 'curl', '-fsS', '-o', '/dev/null', `http://127.0.0.1:${EDGE_STATUS_PORT}/healthz`],
  interval: `${HEALTH_INTERVAL}s`,
  timeout: '5s',
  retries: HEALTH_RETRIES,
  start_period: '10s',
};

/** Bytes that an nginx of ours may take. */
export const EDGE_MEMORY = 256 * 2 ** 20;

/** Words that start nginx with a configuration of ours, in the official image and in those that follow it. */
export const EDGE_COMMAND = ['nginx', '-e', 'stderr', '-p', '/etc/nginx/', '-c', `${MOUNTS}/nginx/nginx.conf`];

/** Words that make a running nginx take over what its configuration says now; `-t` in place of the last two only tries it. */
export const EDGE_RELOAD = [...EDGE_COMMAND, '-s', 'reload'];

/** Folder inside nginx's container in which a deployment says where requests go. A tmpfs: no restart remembers it. */
export const EDGE_PINS = '/tmp/asgi-synth-pins';

/** File inside nginx's container that tells clients to use another connection, since this one goes. */
export const EDGE_LEAVING = '/tmp/asgi-synth-leaving';

/** Threads and processes: 40 threads of Starlette's pool, and as many again for libraries. */
export function pidsLimit(processes: number): number {
  return 64 + 128 * processes;
}

/** Bytes of the tmpfs at /tmp: bodies of uploads are spooled there. */
export function temporarySpace(bodyLimit: number): number {
  return Math.min(2 ** 30, Math.max(64 * 2 ** 20, 4 * bodyLimit));
}

/** The volumes of an app, or of what runs beside it, in the files of Compose and Swarm. */
export function volumeMounts(app: Pick<AsgiApp, 'volumes'>): ComposeMount[] {
  return mountsOf(app).map(({ path, volume }) => ({ type: 'volume', source: volume.node.id, target: path }));
}

/** Labels that hold the id of what a container belongs to. The edge has neither. */
export const OWNER_LABELS = { app: 'asgi-synth.app', database: 'asgi-synth.database' } as const;

/** Labels of a database. */
export function databaseLabels(name: string, id: string): Record<string, string> {
  return { 'asgi-synth.stack': name, [OWNER_LABELS.database]: id };
}

/** Labels that say what an object belongs to. */
export function ownerLabels(name: string, app?: Pick<AsgiApp, 'node'>): Record<string, string> {
  return { 'asgi-synth.stack': name, ...(app ? { [OWNER_LABELS.app]: app.node.id } : {}) };
}
