import {
  AsgiApp,
  Compose,
  ConfigFile,
  ExternalDatabase,
  Job,
  Kubernetes,
  Postgres,
  Redis,
  Schedule,
  Secret,
  Stack,
  Swarm,
  Volume,
  Worker,
  type StackProps,
} from 'asgi-synth';
import { PROBLEMS } from '../../../src/targets/problems.js';

/** What a target cannot do is not what these are about. */
const accept = Object.fromEntries(Object.keys(PROBLEMS).map((id) => [id, 'it is read, not run']));

function stackWith(props: StackProps): Stack {
  return new Stack('all', { labels: { team: 'storefront' }, accept, ...props });
}

/** Stacks that use what those of `stacks/` do not. */
export const dressedStacks: Readonly<Record<string, () => Stack>> = {
  'everything beside apps': everythingBeside,
  'an edge with every rule': everyRule,
  'an app by itself': () => {
    const stack = stackWith({ edge: 'none', trustedProxies: ['10.0.0.0/8'], httpPort: '127.0.0.1:8080' });
    new AsgiApp(stack, 'api', {
      image: 'acme/api:1',
      module: 'main:app',
      command: ['hypercorn', 'main:app', '-w', '2'],
    });
    new AsgiApp(stack, 'told', {
      image: 'acme/api:1',
      module: 'main:app',
      port: 8001,
      hosts: ['told.example.com'],
      secrets: [new Secret(stack, 'key', { as: 'environment' })],
      command: ['hypercorn', 'main:app', '--grace', '2'],
    });
    return stack;
  },
  'an edge of yours and a Gateway': () => {
    const stack = stackWith({
      edge: { network: 'web' },
      gateway: { name: 'public', namespace: 'edge' },
      redirects: { 'www.example.com': 'example.com' },
      allowFrom: [{ namespace: 'edge' }],
    });
    new AsgiApp(stack, 'api', {
      image: 'acme/api:1',
      module: 'main:make',
      factory: true,
      hosts: ['example.com'],
      pathPrefix: '/api',
      responseHeaders: { 'X-Frame-Options': 'DENY' },
      routes: { '/upload': { requestTimeout: 50 } },
    });
    return stack;
  },
  'an authority of your own': () => {
    const acme = {
      email: 'ops@example.com',
      directory: 'https://ca.example.com/acme',
      directoryRoot: { content: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    };
    const stack = stackWith({ edge: 'nginx', tls: { acme } });
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['example.com'] });
    return stack;
  },
  'an Ingress with a certificate': () => {
    const stack = stackWith({ ingress: { className: 'public' }, tls: { clusterIssuer: 'letsencrypt' } });
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['example.com'] });
    return stack;
  },
};

function everythingBeside(): Stack {
  const stack = stackWith({ edge: 'nginx', imagePullSecrets: ['registry'], allowTo: [{ cidr: '10.9.0.0/16' }] });
  const db = new Postgres(stack, 'db', { version: '17' });
  const cache = new Redis(stack, 'cache', { version: '8', evict: true });
  const warehouse = new ExternalDatabase(stack, 'warehouse', {
    kind: 'postgres',
    host: '10.8.0.4',
    database: 'facts',
    user: 'shop',
    password: new Secret(stack, 'warehouse_password'),
  });
  const nfs = { type: 'nfs', o: 'addr=10.0.0.5', device: ':/data' };
  const api = new AsgiApp(stack, 'api', {
    source: './images/fastapi',
    module: 'main:app',
    processes: { min: 2, max: 4 },
    environment: { LOG_LEVEL: 'info' },
    secrets: [new Secret(stack, 'api_key', { as: 'environment' })],
    connections: { DATABASE_URL: db.url('asyncpg'), CACHE: cache, WAREHOUSE: warehouse },
    volumes: {
      '/data': new Volume(stack, 'data', { driver: 'local', driverOptions: nfs, storageClass: 'fast', shared: true }),
    },
    files: { '/etc/app/settings.toml': new ConfigFile(stack, 'settings', { content: 'a = 1\nb = 2\n' }) },
    build: {
      systemPackages: ['libpq5'],
      arguments: { VERSION: '1' },
      secrets: { TOKEN: { environment: 'CI_TOKEN' }, PIP: { file: 'pip.conf', target: '/etc/pip.conf' } },
    },
  });
  new AsgiApp(stack, 'own', {
    source: './test/fixtures/own-dockerfile',
    module: 'main:app',
    hosts: ['own.example.com'],
    build: { dockerfile: 'docker/Dockerfile', arguments: { A: '1' }, secrets: { TOKEN: {} } },
  });
  new Worker(stack, 'emails', { app: api, command: ['celery', '-A', 'tasks', 'worker'], processes: 2 });
  new Worker(stack, 'checked', {
    app: api,
    command: ['arq', 'tasks.W'],
    health: { command: ['arq', '--check', 'tasks.W'] },
  });
  new Job(stack, 'migrate', { app: api, command: ['alembic', 'upgrade', 'head'] });
  new Schedule(stack, 'cleanup', { app: api, cron: '0 3 * * *', command: ['python', '-m', 'shop.cleanup'] });
  Compose.of(api).patch({ op: 'add', path: '/extra_hosts', value: ['db:10.0.0.1'] });
  Swarm.of(api).patch({ op: 'add', path: '/deploy/placement/preferences', value: [{ spread: 'node.labels.zone' }] });
  Kubernetes.of(api).patch({ op: 'add', path: '/spec/template/spec/priorityClassName', value: 'high' });
  Kubernetes.of(api).add({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' }, data: { a: 'b' } });
  return stack;
}

function everyRule(): Stack {
  const stack = stackWith({
    edge: 'nginx',
    trustedProxies: ['10.20.0.0/16'],
    requestId: true,
    tls: { certificate: {}, key: {}, http3: true },
    redirects: { 'www.example.com': 'example.com' },
  });
  new AsgiApp(stack, 'api', {
    source: './test/fixtures/projects/uv-workspace/backend',
    module: 'app.main:app',
    hosts: ['example.com'],
    pathPrefix: '/api',
    responseHeaders: { 'X-A-Header-With-A-Name-That-Is-Longer-Than-Most': '1', 'X-Price': '$5' },
    rateLimit: { requestsPerSecond: 10 },
    routes: { '/upload': { bodyLimit: '100Mi' } },
    environment: { A: '1' },
  });
  new AsgiApp(stack, 'web', { image: 'acme/web:1', module: 'main:app', hosts: ['example.com'], volumes: {} });
  new AsgiApp(stack, 'src', {
    source: './test/fixtures/projects/uv-package',
    module: 'shop_api.main:app',
    hosts: ['src.example.com'],
    volumes: { '/data': new Volume(stack, 'files') },
  });
  return stack;
}
