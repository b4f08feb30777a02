import type { Container, Probe } from 'kubernetes-types/core/v1.js';
import { healthCommand } from '../../formats/python.js';
import type { HealthTime } from '../explanation.js';
import type { AsgiApp } from '../../model/app.js';
import { MOUNTS } from '../containers.js';
import { verbatim } from './expansion.js';

/** Seconds between two questions while an app starts. */
const STARTUP_PERIOD = 2;

/** Seconds for an app to end that has not started in time. No request has come to it, so that there is none to wait for. */
const FAILED_START_GRACE = 5;

/**
 * The probes of an app. Start and life are the same question: while a database is away an app that starts is not ready, which is no
 * reason to kill it.
 */
export function probes(app: AsgiApp): Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const { readiness, liveness, startup } = app.health;
  return {
    startupProbe: {
      ...ask(app, liveness, 3),
      periodSeconds: STARTUP_PERIOD,
      failureThreshold: Math.ceil(startup / STARTUP_PERIOD) + 1,
      terminationGracePeriodSeconds: FAILED_START_GRACE,
    },
    readinessProbe: { ...ask(app, readiness, 3), periodSeconds: 5, failureThreshold: 3 },
    // Slow to kill: an app that is merely busy must not be restarted into more work for the others.
    livenessProbe: { ...ask(app, liveness, 5), periodSeconds: 10, failureThreshold: 3 },
  };
}

/** What comes of the startup time of an app, as a person reads it. */
export function probeTimes(app: AsgiApp): HealthTime[] {
  const { startup } = app.health;
  const { periodSeconds = 0, failureThreshold = 0 } = probes(app).startupProbe ?? {};
  return [
    {
      name: 'startup probe',
      seconds: periodSeconds * failureThreshold,
      madeOf: `${periodSeconds} × ${failureThreshold} questions: longer than health.startup, ${startup}`,
    },
    {
      name: 'progress deadline',
      seconds: startDeadline(app),
      madeOf: `health.startup ${startup} + ${SCHEDULING} for an image and a node`,
    },
  ];
}

/** An image may be pulled, and a node started, before the app's own time begins. */
const SCHEDULING = 180;

/** Seconds after which an update has failed whose pods are not ready. */
export function startDeadline({ health }: AsgiApp): number {
  return health.startup + SCHEDULING;
}

function ask(app: AsgiApp, path: string | undefined, timeoutSeconds: number): Probe {
  return { ...(path === undefined ? askAnything(app, timeoutSeconds - 1) : askPath(app, path)), timeoutSeconds };
}

function askPath({ hosts }: AsgiApp, path: string): Probe {
  // An app that turns away foreign Hosts would refuse the address of its pod.
  const headers = hosts[0] === undefined ? {} : { httpHeaders: [{ name: 'Host', value: hosts[0] }] };
  return { httpGet: { path, port: 'http', ...headers } };
}

/** Without a path any status below 500 is right, which `httpGet` cannot be told: it takes 404 for a failure. */
function askAnything({ port, hosts }: AsgiApp, timeoutSeconds: number): Probe {
  const command = healthCommand({ script: `${MOUNTS}/health.py`, port, host: hosts[0], timeoutSeconds });
  return { exec: { command: command.map(verbatim) } };
}
