import { AsgiApp, Job, Stack, Volume } from 'asgi-synth';

const stack = new Stack('ledger', { httpPort: 8084, edge: 'nginx' });

const api = new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  volumes: { '/data': new Volume(stack, 'data') },
});

// A real one is ['alembic', 'upgrade', 'head']; this one counts how often it ran.
new Job(stack, 'migrate', {
  app: api,
  command: ['python3', '-c', 'print("once", file=open("/data/migrations", "a"))'],
  timeout: 120,
});

export default stack;
