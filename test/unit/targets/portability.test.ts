import {
  AsgiApp,
  ConfigFile,
  ExternalDatabase,
  Job,
  Postgres,
  Redis,
  Schedule,
  Secret,
  Stack,
  targets,
  Volume,
  Worker,
  type AsgiAppProps,
  type ExternalDatabaseProps,
  type JobProps,
  type PostgresProps,
  type RedisProps,
  type ScheduleProps,
  type StackProps,
  type WorkerProps,
} from 'asgi-synth';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { portabilityOf, type PropReport } from '../../../src/targets/portability.js';
import { stackOf } from '../support/outputs.js';

function reportOf(stack: Stack): PropReport[] {
  return portabilityOf(
    stack,
    targets.map((target) => ({ target, problems: target.problems(stack) })),
  );
}

/** `native`, `emulated`, `elsewhere`, or the ids of problems, on bare metal, Swarm and Kubernetes. */
function outcomesOf(stack: Stack, prop: string): string[] {
  const row = reportOf(stack).find((one) => one.prop === prop);
  if (!row) throw new Error(`no row for ${prop}`);
  return Object.values(row.targets).map((outcome) =>
    outcome.how === 'problem' ? outcome.problems.map(({ id }) => id).join(' ') : outcome.how,
  );
}

const PROPS = {
  processes: { min: 2, max: 4 },
  memory: '128Mi',
  cpu: 0.5,
  port: 9000,
  factory: true,
  health: '/healthz',
  hosts: ['shop.example.com'],
  pathPrefix: '/api',
  environment: { API_TOKEN: 'abcdefghijklmnop' },
  requestTimeout: 120,
  bodyLimit: '1Mi',
  routes: { '/upload': { bodyLimit: '2Mi', requestTimeout: 240 } },
  responseHeaders: { 'X-Frame-Options': 'DENY' },
  rateLimit: { requestsPerSecond: 10 },
  logs: 'json',
  metrics: '/metrics',
  otel: { endpoint: 'http://collector:4317' },
  static: { '/static': '/app/static' },
  sticky: 'cookie',
  nginx: { location: 'proxy_buffering off;' },
  command: ['serve'],
  nodeSelector: { disktype: 'ssd' },
  priorityClassName: 'high',
  serviceAccount: { annotations: { 'iam.gke.io/gcp-service-account': 'shop@acme.iam.gserviceaccount.com' } },
} satisfies Partial<AsgiAppProps>;

const TASK = {
  command: ['work'],
  memory: '128Mi',
  cpu: 0.5,
  gracePeriod: 120,
  environment: { QUEUE: 'emails' },
  nodeSelector: { 'acme.com/pool': 'batch' },
  priorityClassName: 'low',
  serviceAccount: { annotations: {} },
} as const;

const WORKER = {
  ...TASK,
  processes: 2,
  health: { command: ['alive'] },
} satisfies Omit<WorkerProps, 'app'>;

const SCHEDULE = {
  ...TASK,
  cron: '0 3 * * *',
  timeZone: 'Europe/Berlin',
  overlap: 'forbid',
  deadline: 600,
  timeout: 300,
} satisfies Omit<ScheduleProps, 'app'>;

const JOB = { ...TASK, timeout: 300 } satisfies Omit<JobProps, 'app'>;

const POSTGRES = {
  version: '18',
  database: 'shop',
  user: 'shop',
  storage: '1Gi',
  storageClass: 'fast',
  memory: '1Gi',
  cpu: 1,
  maxConnections: 50,
  nodeSelector: { disktype: 'nvme' },
  priorityClassName: 'highest',
} satisfies PostgresProps;

const REDIS = {
  version: '8',
  storage: '1Gi',
  storageClass: 'fast',
  memory: '256Mi',
  cpu: 0.5,
  evict: true,
  nodeSelector: {},
} satisfies RedisProps;

const EXTERNAL = {
  kind: 'postgres',
  host: 'db.example.com',
  port: 5433,
  database: 'shop',
  user: 'shop',
} satisfies Omit<ExternalDatabaseProps, 'password'>;

