import { affinity, type AsgiApp } from '../../model/app.js';
import type { Stack } from '../../model/stack.js';
import { CONNECTIONS, EXTERNAL_DATABASE_SUPPORT, POSTGRES_SUPPORT, REDIS_SUPPORT } from '../database-support.js';
import { jsonLogs, requestIds, TELEMETRY } from '../observability-support.js';
import { elsewhere, emulated, native, SYNTHESIS, type Support, type SupportTable } from '../support.js';
import { endsTls } from './certificate.js';
import { hasAddressAffinity, hasNginx, hasRoutes } from './cluster.js';

const DOCKER = elsewhere("speaks of Docker's volume drivers alone");

const PLACEMENT = {
  nodeSelector: native('nodeSelector'),
  priorityClassName: native('priorityClassName'),
};

const IDENTITY = { ...PLACEMENT, serviceAccount: native('annotations of the ServiceAccount') };

const DATABASE = {
  ...PLACEMENT,
  storage: native('storage of a PersistentVolumeClaim'),
  storageClass: native('storageClassName'),
  cpu: native('limit of the pod, and a tenth of it as its request'),
};

const TASK = {
  ...IDENTITY,
  app: native('its image, environment, secrets, volumes and files'),
  command: native('command, under the start shim, which passes SIGTERM on'),
  memory: native('limit and request of each pod'),
  cpu: native('limit of each pod, and a tenth of it as its request'),
  gracePeriod: native('termination grace period'),
  environment: native('env'),
};

/** How a Kubernetes cluster honours each prop. */
export const kubernetesSupport: SupportTable = {
  Stack: {
    directory: SYNTHESIS,
    defaults: SYNTHESIS,
    registry: native('prefix of the names of built images'),
    images: native('image references'),
    httpPort: native('port of a Service of type LoadBalancer'),
    httpsPort: native('port of a Service of type LoadBalancer'),
    tls: (stack) => (endsTls(stack) ? emulated('nginx of ours: listen ssl') : native('tls of the Ingress')),
    edge: stackEdge,
    redirects: edgeRule('return 308', 'RequestRedirect'),
    accessLog: emulated('nginx of ours: access_log'),
    requestId: requestIds,
    nginx: emulated('nginx of ours: its directives'),
    ingress: native('Ingress'),
    gateway: native('HTTPRoute'),
    trustedProxies: (stack) =>
      hasNginx(stack)
        ? emulated('nginx of ours: set_real_ip_from')
        : native("the server's own list of peers whose forwarded headers are believed"),
    namespace: native('Namespace'),
    allowFrom: native('NetworkPolicy'),
    allowTo: native('NetworkPolicy'),
    imagePullSecrets: native('imagePullSecrets'),
    labels: native('labels'),
    capacity: SYNTHESIS,
    accept: SYNTHESIS,
  },
  AsgiApp: {
    source: emulated('docker buildx build beforehand: a cluster builds nothing'),
    image: native('image'),
    module: native('word of the command'),
    factory: native('word of the command'),
    processes: ({ scaling }) =>
      native(scaling === undefined ? 'replicas of a Deployment' : 'HorizontalPodAutoscaler of a Deployment'),
    memory: native('limit and request of each pod'),
    cpu: native('limit of each pod, and a tenth of it as its request'),
    port: native('containerPort'),
    health: appHealth,
    hosts: edgeSupport('server_name', 'hosts'),
    pathPrefix: edgeSupport('strips it, and the app gets it as root_path', 'a filter that strips it'),
    environment: native('env'),
    connections: CONNECTIONS,
    secrets: native('Secrets in a projected volume'),
    volumes: native('PersistentVolumeClaim'),
    files: native('ConfigMaps'),
    requestTimeout,
    bodyLimit: emulated('nginx of ours: client_max_body_size'),
    routes: edgeRule('a location for each path', 'a rule for each path'),
    responseHeaders: edgeRule('add_header', 'ResponseHeaderModifier'),
    nginx: emulated('nginx of ours: its directives'),
    static: emulated('nginx of their own as a Deployment, with an image of them'),
    sticky: stickiness,
    rateLimit: emulated('nginx of ours: limit_req, and each pod counts for itself'),
    logs: jsonLogs('Uvicorn'),
    metrics: (_, stack) =>
      native(`annotations of the pods${hasNginx(stack) ? ', and a path that nginx of ours hides' : ''}`),
    otel: TELEMETRY,
    sentry: TELEMETRY,
    command: native('command'),
    ...IDENTITY,
    build: emulated('docker buildx build beforehand: a cluster builds nothing'),
  },
  Secret: {
    file: native('kubectl create secret --from-file'),
    external: native('Secret that is there already'),
    as: emulated('the start shim sets the variable'),
  },
  Volume: {
    size: native('storage of a PersistentVolumeClaim'),
    shared: ({ shared }) => native(shared ? 'ReadWriteMany' : 'ReadWriteOnce, and all pods on one node'),
    storageClass: native('storageClassName'),
    driver: DOCKER,
    driverOptions: DOCKER,
  },
  ConfigFile: {
    file: native('ConfigMap, read when files are written'),
    content: native('ConfigMap'),
  },
  Worker: {
    ...TASK,
    processes: native('replicas of a Deployment'),
    health: native('startup and liveness probes'),
  },
  Job: {
    ...TASK,
    runBefore: native(
      'Job of each release; synth deploy, or the operator, waits for it before the Deployments are applied',
    ),
    timeout: native('active deadline'),
  },
  Schedule: {
    ...TASK,
    cron: native('CronJob'),
    timeZone: native('time zone of the CronJob'),
    overlap: native('concurrency policy'),
    deadline: native('starting deadline'),
    timeout: native('active deadline of each Job'),
  },
  Postgres: { ...DATABASE, ...POSTGRES_SUPPORT },
  Redis: { ...DATABASE, ...REDIS_SUPPORT },
  ExternalDatabase: EXTERNAL_DATABASE_SUPPORT,
};

