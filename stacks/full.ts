import { AsgiApp, ConfigFile, Job, Postgres, Redis, Schedule, Secret, Stack, Volume, Worker } from 'asgi-synth';

const stack = new Stack('full', {
  httpPort: 8094,
  httpsPort: 8448,
  edge: 'nginx',
  tls: { certificate: {}, key: {} },
  redirects: { 'www.full.example.com': 'full.example.com' },
  accept: {
    'worker-health': 'on one host somebody looks at docker compose ps',
    'processes-range': 'there is room for four processes all the time where nobody counts them',
  },
});

const db = new Postgres(stack, 'db', {
  version: '18',
  database: 'shop',
  user: 'shop',
  storage: '1Gi',
  memory: '256Mi',
});
const cache = new Redis(stack, 'cache', { version: '8', storage: '1Gi' });

const api = new AsgiApp(stack, 'api', {
  source: './images/orders',
  module: 'main:app',
  processes: { min: 2, max: 4, cpu: 70 },
  memory: '192Mi',
  cpu: 0.5,
  health: { readiness: '/readyz', liveness: '/healthz' },
  hosts: ['full.example.com'],
  environment: { VERSION: '1', LOG_LEVEL: 'info' },
  connections: { DATABASE_URL: db.url('asyncpg'), REDIS_URL: cache },
  secrets: [new Secret(stack, 'api_key', { as: 'environment' })],
  files: { '/etc/shop/terms.txt': new ConfigFile(stack, 'terms', { content: 'Paid in full.\n' }) },
  routes: { '/orders': { bodyLimit: '1Mi', requestTimeout: 20 } },
  responseHeaders: { 'X-Frame-Options': 'DENY' },
  rateLimit: { requestsPerSecond: 50, burst: 200 },
});

new AsgiApp(stack, 'admin', {
  source: './images/starlette',
  module: 'main:app',
  processes: 1,
  memory: '128Mi',
  health: '/healthz',
  hosts: ['full.example.com'],
  pathPrefix: '/admin',
  volumes: { '/data': new Volume(stack, 'uploads') },
});

new Job(stack, 'migrate', { app: api, command: ['python3', 'note.py', 'release'], timeout: 60 });
new Worker(stack, 'mails', {
  app: api,
  command: ['celery', '-A', 'tasks', 'worker', '--concurrency', '1'],
  health: { command: ['celery', '-A', 'tasks', 'inspect', 'ping'], interval: 60, timeout: 30 },
});
new Schedule(stack, 'tick', { app: api, cron: '* * * * *', command: ['python3', 'note.py', 'tick'], timeout: 30 });

export default stack;
