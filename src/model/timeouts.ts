import { longestRequest, type AsgiApp } from './app.js';

/** The one chain of timeouts of an app, in seconds. Each link is longer than the one inside it. */
export interface Timeouts {
  /** Between the stop signal and its passing on, while the balancer lets go. */
  readonly drain: number;
  /** The app finishes what it has begun. */
  readonly graceful: number;
  /** The process manager (Gunicorn) waits for its workers. */
  readonly manager: number;
  /** The engine kills what is still there. Counts from the stop signal, so it holds `drain` too. */
  readonly stopGrace: number;
  /** nginx gives up on an answer. */
  readonly proxyRead: number;
  /** nginx keeps an idle connection to the app. */
  readonly upstreamIdle: number;
  /** The app keeps an idle connection. */
  readonly keepAlive: number;
  /** Between two pings on an open WebSocket. */
  readonly webSocketPing: number;
}

/** What a platform adds to the chain. */
export interface TimeoutLimits {
  /** Seconds until the balancers of the platform have let go of a process that is about to stop. */
  readonly drain: number;
  /**
   * Longest stop grace of the platform.
   * @default - none
   */
  readonly longestStopGrace?: number;
}

/** Time for the lifespan shutdown, and for the process itself to end. */
const SHUTDOWN = 5;

/** Seconds after which nginx gives up on an answer that may take some. */
export function proxyRead(requestTimeout: number): number {
  return requestTimeout + 5;
}

/** Derives the chain from the longest request that the app says it has. */
export function timeoutsOf(app: AsgiApp, { drain, longestStopGrace = Infinity }: TimeoutLimits): Timeouts {
  const graceful = Math.min(longestRequest(app), longestStopGrace - drain - SHUTDOWN);
  const manager = graceful + 3;
  const shortest = Math.min(app.requestTimeout, ...app.routes.map(({ requestTimeout }) => requestTimeout));
  return {
    drain,
    graceful,
    manager,
    stopGrace: Math.min(drain + manager + SHUTDOWN, longestStopGrace),
    proxyRead: proxyRead(app.requestTimeout),
    upstreamIdle: 30,
    keepAlive: 75,
    // A quiet WebSocket must show life before nginx gives up on it; 20 s is Uvicorn's own default.
    webSocketPing: Math.min(20, Math.max(1, Math.floor(shortest / 2))),
  };
}
