import { AsgiApp } from '../../model/app.js';
import { Job } from '../../model/job.js';
import { Secret } from '../../model/secret.js';
import { dockerBecomes } from '../docker-becomes.js';
import { DOCKER_EXPLANATION, dockerEdgeOf } from '../docker-explanation.js';
import type { TargetExplanation } from '../explanation.js';
import { jobStack } from './job.js';
import { swarmReasons } from './reasons.js';
import { networkName } from './stack-file.js';
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
  becomes: (construct, name) => {
    const { id } = construct.node;
    if (construct instanceof AsgiApp) return `service ${id}: ${construct.processes} tasks`;
    if (construct instanceof Secret && construct.external === undefined) return `secret ${name}_${id}_N`;
    if (construct instanceof Job) return `stack ${jobStack(name, id)}, which ends`;
    return dockerBecomes(construct, name) ?? `service ${id}`;
  },
  networkOf: (_, name) => `overlay network ${networkName({ name })}`,
  edgeOf: (stack) => dockerEdgeOf(stack, 'on every node'),
};
