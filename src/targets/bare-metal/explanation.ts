import { AsgiApp } from '../../model/app.js';
import { Secret } from '../../model/secret.js';
import { dockerBecomes } from '../docker-becomes.js';
import { DOCKER_EXPLANATION, dockerEdgeOf } from '../docker-explanation.js';
import type { TargetExplanation } from '../explanation.js';
import { MANAGER_MEMORY } from './app.js';
import { bareMetalTimeouts, hasGunicorn } from './gunicorn.js';
import { bareMetalReasons } from './reasons.js';

/** What one host with Docker Compose tells of itself. */
export const bareMetalExplanation: TargetExplanation = {
  ...DOCKER_EXPLANATION,
  what: 'one host with Docker Compose',
  multiplies: 'Gunicorn, in one container an app',
  balances: 'the socket that its workers share, behind the edge',
  why: "Python's interpreter lock keeps one process on one core, so that more cores need more processes. On one host nobody but a process manager starts them, watches them and replaces one that dies, so Gunicorn does.",
  reasons: bareMetalReasons,
  files: { 'compose.yaml': 'the whole deployment: docker compose up -d --wait' },
  timeoutsOf: bareMetalTimeouts,
  memoryOf: (app) => ({
    process: app.memory,
    times: app.processes,
    plus: { bytes: MANAGER_MEMORY, for: hasGunicorn(app) ? 'Gunicorn and the start shim' : 'the start shim' },
  }),
  becomes: (construct, name) => {
    const { id } = construct.node;
    if (construct instanceof AsgiApp)
      return `service ${id}: ${hasGunicorn(construct) ? `Gunicorn with ${construct.processes} workers` : 'the command'}`;
    if (construct instanceof Secret) return `file secrets/${id}`;
    return dockerBecomes(construct, name) ?? `service ${id}`;
  },
  networkOf: (_, name) => `network ${name}_default`,
  edgeOf: (stack) => dockerEdgeOf(stack, 'on the host'),
};
