import { AsgiApp, Secret, Stack, Worker } from 'asgi-synth';

const stack = new Stack('queue', {
  httpPort: 8081,
  edge: 'nginx',
  accept: { 'worker-health': 'on one host somebody looks at docker compose ps' },
});

const api = new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  secrets: [new Secret(stack, 'broker_url', { as: 'environment' })],
});

// A real one is ['celery', '-A', 'tasks', 'worker']; this one waits for its end.
new Worker(stack, 'emails', {
  app: api,
  command: ['python3', '-u', '-c', 'import signal; print("ready"); signal.sigwait([signal.SIGTERM])'],
  processes: 2,
  memory: '128Mi',
  gracePeriod: 120,
  health: { command: ['python3', '-c', 'import os; os.kill(1, 0)'], interval: 15 },
});

export default stack;
