import { AsgiApp, Postgres, Redis, Stack } from 'asgi-synth';

export default () => {
  const stack = new Stack('data', {
    httpPort: 8082,
    accept: { 'http-port': 'on Kubernetes the cluster has its own edge' },
  });

  const db = new Postgres(stack, 'db', { version: '18', database: 'shop', user: 'shop', storage: '1Gi' });
  const cache = new Redis(stack, 'cache', { version: '8', storage: '1Gi' });

  new AsgiApp(stack, 'api', {
    source: './images/orders',
    module: 'main:app',
    memory: '256Mi',
    health: { readiness: '/readyz', liveness: '/healthz', startup: 60 },
    hosts: ['data.example.com'],
    // The driver of SQLAlchemy; `db` alone gives postgresql://…
    connections: { DATABASE_URL: db.url('asyncpg'), REDIS_URL: cache },
  });

  return stack;
};
