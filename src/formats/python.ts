import { readFileSync } from 'node:fs';

/** Text of the start shim: PID 1 that drains before it stops, and sets variables from secret files. */
export const START_SCRIPT = readFileSync(new URL('./python/start.py', import.meta.url), 'utf8');

/** Text of the health check. */
export const HEALTH_SCRIPT = readFileSync(new URL('./python/health.py', import.meta.url), 'utf8');

/** Text of the scheduler: starts a command by the clock where nobody else does. */
export const SCHEDULE_SCRIPT = readFileSync(new URL('./python/schedule.py', import.meta.url), 'utf8');

/** Text of the keeper of a certificate that is got over ACME. */
export const ACME_SCRIPT = readFileSync(new URL('./python/acme.py', import.meta.url), 'utf8');

/** Text of the module that writes log records as JSON. */
export const LOGS_SCRIPT = readFileSync(new URL('./python/logs.py', import.meta.url), 'utf8');

/** Folder in which Gunicorn workers mark themselves ready; the health check counts them. A tmpfs in every container of ours. */
export const READY_DIRECTORY = '/tmp/asgi-synth-ready';

export interface StartValues {
  /** Path of the shim inside the container. */
  readonly script: string;
  /** Seconds between SIGTERM and its passing on. */
  readonly drainSeconds: number;
  /** Seconds that the command may take, and from SIGTERM until it is killed then. @default - as long as it wants */
  readonly limit?: { readonly seconds: number; readonly graceSeconds: number } | undefined;
  /** Variables that get the content of a file. */
  readonly secrets?: readonly { readonly variable: string; readonly file: string }[];
  /** Variables that get a URL, in which the percent-encoded content of a file takes the place of `{}`. */
  readonly urls?: readonly { readonly variable: string; readonly file: string; readonly url: string }[];
  /** What must take connections before the command starts, `HOST:PORT`. */
  readonly waitFor?: readonly string[];
  /** Seconds after which the command starts all the same. */
  readonly waitSeconds?: number;
  readonly command: readonly string[];
}

/** Words of a command that runs another one under the start shim. */
export function startCommand(values: StartValues): string[] {
  const { script, drainSeconds, limit, secrets = [], urls = [], waitFor = [], waitSeconds = 30, command } = values;
  const words = [
    ...(limit ? ['--limit', String(limit.seconds), '--grace', String(limit.graceSeconds)] : []),
    ...secrets.flatMap(({ variable, file }) => ['--secret', `${variable}=${file}`]),
    ...urls.flatMap(({ variable, file, url }) => ['--url', `${variable}=${url.replace('{}', () => `{${file}}`)}`]),
    ...waitFor.flatMap((address) => ['--wait', address]),
    ...(waitFor.length === 0 ? [] : ['--wait-seconds', String(waitSeconds)]),
  ];
  return ['python3', '-I', '-S', script, '--drain', String(drainSeconds), ...words, '--', ...command];
}

export interface ScheduleValues {
  /** Path of the scheduler inside the container. */
  readonly script: string;
  /** What its lines in the log begin with. */
  readonly name: string;
  /** Five fields of numbers. */
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: string;
  readonly deadlineSeconds: number;
  readonly timeoutSeconds: number;
  readonly graceSeconds: number;
  /** File that remembers the last tick. @default - it is forgotten with the container */
  readonly state?: string | undefined;
}

/** Words of the scheduler, to which those of its command are added. With the packages of the image: its time zones may be one. */
export function scheduleCommand(values: ScheduleValues): string[] {
  return [
    ...['python3', '-I', values.script, '--name', values.name, '--cron', values.cron, '--zone', values.timeZone],
    ...['--overlap', values.overlap, '--deadline', String(values.deadlineSeconds)],
    ...['--timeout', String(values.timeoutSeconds), '--grace', String(values.graceSeconds)],
    ...(values.state === undefined ? [] : ['--state', values.state]),
    '--',
  ];
}

export interface HealthValues {
  /** Path of the check inside the container. */
  readonly script: string;
  readonly port: number;
  /** Asked until it was right once. @default - `/`, any status below 500 */
  readonly readiness?: string | undefined;
  /** Asked from then on. @default - `/`, any status below 500 */
  readonly liveness?: string | undefined;
  /** Value of the Host header. @default '127.0.0.1' */
  readonly host?: string | undefined;
  /** Seconds for one answer. @default 3 */
  readonly timeoutSeconds?: number | undefined;
  /** Gunicorn workers that must have marked themselves ready before the first success. */
  readonly processes?: number | undefined;
  /** Failures in a row, after the first success, upon which PID 1 gets SIGTERM. @default - never */
  readonly restartAfter?: number | undefined;
}

/** Words of the command that checks an app's health from inside its container. */
export function healthCommand(values: HealthValues): string[] {
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}`, String(value)];
  return [
    'python3',
    '-I',
    '-S',
    values.script,
    '--port',
    String(values.port),
    ...option('readiness', values.readiness),
    ...option('liveness', values.liveness),
    ...option('host', values.host),
    ...option('timeout', values.timeoutSeconds),
    ...option('workers', values.processes),
    ...option('restart-after', values.restartAfter),
  ];
}

export interface AcmeValues {
  /** Path of the keeper inside the container. */
  readonly script: string;
  readonly email: string;
  /** URL of the certificate authority. */
  readonly directory: string;
  /** Folder that outlives the container. */
  readonly state: string;
  /** Folder that need not. */
  readonly scratch: string;
  readonly port: number;
  /** `host:port` of the edge, every address of which must pass on what the authority asks. */
  readonly edge: string;
  /** File whose first line opens what is given to edges on other nodes. @default - nothing is given */
  readonly token?: string;
  readonly hosts: readonly string[];
}

/** Words of the keeper of a certificate. */
export function acmeCommand(values: AcmeValues): string[] {
  return [
    ...['python3', '-I', values.script, '--email', values.email, '--directory', values.directory],
    ...['--state', values.state, '--scratch', values.scratch, '--port', String(values.port), '--edge', values.edge],
    ...(values.token === undefined ? [] : ['--token', values.token]),
    ...values.hosts,
  ];
}

/** Words of the command that checks that the keeper answers; it says what the keeper is doing. */
export function acmeHealthCommand({ script, port }: Pick<AcmeValues, 'script' | 'port'>): string[] {
  return ['python3', '-I', script, '--health', String(port)];
}
