import { affinity } from '../../model/app.js';
import type { Task } from '../../model/task.js';
import { EXTERNAL_DATABASE_SUPPORT, POSTGRES_SUPPORT, REDIS_SUPPORT } from '../database-support.js';
import {
  DOCKER_APP_SUPPORT,
  DOCKER_DATABASE_SUPPORT,
  DOCKER_FILE_SUPPORT,
  DOCKER_SCHEDULE_SUPPORT,
  DOCKER_STACK_SUPPORT,
  DOCKER_TASK_SUPPORT,
  DOCKER_VOLUME_SUPPORT,
  dockerEdge,
  dockerRequestTimeout,
} from '../docker-support.js';
import { hasOwnEdge } from '../edge.js';
import { jsonLogs } from '../observability-support.js';
import { emulated, native, type SupportTable } from '../support.js';
import { LONGEST_STOP_GRACE } from './timeouts.js';

/** Under which the volumes of an app may be as well. */
const NODES = { nodeSelector: native('placement constraints on node labels') };

const DATABASE = { ...DOCKER_DATABASE_SUPPORT, ...NODES, cpu: native('limit of the task') };

const TASK = {
  ...DOCKER_TASK_SUPPORT,
  ...NODES,
  cpu: native('limit of each task'),
  gracePeriod: ({ gracePeriod }: Task) =>
    gracePeriod <= LONGEST_STOP_GRACE
      ? native('stop grace period')
      : emulated('stop grace period, after a minute of which the next task starts beside it'),
};

/** How a Docker Swarm honours each prop. */
export const swarmSupport: SupportTable = {
  Stack: {
    ...DOCKER_STACK_SUPPORT,
    httpPort: (stack) => native(hasOwnEdge(stack) ? 'port of each node' : 'port of the routing mesh'),
    httpsPort: native('port of each node'),
    edge: (stack) => dockerEdge(stack, 'on each node'),
  },
  AsgiApp: {
    ...DOCKER_APP_SUPPORT,
    ...NODES,
    source: emulated('docker buildx build beforehand: a stack file builds nothing'),
    processes: native('replicas of one process each'),
    memory: native('limit of each task'),
    cpu: native('limit of each task'),
    secrets: native('secrets of the Swarm'),
    requestTimeout: dockerRequestTimeout('Uvicorn'),
    sticky: (app) =>
      affinity(app) === undefined
        ? native('one process')
        : emulated('nginx of ours: sticky cookie, or hash of the address'),
    rateLimit: emulated('nginx of ours: limit_req, and each node counts for itself'),
    logs: jsonLogs('Uvicorn'),
    metrics: emulated('a path of each task, which nginx hides'),
    build: emulated('docker buildx build beforehand: a stack file builds nothing'),
  },
  Secret: {
    file: native('docker secret create'),
    external: native('external secret'),
    as: emulated('the start shim sets the variable'),
  },
  Volume: {
    ...DOCKER_VOLUME_SUPPORT,
    shared: ({ shared }) =>
      shared ? native('a driver that shares') : emulated('a label of the node on which all tasks are placed'),
  },
  ConfigFile: DOCKER_FILE_SUPPORT,
  Worker: {
    ...TASK,
    processes: native('replicas'),
    health: native('health check'),
  },
  Job: {
    ...TASK,
    runBefore: emulated(
      'a replicated job that synth deploy waits for, or the operator: a stack file waits for nothing',
    ),
    timeout: emulated('the start shim ends it'),
  },
  Schedule: { ...TASK, ...DOCKER_SCHEDULE_SUPPORT, deadline: 'problem' },
  Postgres: { ...DATABASE, ...POSTGRES_SUPPORT },
  Redis: { ...DATABASE, ...REDIS_SUPPORT },
  ExternalDatabase: EXTERNAL_DATABASE_SUPPORT,
};
