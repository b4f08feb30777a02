import type { AsgiApp } from '../model/app.js';
import type { Stack } from '../model/stack.js';
import { CONNECTIONS } from './database-support.js';
import { existingNetwork, hasOwnEdge } from './edge.js';
import { requestIds, TELEMETRY } from './observability-support.js';
import { elsewhere, emulated, native, SYNTHESIS, type Support, type SupportTable } from './support.js';

const CLUSTER = elsewhere('speaks of Kubernetes alone');

/** What only an edge does; without one of ours it is a problem wherever it matters. */
const byNginx = (how: string) => emulated(`nginx of ours: ${how}`);

/** How both Docker targets honour the props of a stack. */
export const DOCKER_STACK_SUPPORT: SupportTable['Stack'] = {
  directory: SYNTHESIS,
  defaults: SYNTHESIS,
  registry: native('prefix of the names of built images'),
  images: native('image references'),
  httpPort: native('published port'),
  httpsPort: native('published port'),
  tls: byNginx('listen ssl; for http3 listen quic, to which a reload may slow down connecting for up to an hour'),
  edge: (stack) => dockerEdge(stack, 'in a container'),
  redirects: byNginx('return 308'),
  accessLog: byNginx('access_log'),
  requestId: requestIds,
  nginx: byNginx('its directives'),
  ingress: CLUSTER,
  gateway: CLUSTER,
  trustedProxies: (stack) =>
    hasOwnEdge(stack)
      ? byNginx('set_real_ip_from')
      : native("the server's own list of peers whose forwarded headers are believed"),
  namespace: CLUSTER,
  allowFrom: 'problem',
  allowTo: 'problem',
  imagePullSecrets: elsewhere('Docker has credentials of registries from docker login'),
  labels: native('labels of containers, networks and volumes'),
  capacity: SYNTHESIS,
  accept: SYNTHESIS,
};

/** Who takes requests; `where` says where an nginx of ours is. */
export function dockerEdge(stack: Stack, where: string): Support {
  if (hasOwnEdge(stack)) return emulated(`nginx of ours ${where}`);
  return existingNetwork(stack) === undefined ? native('published ports') : native('external network');
}

/** What is no problem where it asks for nothing. */
const NOTHING = () => elsewhere('it asks for nothing');

/** How both Docker targets honour where and as whom something runs; a Swarm alone has nodes to choose from. */
export const DOCKER_PLACEMENT_SUPPORT = { nodeSelector: NOTHING, priorityClassName: 'problem' } as const;

const IDENTITY = { ...DOCKER_PLACEMENT_SUPPORT, serviceAccount: NOTHING };

/** How both Docker targets honour those props of an app that they honour alike. */
export const DOCKER_APP_SUPPORT = {
  image: native('image'),
  module: native('word of the command'),
  factory: native('word of the command'),
  port: native('port inside the container'),
  health: emulated('one health check, which asks readiness until the first success, then liveness'),
  hosts: byNginx('server_name'),
  pathPrefix: byNginx('strips it, and the app gets it as root_path'),
  environment: native('environment'),
  connections: CONNECTIONS,
  volumes: native('volumes'),
  files: native('configs'),
  bodyLimit: byNginx('client_max_body_size'),
  routes: byNginx('a location for each path'),
  responseHeaders: byNginx('add_header'),
  otel: TELEMETRY,
  sentry: TELEMETRY,
  nginx: byNginx('its directives'),
  static: emulated('nginx of their own, with an image of them'),
  command: native('command'),
  ...IDENTITY,
} satisfies Partial<SupportTable['AsgiApp']>;

/** Where the edge has no part, only the server and the stop do. */
export function dockerRequestTimeout(server: string) {
  return (_: AsgiApp, stack: Stack): Support =>
    hasOwnEdge(stack)
      ? emulated(`timeouts of nginx and ${server}, within the stop grace period`)
      : native(`timeouts of ${server}, within the stop grace period`);
}

export const DOCKER_VOLUME_SUPPORT = {
  size: elsewhere('a Docker volume is as large as its disk'),
  storageClass: CLUSTER,
  driver: native('driver of the volume'),
  driverOptions: native('driver_opts of the volume'),
} satisfies Partial<SupportTable['Volume']>;

export const DOCKER_FILE_SUPPORT = {
  file: native('config, read when files are written'),
  content: native('config'),
} satisfies SupportTable['ConfigFile'];

/** How both Docker targets honour those props that every command beside an app has. */
export const DOCKER_TASK_SUPPORT = {
  app: native('its image, environment, secrets, volumes and files'),
  command: native('command'),
  memory: native('limit of each container'),
  environment: native('environment'),
  ...IDENTITY,
} satisfies Partial<SupportTable['Worker' | 'Job' | 'Schedule']>;

/** Its scheduler is ours on both. */
export const DOCKER_SCHEDULE_SUPPORT = {
  cron: emulated('a scheduler of ours in one container'),
  timeZone: emulated('the scheduler of ours'),
  overlap: emulated('the scheduler of ours'),
  timeout: emulated('the scheduler of ours ends the command'),
} satisfies Partial<SupportTable['Schedule']>;

/** How both Docker targets honour those props of a database that they honour alike. */
export const DOCKER_DATABASE_SUPPORT = {
  storage: DOCKER_VOLUME_SUPPORT.size,
  storageClass: CLUSTER,
  ...DOCKER_PLACEMENT_SUPPORT,
} satisfies Partial<SupportTable['Postgres' | 'Redis']>;
