/** What something in an output is, by its name. */
export interface Described {
  readonly name: string;
  readonly pattern: RegExp;
  /** A sentence without its full stop. */
  readonly what: string;
}

const is = (name: string, pattern: RegExp, what: string): Described => ({ name, pattern, what });

const ANY_TARGET: readonly Described[] = [
  is(
    'APP-static/Dockerfile',
    /^[a-z0-9-]+-static\/Dockerfile$/,
    'how the image of nginx with the static files of an app is built',
  ),
  is(
    'README.md',
    /^README\.md$/,
    'the page of whoever operates it: every command for this stack, and what to look at when it fails',
  ),
  is(
    '.gitignore',
    /^\.gitignore$/,
    'where there are secrets or databases: values and backups that lie beside these files, and belong into no repository',
  ),
  is(
    'APP/Dockerfile.dockerignore',
    /^[a-z0-9-]+\/Dockerfile\.dockerignore$/,
    'what stays out of the image: `.git`, `.venv`, `.env`, tests, outputs',
  ),
];

const DOCKER: readonly Described[] = [
  is('nginx/nginx.conf', /^nginx\/nginx\.conf$/, 'the edge: hosts, paths, headers, limits and timeouts of every app'),
  is(
    'runtime/start.py',
    /^runtime\/start\.py$/,
    'the start shim, PID 1 of each container: it reads secrets, waits for databases, and lets nginx go before the app stops',
  ),
  is(
    'runtime/health.py',
    /^runtime\/health\.py$/,
    'the health check, run inside the container, so that the image needs no curl',
  ),
  is(
    'runtime/edge.sh',
    /^runtime\/edge\.sh$/,
    'starts nginx: on a Swarm it has clients told to use another node before it stops; with `tls: { acme }` it takes new certificates over',
  ),
  is(
    'APP-static/nginx.conf',
    /^[a-z0-9-]+-static\/nginx\.conf$/,
    'how the static files of an app are answered: their types, and how long clients keep them',
  ),
  is(
    'runtime/static.sh',
    /^runtime\/static\.sh$/,
    'starts an nginx with static files, and has clients told before it stops',
  ),
  is('runtime/acme.py', /^runtime\/acme\.py$/, 'gets the certificate of `tls: { acme }` with certbot, and renews it'),
  is('runtime/schedule.py', /^runtime\/schedule\.py$/, 'the scheduler of each `Schedule`'),
  is(
    'APP/logging.json',
    /^[a-z0-9-]+\/logging\.json$/,
    'with `logs`: the logging configuration of the app and its server',
  ),
  is(
    'runtime/logs.py',
    /^runtime\/logs\.py$/,
    'with `logs`: makes each record one line of JSON, with the id of its request',
  ),
  is('files/NAME', /^files\//, 'the text of a `ConfigFile`, byte for byte'),
];

/** Files of each target. One that is not here stops `npm run docs`. */
export const FILES: Readonly<Record<string, readonly Described[]>> = {
  'bare-metal': [
    is(
      'compose.yaml',
      /^compose\.yaml$/,
      'everything that Docker Compose starts: containers, networks, volumes, secrets',
    ),
    is('APP/gunicorn.conf.py', /^[a-z0-9-]+\/gunicorn\.conf\.py$/, 'how Gunicorn runs the Uvicorn workers of the app'),
    is(
      'APP/Dockerfile',
      /^(?!.*-static\/)[a-z0-9-]+\/Dockerfile$/,
      'how the image of the app is built, with Gunicorn and Uvicorn',
    ),
    ...DOCKER,
    ...ANY_TARGET,
  ],
  swarm: [
    is(
      'stack.yaml',
      /^stack\.yaml$/,
      'everything that `docker stack deploy` takes: services, networks, configs, secrets',
    ),
    is(
      'jobs/JOB.yaml',
      /^jobs\/[a-z0-9-]+\.yaml$/,
      'a `Job`, as a stack file of its own, since a Swarm knows no order',
    ),
    is(
      'APP/Dockerfile',
      /^(?!.*-static\/)[a-z0-9-]+\/Dockerfile$/,
      'how the image of the app is built, with Uvicorn alone',
    ),
    ...DOCKER,
    ...ANY_TARGET,
  ],
  kubernetes: [
    is('kustomization.yaml', /^kustomization\.yaml$/, 'the list of the other files, for `kubectl apply -k`'),
    is('namespace.yaml', /^namespace\.yaml$/, 'the namespace, held to the Pod Security Standard `restricted`'),
    is('nginx.yaml', /^nginx\.yaml$/, "nginx of ours, where the stack says `edge: 'nginx'`"),
    is('APP-static.yaml', /^[a-z0-9-]+-static\.yaml$/, 'the nginx with the static files of an app'),
    is(
      'ID.yaml',
      /^(?!kustomization|namespace|nginx)(?!.*-static\.yaml$)[a-z0-9-]+\.yaml$/,
      'all objects of one construct: an app, worker, job, schedule, database, volume or config file',
    ),
    is(
      'APP/Dockerfile',
      /^(?!.*-static\/)[a-z0-9-]+\/Dockerfile$/,
      'how the image of the app is built, with Uvicorn alone',
    ),
    ...ANY_TARGET,
  ],
};

/** Kinds of objects in a cluster. */
export const OBJECTS: Readonly<Record<string, string>> = {
  Deployment: 'starts the pods of an app, a worker, a database or nginx, and replaces them',
  Service: 'the one address of all pods of an app',
  Ingress: "leads from the cluster's own edge to the Service",
  HorizontalPodAutoscaler: 'changes the number of pods by the load, where `processes` is a range',
  PodDisruptionBudget: 'lets a drain of a node take one pod at a time',
  NetworkPolicy: 'says who may reach the pods, and whom they may reach',
  ServiceAccount: 'the identity of the pods, without a token',
  ConfigMap: 'scripts, nginx.conf and config files; named by its content and never changed',
  PersistentVolumeClaim: 'the storage of a `Volume` or a database',
  Job: 'a `Job` of the stack, named by its release',
  CronJob: 'a `Schedule` of the stack',
  Namespace: 'what everything else is in',
  Kustomization: 'the list of files',
};

/** One link of the chain of timeouts. */
export interface Link {
  readonly what: string;
  readonly file: string;
  readonly name: string;
  readonly pattern: RegExp;
}

const link = (what: string, file: string, name: string, pattern: RegExp): Link => ({ what, file, name, pattern });

/** The chain of a target, from the app outwards. */
export const CHAIN: Readonly<Record<string, readonly Link[]>> = {
  'bare-metal': [
    link('the start shim waits before it passes SIGTERM on', 'compose.yaml', '--drain', /"--drain"\n\s*- "(\d+)"/),
    link(
      'a Uvicorn worker finishes its requests',
      'api/gunicorn.conf.py',
      'timeout_graceful_shutdown',
      /"timeout_graceful_shutdown": (\d+)/,
    ),
    link('Gunicorn waits for its workers', 'api/gunicorn.conf.py', 'graceful_timeout', /^graceful_timeout = (\d+)/m),
    link('Docker kills the container', 'compose.yaml', 'stop_grace_period', /stop_grace_period: "(\d+)s"/),
    link(
      'nginx keeps an idle connection to the app',
      'nginx/nginx.conf',
      'keepalive_timeout',
      /keepalive_requests \d+;\n\s*keepalive_timeout (\d+)s/,
    ),
    link('the app keeps an idle connection', 'api/gunicorn.conf.py', 'keepalive', /^keepalive = (\d+)/m),
    link('nginx gives up on an answer', 'nginx/nginx.conf', 'proxy_read_timeout', /proxy_read_timeout (\d+)s/),
    link('between two pings of a WebSocket', 'api/gunicorn.conf.py', 'ws_ping_interval', /"ws_ping_interval": (\d+)/),
    link(
      'a worker without a sign of life is replaced (no limit of a request)',
      'api/gunicorn.conf.py',
      'timeout',
      /^timeout = (\d+)/m,
    ),
  ],
  swarm: [
    link('the start shim waits before it passes SIGTERM on', 'stack.yaml', '--drain', /"--drain"\n\s*- "(\d+)"/),
    link(
      'Uvicorn finishes its requests',
      'stack.yaml',
      '--timeout-graceful-shutdown',
      /"--timeout-graceful-shutdown"\n\s*- "(\d+)"/,
    ),
    link('Swarm kills the task', 'stack.yaml', 'stop_grace_period', /stop_grace_period: "(\d+)s"/),
    link('Swarm watches a new task before it goes on', 'stack.yaml', 'monitor', /monitor: "(\d+)s"/),
    link(
      'nginx keeps an idle connection to the app',
      'nginx/nginx.conf',
      'keepalive_timeout',
      /keepalive_requests \d+;\n\s*keepalive_timeout (\d+)s/,
    ),
    link(
      'the app keeps an idle connection',
      'stack.yaml',
      '--timeout-keep-alive',
      /"--timeout-keep-alive"\n\s*- "(\d+)"/,
    ),
    link('nginx gives up on an answer', 'nginx/nginx.conf', 'proxy_read_timeout', /proxy_read_timeout (\d+)s/),
    link('between two pings of a WebSocket', 'stack.yaml', '--ws-ping-interval', /"--ws-ping-interval"\n\s*- "(\d+)"/),
  ],
  kubernetes: [
    link('the pod waits before SIGTERM', 'api.yaml', 'preStop.sleep', /sleep:\n\s*seconds: (\d+)/),
    link(
      'Uvicorn finishes its requests',
      'api.yaml',
      '--timeout-graceful-shutdown',
      /"--timeout-graceful-shutdown"\n\s*- "(\d+)"/,
    ),
    link(
      'the kubelet kills the container',
      'api.yaml',
      'terminationGracePeriodSeconds',
      /^ {6}terminationGracePeriodSeconds: (\d+)/m,
    ),
    link('a new version has to become ready', 'api.yaml', 'progressDeadlineSeconds', /progressDeadlineSeconds: (\d+)/),
    link(
      'nginx of ours keeps an idle connection to the app',
      'nginx.yaml',
      'keepalive_timeout',
      /keepalive_requests \d+;\n\s*keepalive_timeout (\d+)s/,
    ),
    link(
      'the app keeps an idle connection',
      'api.yaml',
      '--timeout-keep-alive',
      /"--timeout-keep-alive"\n\s*- "(\d+)"/,
    ),
    link('nginx of ours gives up on an answer', 'nginx.yaml', 'proxy_read_timeout', /proxy_read_timeout (\d+)s/),
    link('between two pings of a WebSocket', 'api.yaml', '--ws-ping-interval', /"--ws-ping-interval"\n\s*- "(\d+)"/),
  ],
};
