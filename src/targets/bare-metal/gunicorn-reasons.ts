import { below, type Reasons } from '../reasons.js';

const gunicorn = (setting: string) => `https://docs.gunicorn.org/en/stable/settings.html#${setting}`;

const SETTINGS: Reasons = {
  head: { why: 'says what made the file and how to remake it; no part of the hash by which a container is replaced' },
  import: { why: 'what the file needs' },
  READY: { why: 'the folder in which each worker leaves a file while it answers: the health check counts them' },
  STARTUP_SECONDS: { why: 'seconds that a worker may take from its start until it answers', from: ['health'] },
  Worker: { why: 'a Uvicorn worker that ends in time and says when it is ready' },
  'Worker.CONFIG_KWARGS': { why: 'settings of the Uvicorn in each worker', source: 'https://uvicorn.dev/settings/' },
  'Worker.CONFIG_KWARGS.access_log': {
    why: 'the edge logs requests, once; the app does so as well where it is asked to',
    from: ['logs'],
  },
  'Worker.CONFIG_KWARGS.forwarded_allow_ips': {
    why: 'whose X-Forwarded-* headers the app believes: those of the container network, where the edge is',
    from: ['Stack.edge', 'Stack.trustedProxies'],
  },
  'Worker.CONFIG_KWARGS.root_path': {
    why: 'the prefix that the edge strips, for links that the app makes',
    from: ['pathPrefix'],
  },
  'Worker.CONFIG_KWARGS.server_header': { why: 'nobody needs to know the server' },
  'Worker.CONFIG_KWARGS.timeout_graceful_shutdown': {
    why: 'the app finishes what it has begun',
    from: ['requestTimeout', 'routes'],
    link: 'graceful',
  },
  'Worker.CONFIG_KWARGS.ws_ping_interval': {
    why: 'a quiet WebSocket shows life before nginx gives up on it',
    from: ['requestTimeout', 'routes'],
    link: 'webSocketPing',
  },
  'Worker.beat': { why: 'the sign of life of the worker, once it has started' },
  'Worker."init_process()"': {
    why: 'gives the start its time, and keeps the other workers up where one cannot be replaced',
  },
  'Worker."init_signals()"': { why: 'SIGTERM ends the worker through its exit hooks' },
  'Worker."handle_exit()"': { why: 'SIGTERM ends the worker through its exit hooks' },
  'Worker."callback_notify()"': { why: 'the worker is ready: Uvicorn calls this when it answers' },
  'Worker."keep_beating()"': { why: 'a sign of life each second, also while it drains; a blocked loop gives none' },
  METRICS: {
    why: 'the folder in memory in which the workers leave their figures for prometheus_client, which adds them up',
    from: ['metrics'],
    source: 'https://prometheus.github.io/client_python/multiprocess/',
  },
  '"forget_gauges()".**': { why: 'gauges of live processes speak no more of one that is gone', from: ['metrics'] },
  '"marker()"': { why: 'the file of a worker in that folder' },
  '"on_starting()"': { why: 'an empty folder at each start' },
  '"worker_exit()"': { why: 'a worker that ends is not ready' },
  '"child_exit()"': { why: 'a worker that was killed could not say so itself' },
  bind: {
    why: 'where the app listens: every address of the container, whose network the engine guards',
    from: ['port'],
    source: gunicorn('bind'),
  },
  worker_class: { why: 'the worker above', source: gunicorn('worker-class') },
  preload_app: {
    why: 'each worker loads the app itself: connections made before a fork would be shared',
    source: gunicorn('preload-app'),
  },
  timeout: {
    why: 'seconds without a sign of life after which a worker is replaced: no limit of a request',
    source: gunicorn('timeout'),
  },
  graceful_timeout: {
    why: 'longer than the app’s own graceful time, so that Gunicorn kills nothing that still ends',
    from: ['requestTimeout', 'routes'],
    link: 'manager',
    source: gunicorn('graceful-timeout'),
  },
  keepalive: {
    why: 'longer than nginx keeps idle connections, so that the app never closes one that is just used',
    link: 'keepAlive',
    source: gunicorn('keepalive'),
  },
  max_requests: { why: 'no worker is recycled: that would lose requests', source: gunicorn('max-requests') },
  worker_tmp_dir: {
    why: 'memory: the root is read-only, and a sign of life must not wait for a disk',
    source: gunicorn('worker-tmp-dir'),
  },
  'control_socket_disable|pidfile': { why: 'nothing that has to be written: the root is read-only' },
  logconfig_json: {
    why: 'the logs are JSON, as the mounted configuration says',
    from: ['logs'],
    source: gunicorn('logconfig-json'),
  },
  'accesslog|errorlog|loglevel': { why: 'errors to the log of the container; the edge logs requests' },
};

/** Why each setting of a gunicorn.conf.py is there. */
export const GUNICORN_REASONS: Reasons = below('"gunicorn.conf.py"', SETTINGS);