function stackEdge(stack: Stack): Support {
  if (hasNginx(stack)) return emulated('nginx of ours as a Deployment');
  if (stack.edge === 'none') return native('Services inside the cluster alone');
  return elsewhere('names a Docker network; ingress or gateway says which edge it is here');
}

function appHealth({ health }: AsgiApp): Support {
  return health.readiness !== undefined && health.liveness !== undefined
    ? native('startup, readiness and liveness probes')
    : emulated('probes by a script of ours, for which any status below 500 is right');
}

/** What nginx does where it is ours, else the cluster's own edge. */
function edgeSupport(nginx: string, route: string) {
  return (_: AsgiApp, stack: Stack): Support =>
    hasNginx(stack)
      ? emulated(`nginx of ours: ${nginx}`)
      : native(`${stack.gateway === undefined ? 'Ingress' : 'HTTPRoute'}: ${route}`);
}

/** What nginx does where it is ours, else a Gateway: an Ingress cannot. */
function edgeRule(nginx: string, rule: string) {
  return (_: AsgiApp | Stack, stack: Stack): Support =>
    hasNginx(stack) ? emulated(`nginx of ours: ${nginx}`) : native(`HTTPRoute: ${rule}`);
}

function stickiness(app: AsgiApp, stack: Stack): Support {
  if (affinity(app) === undefined) return native('one process');
  return hasAddressAffinity(app, stack)
    ? native('sessionAffinity of the Service')
    : emulated('nginx of ours: sticky cookie, or hash of the address');
}

function requestTimeout(_: AsgiApp, stack: Stack): Support {
  if (hasNginx(stack)) return emulated('timeouts of nginx and Uvicorn, within the termination grace period');
  const route = hasRoutes(stack) && stack.gateway !== undefined ? 'timeout of the HTTPRoute, and ' : '';
  return native(`${route}timeout of Uvicorn, within the termination grace period`);
}