const EDGES: Readonly<Record<string, StackProps>> = {
  default: {},
  nginx: { edge: 'nginx', httpPort: 8080, trustedProxies: ['10.0.0.0/8'] },
  'nginx with a certificate': {
    edge: 'nginx',
    httpsPort: '127.0.0.1:8443',
    tls: { certificate: { file: 'shop.pem' }, key: { external: 'shop-key' }, redirect: true, hsts: 60, http3: true },
  },
  'nginx with a certificate of a cluster': { edge: 'nginx', httpsPort: 8443, tls: { secretName: 'wildcard' } },
  'nginx with a certificate that it gets itself': {
    edge: 'nginx',
    httpPort: 8080,
    httpsPort: 8443,
    tls: { acme: { email: 'ops@example.com', directoryRoot: { content: 'PEM' } }, hsts: 60 },
  },
  'an Ingress with an issuer': { ingress: {}, httpsPort: 8443, tls: { clusterIssuer: 'acme', redirect: true } },
  'a Gateway with a certificate': { gateway: { name: 'public', listener: 'https' }, tls: { issuer: 'acme' } },
  'none with a certificate': { edge: 'none', httpsPort: 8443, tls: { certificate: {}, key: {} } },
  'nginx behind an Ingress': { edge: 'nginx', ingress: { className: 'traefik' }, httpPort: '127.0.0.1:8080' },
  gateway: { gateway: { name: 'public' } },
  none: { edge: 'none', httpPort: 80, trustedProxies: ['10.0.0.0/8'] },
  'of a network': { edge: { network: 'proxy' }, httpPort: 8080 },
};

const PLAIN: StackProps = {
  defaults: '2026-11',
  registry: 'registry.example.com',
  images: { nginx: 'nginx:1' },
  redirects: { 'www.example.com': 'shop.example.com' },
  accessLog: 'combined',
  requestId: true,
  nginx: { server: 'etag off;' },
  namespace: { name: 'shops' },
  allowFrom: [{ cidr: '10.0.0.0/8' }],
  allowTo: [{ cidr: '10.0.0.0/8' }],
  imagePullSecrets: ['registry'],
  labels: { team: 'web' },
  capacity: { memory: '64Gi', cpu: 64 },
  accept: { 'http-port': 'documented' },
};

describe.each(Object.keys(EDGES))('with the edge: %s', (edge) => {
  function everything(): Stack {
    const stack = new Stack('shop', { ...PLAIN, ...EDGES[edge] });
    const secrets = [
      new Secret(stack, 'there', { external: 'acme' }),
      new Secret(stack, 'key', { file: 'key', as: 'environment' }),
    ];
    const volumes = {
      '/a': new Volume(stack, 'a', { size: '2Gi', shared: true, storageClass: 'nfs' }),
      '/b': new Volume(stack, 'b', { driver: 'local', driverOptions: { type: 'nfs' } }),
    };
    const files = { '/etc/app.toml': new ConfigFile(stack, 'settings', { content: 'x' }) };
    const api = new AsgiApp(stack, 'api', {
      ...{ image: 'acme/api:1', module: 'main:app', ...PROPS },
      ...{ secrets, volumes, files, sentry: { dsn: new Secret(stack, 'sentry_dsn') } },
    });
    new Worker(stack, 'emails', { app: api, ...WORKER });
    new Schedule(stack, 'nightly', { app: api, ...SCHEDULE });
    new Job(stack, 'migrate', { app: api, ...JOB, runBefore: api });
    const password = new Secret(stack, 'password');
    const db = new Postgres(stack, 'db', { ...POSTGRES, password });
    new Redis(stack, 'cache', { ...REDIS, password });
    const other = new ExternalDatabase(stack, 'other', { ...EXTERNAL, password });
    const connections = { DATABASE_URL: db, OTHER_URL: other };
    new AsgiApp(stack, 'admin', { image: 'acme/admin:1', module: 'main:app', pathPrefix: '/admin', connections });
    return stack;
  }

  test('every prop that is written has a row, and each target honours it or has a problem with it', () => {
    const rows = reportOf(everything());
    const props = (path: string) =>
      rows.filter(({ construct }) => construct.node.path === path).map(({ prop }) => prop);
    expect(props('shop')).toEqual(Object.keys({ ...PLAIN, ...EDGES[edge] }));
    expect(props('shop/api')).toEqual([
      'image',
      'module',
      ...Object.keys(PROPS),
      'secrets',
      'volumes',
      'files',
      'sentry',
    ]);
    expect(props('shop/admin')).toEqual(['image', 'module', 'pathPrefix', 'connections']);
    expect(props('shop/emails')).toEqual(['app', ...Object.keys(WORKER)]);
    expect(props('shop/nightly')).toEqual(['app', ...Object.keys(SCHEDULE)]);
    expect(props('shop/migrate')).toEqual(['app', ...Object.keys(JOB), 'runBefore']);
    expect(props('shop/db')).toEqual([...Object.keys(POSTGRES), 'password']);
    expect(props('shop/cache')).toEqual([...Object.keys(REDIS), 'password']);
    expect(props('shop/other')).toEqual([...Object.keys(EXTERNAL), 'password']);
    expect(props('shop/settings')).toEqual(['content']);
    expect(props('shop/key')).toEqual(['file', 'as']);
    expect(props('shop/b')).toEqual(['driver', 'driverOptions']);
    for (const row of rows) expect(Object.keys(row.targets)).toEqual(targets.map(({ name }) => name));
  });

  test('every problem is with a prop that is written', () => {
    const stack = everything();
    for (const { construct, prop } of targets.flatMap((target) => target.problems(stack)))
      expect((construct as AsgiApp).given, `${construct.node.path} ${prop}`).toContain(prop);
  });
});

