import { DOCKER_EXPLANATION, dockerEdgeOf } from '../docker-explanation.js';
import type { TargetExplanation } from '../explanation.js';
import { swarmReasons } from './reasons.js';
import { swarmTimeouts } from './timeouts.js';

/** What a Docker Swarm tells of itself. */
export const swarmExplanation: TargetExplanation = {
  ...DOCKER_EXPLANATION,
  what: 'a Docker Swarm',
  multiplies: 'the Swarm, as tasks of one process each',
  balances: 'the nginx of each node, over the tasks; without it the routing mesh',
  why: 'The Swarm starts, watches, replaces and spreads containers. A second process manager inside each would hide crashes from it, blur the limit of memory and make replicas mean two things, so that one Uvicorn process is all that a container has.',
  reasons: swarmReasons,
  files: { 'stack.yaml': 'the whole deployment: docker stack deploy -c stack.yaml NAME' },
  timeoutsOf: swarmTimeouts,
  memoryOf: ({ memory }) => ({ process: memory, times: 1 }),
  edgeOf: (stack) => dockerEdgeOf(stack, 'on every node'),
};
