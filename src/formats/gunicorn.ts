export interface GunicornValues {
  /** Lines above everything, without `#`: what made the file, and from what. */
  readonly header: readonly string[];
  readonly port: number;
  /** Seconds that a worker may take from its start until it answers. */
  readonly startupSeconds: number;
  /** Seconds in which running requests must end before a worker is killed. */
  readonly gracefulSeconds: number;
  /** Seconds in which running requests must end before Uvicorn cancels them; less than `gracefulSeconds`. */
  readonly appGracefulSeconds: number;
  /** Seconds that an idle connection of the edge is kept. */
  readonly keepAliveSeconds: number;
  /** Seconds between pings of a WebSocket. */
  readonly webSocketPingSeconds: number;
  /** Addresses and CIDRs whose `X-Forwarded-*` are believed, or `['*']`. */
  readonly trusted: readonly string[];
  /** ASGI `root_path`, '' for none. */
  readonly rootPath: string;
  /** Folder in which each worker leaves a file named by its pid while it answers. */
  readonly readyDirectory: string;
  /**
   * Path of the logging configuration inside the container, and whether there is a line for each request.
   * @default - text, and no such line
   */
  readonly logs?: { readonly config: string; readonly access: boolean } | undefined;
  /**
   * Folder in which the workers leave their figures for prometheus_client, which adds them up.
   * @default - none
   */
  readonly metricsDirectory?: string | undefined;
}

export interface GunicornCommandValues {
  /** Import string. */
  readonly module: string;
  /** Whether `module` names a function that makes the application. */
  readonly factory: boolean;
  readonly processes: number;
  /** Path of the configuration inside the container. */
  readonly config: string;
}

/** Words of the command that starts Gunicorn. The count stands here, where neither `WEB_CONCURRENCY` nor `GUNICORN_CMD_ARGS` changes it. */
export function gunicornCommand({ module, factory, processes, config }: GunicornCommandValues): string[] {
  return ['gunicorn', factory ? `${module}()` : module, '-c', config, '-w', String(processes)];
}

/** Text of `gunicorn.conf.py`: one Uvicorn per worker, and nothing that a mounted file would need beside it. */
export function gunicornConfig(values: GunicornValues): string {
  return `${values.header.map((line) => `# ${oneLine(line)}\n`).join('')}
import asyncio
import os
import sys
import time
from pathlib import Path
from signal import SIGTERM, signal

from uvicorn_worker import UvicornWorker

READY = Path(${pythonString(values.readyDirectory)})
STARTUP_SECONDS = ${whole(values.startupSeconds)}
${metricsPlace(values)}

class Worker(UvicornWorker):
    """A Uvicorn that ends in time, and says when it is ready."""

    CONFIG_KWARGS = {
        **UvicornWorker.CONFIG_KWARGS,
        "access_log": ${values.logs?.access === true ? 'True' : 'False'},
        "forwarded_allow_ips": [${values.trusted.map(pythonString).join(', ')}],
        "root_path": ${pythonString(values.rootPath)},
        "server_header": False,
        "timeout_graceful_shutdown": ${whole(values.appGracefulSeconds)},
        "ws_ping_interval": ${whole(values.webSocketPingSeconds)},
    }

    beat = None

    def init_process(self):
        # No heartbeat before the app has started: this one is good for as long as that may take.
        until = time.monotonic() + STARTUP_SECONDS
        os.utime(self.tmp.fileno(), (until, until))
        try:
            super().init_process()
        except (Exception, SystemExit) as error:
            if self.beat or getattr(error, "code", 1) == 0 or not any(READY.iterdir()):
                raise
            # Gunicorn would halt; those that still answer must not go down with one that could not be replaced.
            self.log.exception("worker could not start and is tried again; the others serve on")
            time.sleep(1)
            sys.exit(1)

    def init_signals(self):
        super().init_signals()
        # Uvicorn sends itself the signal again once it has ended: by default that kills before exit hooks run.
        signal(SIGTERM, self.handle_exit)

    def handle_exit(self, sig, frame):
        sys.exit(0)

    async def callback_notify(self):
        # Uvicorn calls this first when it answers, and no more while it drains; a blocked loop still stops the beat.
        if self.beat is None:
            self.beat = asyncio.create_task(self.keep_beating())
            marker(self).touch()

    async def keep_beating(self):
        while True:
            self.notify()
            await asyncio.sleep(1)


def marker(worker):
    return READY / str(worker.pid)


def on_starting(server):
    READY.mkdir(parents=True, exist_ok=True)
    for stale in READY.iterdir():
        stale.unlink()
${metricsCleared(values)}

def worker_exit(server, worker):
    marker(worker).unlink(missing_ok=True)


def child_exit(server, worker):
    # A killed worker could not do it itself.
    marker(worker).unlink(missing_ok=True)
${metricsOfDead(values)}

bind = "0.0.0.0:${whole(values.port)}"
worker_class = Worker
preload_app = False

# Seconds without a sign of life after which a worker is replaced: no limit of a request.
timeout = 30
graceful_timeout = ${whole(values.gracefulSeconds)}
keepalive = ${whole(values.keepAliveSeconds)}

# Recycling loses requests, so that it is no default.
max_requests = 0

# The root is read-only, and a heartbeat must never wait for a disk.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
pidfile = None

# The edge writes the access log.
accesslog = None
errorlog = "-"
loglevel = "info"
${logConfig(values)}`;
}

/** prometheus_client looks for the variable when it is imported, which the workers do. Nothing else in the container has to see it. */
function metricsPlace({ metricsDirectory: place }: GunicornValues): string {
  if (place === undefined) return '';
  return `METRICS = Path(${pythonString(place)})
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)
`;
}

function metricsCleared({ metricsDirectory: place }: GunicornValues): string {
  if (place === undefined) return '';
  return `    METRICS.mkdir(parents=True, exist_ok=True)
    for stale in METRICS.glob("*.db"):
        stale.unlink()
`;
}

function metricsOfDead({ metricsDirectory: place }: GunicornValues): string {
  if (place === undefined) return '';
  return `    forget_gauges(worker)


def forget_gauges(worker):
    """What gauges of live processes tell of one that is gone; counters and histograms stay."""
    try:
        from prometheus_client.multiprocess import mark_process_dead
    except ImportError:
        return
    mark_process_dead(worker.pid, str(METRICS))
`;
}

function logConfig({ logs }: GunicornValues): string {
  return logs === undefined ? '' : `logconfig_json = ${pythonString(logs.config)}\n`;
}

/** A Python string literal, in ASCII whatever it holds. */
export function pythonString(text: string): string {
  const escaped = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    if (code >= 0x20 && code < 0x7f) return character;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `"${escaped.join('')}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Python's spelling of a whole number; anything else would be code. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a whole number: ${value}`);
  return String(value);
}

/** A line break would end a comment. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}