test('what the target has itself is native, what we put in its place emulated', () => {
  const stack = stackOf({ processes: 4, health: '/healthz', hosts: ['shop.example.com'] }, { ingress: {} });
  expect(outcomesOf(stack, 'processes')).toEqual(['emulated', 'native', 'native']);
  expect(outcomesOf(stack, 'health')).toEqual(['emulated', 'emulated', 'native']);
  expect(outcomesOf(stack, 'hosts')).toEqual(['emulated', 'emulated', 'native']);
  expect(outcomesOf(stack, 'ingress')).toEqual(['elsewhere', 'elsewhere', 'native']);
  expect(outcomesOf(stackOf({ hosts: ['a.example.com'] }, { edge: 'nginx' }), 'hosts').at(-1)).toBe('emulated');
});

test('a prop that a target cannot honour has each of its problems, with the reason for which it is accepted', () => {
  const app: Partial<AsgiAppProps> = { processes: { min: 2, max: 4 }, command: ['serve'] };
  const stack = stackOf(app, { accept: { 'processes-range': 'there is room' } });
  expect(outcomesOf(stack, 'processes')).toEqual(['processes-range processes-of-command', 'processes-range', 'native']);
  const row = reportOf(stack).find(({ prop }) => prop === 'processes');
  expect(row?.targets['swarm']).toMatchObject({ problems: [{ id: 'processes-range', accepted: 'there is room' }] });
  expect(row?.targets['bare-metal']).toMatchObject({ problems: [{}, { id: 'processes-of-command' }] });
  expect(JSON.stringify(row?.targets['bare-metal'])).toContain('give one number, or accept that it is always 4');
});

test('what was not written is not told', () => {
  expect(reportOf(stackOf()).map(({ prop }) => prop)).toEqual(['image', 'module']);
});

test('an app of a class of your own is told of as an app', () => {
  class Api extends AsgiApp {}
  const stack = new Stack('shop');
  new Api(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
  expect(reportOf(stack).map(({ prop }) => prop)).toEqual(['image', 'module']);
});

test('every kind of construct of the model is known', () => {
  const folder = join(import.meta.dirname, '../../../src/model');
  const classes = readdirSync(folder)
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^export (abstract )?class (\w+).* extends (\w+)/gm),
    ])
    .map(([, , name = '', parent = '']) => ({ name, parent }))
    // What others extend is no kind of its own.
    .filter(({ name }, _, all) => all.every(({ parent }) => parent !== name))
    .map(({ name }) => name);
  for (const { support } of targets) expect(Object.keys(support).toSorted()).toEqual(classes.toSorted());
});
