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

/** Time for Gunicorn to see that its workers have ended. */
const MANAGING = 3;

/** How much longer nginx waits than the app may take. */
const READ_MARGIN = 5;

/** Uvicorn's own seconds between two pings. */
const LONGEST_PING = 20;

/** Seconds after which nginx gives up on an answer that may take some. */
export function proxyRead(requestTimeout: number): number {
  return requestTimeout + READ_MARGIN;
}

/** Derives the chain from the longest request that the app says it has. */
export function timeoutsOf(app: AsgiApp, { drain, longestStopGrace = Infinity }: TimeoutLimits): Timeouts {
  const graceful = Math.min(longestRequest(app), longestStopGrace - drain - SHUTDOWN);
  const manager = graceful + MANAGING;
  return {
    drain,
    graceful,
    manager,
    stopGrace: Math.min(drain + manager + SHUTDOWN, longestStopGrace),
    proxyRead: proxyRead(app.requestTimeout),
    upstreamIdle: 30,
    keepAlive: 75,
    // A quiet WebSocket must show life before nginx gives up on it.
    webSocketPing: Math.min(LONGEST_PING, Math.max(1, Math.floor(shortestRequest(app) / 2))),
  };
}

function shortestRequest({ requestTimeout, routes }: AsgiApp): number {
  return Math.min(requestTimeout, ...routes.map((route) => route.requestTimeout));
}

/** One link of the chain, as a person reads it. */
export interface TimeoutLink {
  readonly link: keyof Timeouts;
  /** As a person says it. */
  readonly name: string;
  readonly seconds: number;
  readonly what: string;
  /** What the seconds are made of. */
  readonly madeOf: string;
}

/** The chain of an app from the inside out, each link with what it is made of. */
export function linksOf(app: AsgiApp, timeouts: Timeouts): TimeoutLink[] {
  const { drain, graceful, manager, stopGrace, upstreamIdle } = timeouts;
  const longest = longestRequest(app);
  const cut = graceful < longest ? `, cut from ${longest}: the platform gives ${stopGrace} in all` : '';
  const sum = drain + manager + SHUTDOWN;
  const link = (one: keyof Timeouts, name: string, what: string, madeOf: string): TimeoutLink => ({
    link: one,
    name,
    seconds: timeouts[one],
    what,
    madeOf,
  });
  return [
    link('drain', 'drain', 'from the stop signal until the balancers have let go', 'how fast they learn of it here'),
    link('graceful', 'graceful', 'the app finishes what it has begun', `the longest requestTimeout${cut}`),
    link(
      'manager',
      'manager',
      'a process manager, where there is one, waits for its workers',
      `${graceful} of the app + ${MANAGING}`,
    ),
    link(
      'stopGrace',
      'stop grace',
      'the engine kills what is still there, counted from the stop signal',
      `${drain} drain + ${manager} of the manager + ${SHUTDOWN} for the process itself to end${sum > stopGrace ? `, at most ${stopGrace} here` : ''}`,
    ),
    link(
      'proxyRead',
      'proxy read',
      'nginx, or the edge of the cluster, gives up on an answer',
      `requestTimeout ${app.requestTimeout} + ${READ_MARGIN}`,
    ),
    link('upstreamIdle', 'upstream idle', 'nginx keeps an idle connection to the app', 'shorter than the next one'),
    link(
      'keepAlive',
      'keep-alive',
      'the app keeps an idle connection',
      `longer than ${upstreamIdle}, so that nginx never writes into one that just closes`,
    ),
    link(
      'webSocketPing',
      'WebSocket ping',
      'between two pings of an open WebSocket',
      `half of the shortest requestTimeout, ${shortestRequest(app)}, at most ${LONGEST_PING}`,
    ),
  ];
}
