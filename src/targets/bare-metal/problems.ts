import { affinity, type AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import { workersOf } from '../../model/tree.js';
import { arithmeticProblems } from '../arithmetic.js';
import { dockerProblems } from '../docker-problems.js';
import { nodeProblems } from '../placement-problems.js';
import type { Problem } from '../target.js';
import { bareMetalFootprint } from './footprint.js';
import { hasGunicorn } from './gunicorn.js';

/** What one host with Compose cannot honour in a stack. */
export function bareMetalProblems(stack: Stack): Problem[] {
  return [
    ...dockerProblems(stack, 'a host with Docker Compose'),
    ...stack.apps.flatMap((app) => [...processesOfCommand(app), ...sharedSocket(app)]),
    ...illWorkers(stack),
    ...nodeProblems(stack, 'a host with Docker Compose'),
    ...arithmeticProblems(stack, bareMetalFootprint(stack)),
  ];
}

/** Here Gunicorn multiplies, and nobody does in its place. */
function processesOfCommand(app: AsgiApp): Problem[] {
  const { given, processes } = app;
  if (hasGunicorn(app) || !given.has('processes') || processes === 1) return [];
  const message = `processes is ${processes}, but command replaces the Gunicorn that would start them, and is run once on one host; let it start ${processes} itself and accept this, or leave processes out`;
  return [{ id: 'processes-of-command', construct: app, prop: 'processes', message }];
}

/** Whichever worker is free takes the next connection, and nothing in front of them knows which one that is. */
function sharedSocket(app: AsgiApp): Problem[] {
  if (affinity(app) === undefined || !hasGunicorn(app)) return [];
  const message = `sticky asks for one process for all requests of a client, but the ${app.processes} processes of a host share one socket; use processes: 1, keep what a client has in Redis (AsyncRedisManager of Socket.IO) with WebSockets alone, or use a cluster`;
  return [{ id: 'sticky', construct: app, prop: 'sticky', message }];
}

/** Compose restarts what ends, and only shows what is unhealthy. */
function illWorkers(stack: Stack): Problem[] {
  return workersOf(stack)
    .filter(({ health }) => health !== undefined)
    .map((construct): Problem => ({
      id: 'worker-health',
      construct,
      prop: 'health',
      message:
        'health tells of a worker that hangs, but Docker Compose only shows it as unhealthy and does not replace it; let the command end by itself when it is ill, or leave health out',
    }));
}
