import { ofStack, type Case } from './case.js';

/** Mistakes that a target never sees. */
export const MISTAKES: readonly Case[] = [
  ofStack(
    'names of things that are elsewhere',
    'bare-metal',
    `const stack = new Stack('shop', { images: { 'Nginx!': 'nginx:1' }, ingress: { className: 'Public!' }, imagePullSecrets: ['My Login'] });
const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', connections: { DATABASE_URL: 'postgres://canary' } as never });
new Stack('other', { edge: { network: 'my net' } });
new Volume(stack, 'data', { storageClass: 'Fast!', driver: 'nfs!', driverOptions: { 'a b': 'c' } });
new Secret(stack, 'constructor');
new Secret(stack, 'key', { external: '-key' });
new ExternalDatabase(stack, 'users', { kind: 'mysql' as never, host: 'db.example.com', database: 'users', user: 'users', password: new Secret(stack, 'users_password') });
new ExternalDatabase(stack, 'orders', {} as never);
Kubernetes.of(api).add({ kind: 'ConfigMap' } as never);
Kubernetes.of(api).add('apiVersion: v1' as never);
Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'configmap', metadata: { name: 'x' } });
Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'My Map' } });
Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, stringData: { key: 'canary' } } as never);
export default stack;
`,
  ),
  ofStack(
    'a network and a listener',
    'bare-metal',
    `const stack = new Stack('shop', { edge: { network: 'my net' }, gateway: { name: 'public', listener: 'https!' } });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', otel: { endpoint: 'http://collector:4317', protocol: 'udp' as never } });
export default stack;
`,
  ),
  ofStack(
    'databases',
    'bare-metal',
    `const stack = new Stack('shop');
const db = new Postgres(stack, 'db', { database: 'Shop-DB', storageClass: 'Fast!' } as never);
const cache = new Redis(stack, 'cache', {} as never);
const key = new Secret(stack, 'api_key', { as: 'environment' });
new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  environment: { SHOP_URL: 'x' },
  secrets: [key],
  connections: { DATABASE_URL: db.url('psycopg4' as never, { pool: 0 }), REDIS_URL: cache.url(16), WEB_CONCURRENCY: db, SHOP_URL: db, API_KEY: db },
});
export default stack;
`,
  ),
  ofStack(
    'what runs beside an app',
    'bare-metal',
    `const stack = new Stack('shop');
const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', secrets: [new Secret(stack, 'api_key', { as: 'environment' })] });
new Worker(stack, 'emails', {} as never);
new Worker(stack, 'images', { app: 'api' as never, command: [] });
new Worker(stack, 'reports', { app: api, command: ['celery'], health: {} as never, environment: { API_KEY: '1' } });
new Job(stack, 'migrate', { app: api, command: ['alembic'], runBefore: [] });
new Job(stack, 'seed', { app: api, command: ['seed'], runBefore: 'api' as never });
new Schedule(stack, 'hourly', { app: api, command: ['clean'], cron: 'every hour' });
new Schedule(stack, 'daily', { app: api, command: ['clean'], cron: '0 25 * * *' });
new Schedule(stack, 'yearly', { app: api, command: ['clean'], cron: '0 3 31 2 *' });
new Schedule(stack, 'nightly', { app: api, command: ['clean'], overlap: 'queue' } as never);
export default stack;
`,
  ),
  ofStack(
    'secrets that are written into a stack',
    'bare-metal',
    `const stack = new Stack('shop');
new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  secrets: ['canary' as never],
  connections: { DATABASE_URL: 'postgres://shop:canary@db/shop' as never },
});
new Postgres(stack, 'db', { version: '18', password: 'canary' as never });
new Redis(stack, 'cache', { version: '8', password: 'canary' as never });
new ExternalDatabase(stack, 'users', { kind: 'postgres', host: 'db.example.com', database: 'users', user: 'users', password: 'canary' as never });
export default stack;
`,
  ),
  ofStack(
    'things of another stack',
    'bare-metal',
    `const other = new Stack('other');
const users = new AsgiApp(other, 'users', { image: 'acme/users:1', module: 'main:app' });
const stack = new Stack('shop');
const api = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
new Worker(stack, 'emails', { app: users, command: ['celery'] });
new Job(stack, 'migrate', { app: api, command: ['alembic'], runBefore: [users] });
export default stack;
`,
  ),
  ofStack(
    'volumes and static files',
    'bare-metal',
    `const stack = new Stack('shop');
const data = new Volume(stack, 'data');
new AsgiApp(stack, 'api', {
  source: '.',
  module: 'main:app',
  volumes: { '/data': data, '/srv': data, '/tmp': new Volume(stack, 'tmp') },
  static: { '/a': '/a', ...Object.fromEntries(Array.from({ length: 16 }, (_, n) => ['/' + n, { folder: 'a' }])) },
});
export default stack;
`,
  ),
  ofStack(
    'stages',
    'bare-metal',
    `export default withStages(['staging', 'production'], ({ forStage }) => {
  const stack = new Stack('shop');
  const processes = forStage({ default: 1, prodution: 4 } as never);
  const memory = forStage({ staging: '512Mi' } as never);
  const port = forStage(8000 as never);
  const cpu = forStage({ staging: 1, production: 2 });
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes, cpu });
  return stack;
});
`,
  ),
  ofStack(
    'a stack of a stage, and none is asked for',
    'bare-metal',
    `const make = withStages(['staging', 'production'], () => {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
  return stack;
});
export default make({ stage: 'staging' });
`,
  ),
  ofStack(
    'names that are too long together',
    'bare-metal',
    `const stack = new Stack('a-shop-of-a-company-with-a-name');
new AsgiApp(stack, 'an-app-with-quite-a-long-name-of-its-own', { image: 'acme/api:1', module: 'main:app', nginx: { location: 'if ($x) { proxy_set_header A b; }' } });
new AsgiApp(stack, 'other', { image: 'acme/api:1', module: 'main:app', pathPrefix: '/other', processes: Symbol('x') as never });
export default stack;
`,
  ),
  ofStack(
    'an app with an id that leaves no room',
    'bare-metal',
    `const stack = new Stack('a-shop-of-a-company-with-a-name');
new AsgiApp(stack, 'an-app-with-quite-a-long-name-of-its-own', { image: 'acme/api:1', module: 'main:app' });
export default stack;
`,
  ),
  ofStack('something that is never there', 'bare-metal', 'throw new Error();\n'),
];
