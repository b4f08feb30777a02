import { affinity, longestRequest, type AsgiApp } from '../../model/app.js';
import type { Schedule } from '../../model/schedule.js';
import type { Stack } from '../../model/stack.js';
import { schedulesOf, volumesOf } from '../../model/tree.js';
import { arithmeticProblems } from '../arithmetic.js';
import { hasOwnEdge } from '../edge.js';
import { dockerProblems } from '../docker-problems.js';
import { constraintProblems } from '../placement-problems.js';
import type { Problem } from '../target.js';
import { swarmFootprint } from './footprint.js';
import { LONGEST_STOP_GRACE } from './timeouts.js';

/** What a Swarm cannot honour in a stack. */
export function swarmProblems(stack: Stack): Problem[] {
  return [
    ...dockerProblems(stack, 'a Swarm'),
    ...address(stack),
    ...stack.apps.flatMap((app) => [...longRequests(app), ...sticky(app, stack)]),
    ...sharedVolumes(stack),
    ...constraintProblems(stack, 'a Swarm'),
    ...schedulesOf(stack).flatMap((schedule) => [...catchUps(schedule), ...overlaps(schedule)]),
    ...arithmeticProblems(stack, swarmFootprint(stack)),
  ];
}

function address(stack: Stack): Problem[] {
  return (['httpPort', 'httpsPort'] as const).flatMap((prop): Problem[] => {
    const { address: bound } = stack[prop];
    if (bound === undefined) return [];
    const message = `${prop} binds the address ${bound}, but a Swarm publishes a port on every address of its nodes; use the port alone and a firewall`;
    return [{ id: 'http-port', construct: stack, prop, message }];
  });
}

function longRequests(app: AsgiApp): Problem[] {
  const longest = longestRequest(app);
  if (longest <= LONGEST_STOP_GRACE) return [];
  const prop = app.requestTimeout > LONGEST_STOP_GRACE ? 'requestTimeout' : 'routes';
  const message = `${prop === 'routes' ? 'the longest requestTimeout of routes' : prop} is ${prop === 'routes' ? longest : app.requestTimeout}, but a Swarm waits at most ${LONGEST_STOP_GRACE} s for a stopping task (moby#36111), so an update would cut longer requests; use ${LONGEST_STOP_GRACE} or less, or hand long work to a worker`;
  return [{ id: 'request-timeout', construct: app, prop, message }];
}

function sticky(app: AsgiApp, stack: Stack): Problem[] {
  if (affinity(app) === undefined || hasOwnEdge(stack)) return [];
  const message =
    'sticky is for an edge to honour, and this stack has none of its own; take out edge, use processes: 1, or let yours keep clients at one task of the service and accept this';
  return [{ id: 'sticky', construct: app, prop: 'sticky', message }];
}

/** What has been on one node is nothing that another one knows. */
function catchUps(construct: Schedule): Problem[] {
  if (!construct.given.has('deadline')) return [];
  const message = `deadline is ${construct.deadline}, but a Swarm gives a scheduler that has crashed to any node, where no tick is remembered, so that one which was missed meanwhile is left out; leave deadline out, or accept that`;
  return [{ id: 'schedule-catch-up', construct, prop: 'deadline', message }];
}

function overlaps(construct: Schedule): Problem[] {
  const { overlap, gracePeriod } = construct;
  if (overlap !== 'forbid' || gracePeriod <= LONGEST_STOP_GRACE) return [];
  const message = `gracePeriod is ${gracePeriod}, but after ${LONGEST_STOP_GRACE} s a Swarm starts the new scheduler of an update although a run of the old one is not done (moby#36111); use ${LONGEST_STOP_GRACE} or less, or overlap: "allow"`;
  return [{ id: 'schedule-overlap', construct, prop: 'gracePeriod', message }];
}

function sharedVolumes(stack: Stack): Problem[] {
  return volumesOf(stack)
    .filter(({ shared, driver }) => shared && driver === undefined)
    .map((construct): Problem => ({
      id: 'shared-volume',
      construct,
      prop: 'shared',
      message:
        'shared is true, but the local driver of a Swarm keeps a volume of its own on each node; name a driver that shares, such as { driver: "local", driverOptions: { type: "nfs", … } }',
    }));
}
