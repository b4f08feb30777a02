import { EXTERNAL_DATABASE_SUPPORT, POSTGRES_SUPPORT, REDIS_SUPPORT } from '../database-support.js';
import {
  DOCKER_APP_SUPPORT,
  DOCKER_DATABASE_SUPPORT,
  DOCKER_FILE_SUPPORT,
  DOCKER_SCHEDULE_SUPPORT,
  DOCKER_STACK_SUPPORT,
  DOCKER_TASK_SUPPORT,
  DOCKER_VOLUME_SUPPORT,
  dockerRequestTimeout,
} from '../docker-support.js';
import { jsonLogs } from '../observability-support.js';
import { elsewhere, emulated, native, type SupportTable } from '../support.js';
import { hasGunicorn } from './gunicorn.js';

const WEIGHT = emulated('a weight beside other containers, not a limit');

const DATABASE = { ...DOCKER_DATABASE_SUPPORT, cpu: WEIGHT };

const TASK = { ...DOCKER_TASK_SUPPORT, cpu: WEIGHT, gracePeriod: native('stop grace period') };

/** How one host with Docker Compose honours each prop. */
export const bareMetalSupport: SupportTable = {
  Stack: DOCKER_STACK_SUPPORT,
  AsgiApp: {
    ...DOCKER_APP_SUPPORT,
    source: native('build of Compose'),
    processes: (app) =>
      hasGunicorn(app)
        ? emulated('Gunicorn starts, watches and restarts them in one container')
        : native('the command is run once'),
    memory: emulated('one limit of the container: processes times it, and 64Mi'),
    cpu: WEIGHT,
    secrets: native('secrets of Compose, from files'),
    requestTimeout: dockerRequestTimeout('Gunicorn'),
    sticky: native('one process, or a command that is run once'),
    rateLimit: emulated('nginx of ours: limit_req'),
    logs: jsonLogs('Gunicorn and Uvicorn'),
    metrics: (app) =>
      hasGunicorn(app)
        ? emulated('a folder in memory in which the workers add up, and a path that nginx hides')
        : emulated('a path that nginx hides'),
    build: native('build of Compose'),
  },
  Secret: {
    file: emulated('synth deploy copies it to ./secrets, or the operator does'),
    external: elsewhere('here it is the file in ./secrets as always'),
    as: emulated('the start shim sets the variable'),
  },
  Volume: { ...DOCKER_VOLUME_SUPPORT, shared: native('one host sees all of its volumes') },
  ConfigFile: DOCKER_FILE_SUPPORT,
  Worker: {
    ...TASK,
    processes: native('replicas of Compose'),
    health: 'problem',
  },
  Job: {
    ...TASK,
    runBefore: native(
      'service_completed_successfully; synth deploy runs it once a release, docker compose up each time',
    ),
    timeout: emulated('the start shim ends it'),
  },
  Schedule: {
    ...TASK,
    ...DOCKER_SCHEDULE_SUPPORT,
    deadline: emulated('the scheduler of ours, which keeps the last tick in a volume'),
  },
  Postgres: { ...DATABASE, ...POSTGRES_SUPPORT },
  Redis: { ...DATABASE, ...REDIS_SUPPORT },
  ExternalDatabase: EXTERNAL_DATABASE_SUPPORT,
};
