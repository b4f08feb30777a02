import { gunicornCommand, gunicornConfig } from '../../formats/gunicorn.js';
import { READY_DIRECTORY } from '../../formats/python.js';
import type { AsgiApp } from '../../model/app.js';
import { timeoutsOf, type Timeouts } from '../../model/timeouts.js';
import { DRAIN, MOUNTS } from '../containers.js';
import type { Context } from '../context.js';
import { serverLogs } from '../observability.js';
import { rootPath, trustedByApp } from '../server.js';
import type { OutputFile } from '../target.js';

/** Folder in which the workers leave their figures. In memory: a file that waits for a disk would hold up a request. */
const METRICS_DIRECTORY = '/tmp/asgi-synth-metrics';

export function bareMetalTimeouts(app: AsgiApp): Timeouts {
  return timeoutsOf(app, { drain: DRAIN });
}

/** `gunicorn.conf.py` of each app that Gunicorn runs. */
export function gunicornFiles(context: Context): OutputFile[] {
  return context.stack.apps
    .filter(hasGunicorn)
    .map((app) => ({ path: gunicornPath(app), content: gunicornText(app, context, context.header) }));
}

/** Whether the app is run by Gunicorn: a command of the user's own is run as it is. */
export function hasGunicorn(app: AsgiApp): boolean {
  return app.command === undefined;
}

export function gunicornPath(app: AsgiApp): string {
  return `${app.node.id}/gunicorn.conf.py`;
}

export function gunicornText(app: AsgiApp, context: Context, header: readonly string[]): string {
  const timeouts = bareMetalTimeouts(app);
  return gunicornConfig({
    header,
    port: app.port,
    startupSeconds: app.health.startup,
    gracefulSeconds: timeouts.manager,
    appGracefulSeconds: timeouts.graceful,
    keepAliveSeconds: timeouts.keepAlive,
    webSocketPingSeconds: timeouts.webSocketPing,
    trusted: trustedByApp(context),
    rootPath: rootPath(app),
    readyDirectory: READY_DIRECTORY,
    logs: serverLogs(app),
    metricsDirectory: app.metrics && METRICS_DIRECTORY,
  });
}

/** The command of Gunicorn with one Uvicorn worker a process. */
export function serverCommand(app: AsgiApp): readonly string[] {
  const { module, factory, processes } = app;
  return app.command ?? gunicornCommand({ module, factory, processes, config: `${MOUNTS}/gunicorn.conf.py` });
}
