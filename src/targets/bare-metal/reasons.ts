import { DOCKER_REASONS } from '../docker-reasons.js';
import { ACME_REASONS } from '../acme-reasons.js';
import { together, type Reasons } from '../reasons.js';
import { STATIC_SERVICE_REASONS } from '../static-service-reasons.js';
import { GUNICORN_REASONS } from './gunicorn-reasons.js';

const COMPOSE = 'https://docs.docker.com/reference/compose-file';

/** What it has alone. */
const OWN: Reasons = {
  name: {
    why: 'the project: in the name of every container, network and volume',
    from: ['Stack.name'],
    source: `${COMPOSE}/version-and-name/`,
  },
  'services.*.build.context': { why: 'the folder that the build sees', from: ['source'] },
  'services.*.build.dockerfile': { why: 'the Dockerfile, from that folder on', from: ['build'] },
  'services.*.build.args.*': { why: 'an argument of the build', from: ['build'] },
  'services.*.build.secrets.[].*': { why: 'a secret that the build alone reads', from: ['build'] },
  'services.*.cpu_shares': {
    why: 'a weight beside other containers, 1024 a core: Docker refuses a limit above the cores of the machine',
    from: ['cpu', 'processes'],
    source: `${COMPOSE}/services/#cpu_shares`,
  },
  'services.Edge.depends_on.**': { why: 'starts after the apps: it would answer 502 until it looks for one again' },
  'services.*.depends_on.**': {
    why: 'starts when the databases take connections and the jobs have ended with 0',
    from: ['connections', 'app'],
    source: `${COMPOSE}/services/#depends_on`,
  },
  'services.Job.restart': { why: 'a job that failed is not run again by itself: somebody has to know why first' },
  'services.*.restart': {
    why: 'starts again after a crash and after the machine’s own restart, unless somebody stopped it',
    source: `${COMPOSE}/services/#restart`,
  },
  'services.AsgiApp.deploy.resources.limits.memory': {
    why: 'of the container: memory of a process times the processes, and 64Mi for Gunicorn and the shim',
    from: ['memory', 'processes'],
  },
  'services.Edge.deploy.resources.limits.memory': { why: 'of nginx, of which 128M are its /tmp' },
  'services.Schedule.deploy.resources.limits.memory': {
    why: 'of the command, and 32Mi for the scheduler',
    from: ['memory'],
  },
  'services.*.deploy.resources.limits.memory': {
    why: 'of the container; what takes more is killed alone',
    from: ['memory'],
  },
  'services.*.deploy.replicas': {
    why: 'containers, which Compose multiplies here: nobody inside would',
    from: ['processes'],
  },
  '**.labels."asgi-synth.config"': {
    why: 'a hash of the mounted files, which Compose does not look into: a changed one replaces the container',
  },
  'networks.default': { why: 'the network of the stack, as Compose makes it' },
  'configs.edge.file': { why: 'the script that runs nginx and takes certificates over' },
  'configs.AsgiApp.file': { why: 'the settings of Gunicorn' },
  'secrets.AsgiApp.file|environment': {
    why: 'the value of a secret of the build, from where you said',
    from: ['build'],
  },
  'secrets.Secret.file': { why: 'the file into which you, or synth deploy, write the value', from: ['file'] },
};

/** Why each place of the output for one host is there. */
export const bareMetalReasons: Reasons = together(
  STATIC_SERVICE_REASONS,
  ACME_REASONS,
  OWN,
  GUNICORN_REASONS,
  DOCKER_REASONS,
);
