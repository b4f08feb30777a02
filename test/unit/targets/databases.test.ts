import {
  AsgiApp,
  Compose,
  ExternalDatabase,
  Postgres,
  Redis,
  Secret,
  Stack,
  synthesize,
  type TargetName,
  Worker,
} from 'asgi-synth';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import { planOf, startupOf } from '../../../src/deployment/plan.js';
import { imagesOf } from '../../../src/deployment/images.js';

const app = { image: 'ghcr.io/acme/api:1', module: 'main:app' } as const;

function withDatabase(version: '15' | '16' | '17' | '18' = '18', props: object = {}): Stack {
  const stack = new Stack('shop', props);
  const db = new Postgres(stack, 'db', { version, database: 'orders', user: 'shop', memory: '1Gi' });
  new AsgiApp(stack, 'api', { ...app, connections: { DATABASE_URL: db.url('asyncpg'), READ_URL: db } });
  new AsgiApp(stack, 'web', { ...app, pathPrefix: '/web' });
  return stack;
}

// eslint-disable-next-line typescript/no-explicit-any
type Tree = Record<string, any>;

const file = (stack: Stack, target: TargetName, path: string) =>
  synthesize(stack, target).find((one) => one.path === path)?.content ?? '';
const compose = (stack: Stack) => (parse(file(stack, 'bare-metal', 'compose.yaml')) as Tree)['services'];
const swarm = (stack: Stack) => (parse(file(stack, 'swarm', 'stack.yaml')) as Tree)['services'];
const objects = (stack: Stack, path: string): Tree[] =>
  parseAllDocuments(file(stack, 'kubernetes', path)).map((document) => document.toJS() as Tree);
const kind = (list: readonly Tree[], name: string) => list.find((one) => one['kind'] === name)!;
const accept = { edge: 'nginx' } as const;

const PASSWORD = '/run/secrets/db_password';

function expectUrls(words: readonly string[], host: string): void {
  const urls = words.filter((_, index) => words[index - 1] === '--url');
  expect(urls).toEqual([
    `DATABASE_URL=postgresql+asyncpg://shop:{${PASSWORD}}@${host}:5432/orders`,
    `READ_URL=postgresql://shop:{${PASSWORD}}@${host}:5432/orders`,
  ]);
  expect(words.filter((_, index) => words[index - 1] === '--wait')).toEqual([`${host}:5432`]);
  expect(words[words.indexOf('--wait-seconds') + 1]).toBe('30');
}

describe('the app that uses a Postgres', () => {
  test('gets its URL from the start shim and waits for it, on every target', () => {
    expectUrls(compose(withDatabase())['api'].entrypoint, 'db');
    expectUrls(swarm(withDatabase())['api'].entrypoint, 'db');
    const pod = kind(objects(withDatabase('18', accept), 'api.yaml'), 'Deployment')['spec'].template.spec;
    expectUrls(pod.containers[0].command, 'shop-db');
  });

  test('has no variable that shows the URL', () => {
    expect(compose(withDatabase())['api'].environment).toBeUndefined();
    expect(swarm(withDatabase())['api'].environment).toBeUndefined();
  });

  test('can read the password that the URL needs', () => {
    expect(compose(withDatabase())['api'].secrets).toEqual([{ source: 'db_password', target: 'db_password' }]);
  });

  test('is started by Compose once the database is healthy', () => {
    expect(compose(withDatabase())['api'].depends_on).toEqual({ db: { condition: 'service_healthy' } });
    expect(compose(withDatabase())['web'].depends_on).toBeUndefined();
  });
});

describe('a Postgres', () => {
  test.each([
    ['15', '/var/lib/postgresql/data', '/var/lib/postgresql/data/pgdata'],
    ['17', '/var/lib/postgresql/data', '/var/lib/postgresql/data/pgdata'],
    ['18', '/var/lib/postgresql', '/var/lib/postgresql/18/docker'],
  ] as const)('of version %s has its volume at %s', (version, target, data) => {
    const { volumes, environment } = compose(withDatabase(version))['db'];
    expect(volumes.at(-1)).toEqual({ type: 'volume', source: 'db-data', target });
    expect(environment.PGDATA).toBe(data);
  });

  test('has a full version of the official image, which the stack can replace', () => {
    expect(compose(withDatabase())['db'].image).toMatch(/^postgres:18\.\d+-trixie$/);
    const images = { postgres: 'mirror.example.com/postgres:18.6' };
    expect(swarm(withDatabase('18', { images }))['db'].image).toBe(images.postgres);
  });

  test('reads its password from a file and runs as the user of its image', () => {
    for (const { db } of [compose(withDatabase()), swarm(withDatabase())]) {
      expect(db.environment.POSTGRES_PASSWORD_FILE).toBe(PASSWORD);
      expect(db.environment).not.toHaveProperty('POSTGRES_PASSWORD');
      expect(db).toMatchObject({ user: '999:999', read_only: true, cap_drop: ['ALL'], stop_signal: 'SIGINT' });
    }
    expect(swarm(withDatabase())['db'].secrets[0]).toMatchObject({ uid: '999', gid: '999', mode: 0o400 });
  });

  test('is one alone, and gone before its successor starts', () => {
    const { deploy } = swarm(withDatabase())['db'];
    expect(deploy).toMatchObject({ replicas: 1, update_config: { order: 'stop-first' } });
    expect(deploy.placement.constraints).toEqual(['node.labels.shop.db-data == true']);
    const { spec } = kind(objects(withDatabase('18', accept), 'db.yaml'), 'Deployment') as Tree;
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(spec.template.spec.securityContext).toMatchObject({ runAsUser: 999, fsGroup: 999, runAsNonRoot: true });
  });

  test('holds a lock on its volume on every target, so that a second one waits', () => {
    const words = ['flock', '--no-fork', '/var/lib/postgresql/.lock', 'docker-entrypoint.sh'];
    expect(compose(withDatabase())['db'].entrypoint).toEqual(words);
    expect(swarm(withDatabase())['db'].entrypoint).toEqual(words);
    const pod = kind(objects(withDatabase('18', accept), 'db.yaml'), 'Deployment')['spec'].template.spec;
    expect(pod.containers[0].command).toEqual(words);
    expect(compose(withDatabase('17'))['db'].entrypoint[2]).toBe('/var/lib/postgresql/data/.lock');
  });

  test('is reached on Kubernetes by the apps that use it alone', () => {
    const policy = kind(objects(withDatabase('18', accept), 'db.yaml'), 'NetworkPolicy')['spec'];
    const names = policy.ingress[0].from.map((peer: Tree) => peer['podSelector'].matchLabels['app.kubernetes.io/name']);
    expect(names).toEqual(['api']);
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(policy.egress).toBeUndefined();
  });

  test('may be reached by its apps whatever allowTo says', () => {
    const stack = withDatabase('18', { ...accept, allowTo: [{ cidr: '10.9.0.0/16' }] });
    const { egress } = kind(objects(stack, 'api.yaml'), 'NetworkPolicy')['spec'];
    expect(JSON.stringify(egress)).toContain('"app.kubernetes.io/name":"db"');
    expect(egress).toHaveLength(3);
  });

  test('can be patched as an app can', () => {
    const stack = withDatabase();
    Compose.of(stack.databases[0]!).patch({ op: 'add', path: '/shm_size', value: '1g' });
    expect(compose(stack)['db'].shm_size).toBe('1g');
  });

  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)(
    'is saved and brought back by the README of %s',
    (target) => {
      const readme = file(withDatabase('18', accept), target, 'README.md');
      expect(readme).toMatch(/pg_dump --username shop --dbname orders --format custom > db\.dump/);
      expect(readme).toMatch(/pg_restore --username shop --dbname orders --clean .* < db\.dump/);
    },
  );

  test('is in the plan and among the images of a deployment', () => {
    const plan = planOf(withDatabase(), 'swarm', {});
    expect(plan.databases).toEqual([{ id: 'db', image: 'postgres:18.6-trixie', startup: 300 }]);
    expect(plan.volumes).toEqual(['db-data']);
    expect(plan.secrets.map(({ id }) => id)).toEqual(['db_password']);
    expect(startupOf(plan, 'db')).toBe(300);
    expect(imagesOf(withDatabase(), 'swarm', {}).foreign).toContain('postgres:18.6-trixie');
  });
});

test.each([
  ['bare-metal', (id: string) => [`docker compose stop ${id}`]],
  [
    'swarm',
    (id: string) => [
      `docker service scale --detach=false shop_${id}=0`,
      `while docker service ps --format '{{.CurrentState}}' shop_${id} | grep -q ^Running; do sleep 1; done`,
    ],
  ],
  [
    'kubernetes',
    (id: string) => [
      `kubectl scale deployment/shop-${id} --namespace shop --replicas 0`,
      `kubectl wait --for delete pod --selector app.kubernetes.io/instance=shop,app.kubernetes.io/name=${id} --namespace shop --timeout 1h`,
    ],
  ],
] as const)(
  'what uses a database is stopped and gone before a restore on %s, and what does not is left alone',
  (target, stop) => {
    const stack = withDatabase('18', accept);
    const [api] = stack.apps;
    new Worker(stack, 'jobs', { app: api!, command: ['jobs'] });
    const restore = file(stack, target, 'README.md').split('## Restore')[1]?.split('```')[1]?.split('\n') ?? [];
    const stops = ['api', 'jobs'].flatMap(stop);
    expect(restore.slice(1, 1 + stops.length)).toEqual(stops);
    expect(restore[1 + stops.length]).toContain('pg_restore');
    expect(restore.join()).not.toContain('web');
  },
);

describe('a Redis', () => {
  const withRedis = (props: object = {}, stackProps: object = accept) => {
    const stack = new Stack('shop', stackProps);
    const cache = new Redis(stack, 'cache', { version: '8', ...props });
    new AsgiApp(stack, 'api', { ...app, connections: { CACHE_URL: cache, QUEUE_URL: cache.url(1) } });
    return stack;
  };
  const service = (props: object = {}) => compose(withRedis(props))['cache'];
  const option = (words: readonly string[], name: string) => words[words.indexOf(name) + 1];

  test('gives its apps a URL for each of its databases, and is waited for once', () => {
    const words = swarm(withRedis())['api'].entrypoint as string[];
    expect(words.filter((_, index) => words[index - 1] === '--url')).toEqual([
      'CACHE_URL=redis://:{/run/secrets/cache_password}@cache:6379/0',
      'QUEUE_URL=redis://:{/run/secrets/cache_password}@cache:6379/1',
    ]);
    expect(words.filter((_, index) => words[index - 1] === '--wait')).toEqual(['cache:6379']);
  });

  test('keeps what it is told on its volume, and starts alone on it', () => {
    expect(option(service().command, '--appendonly')).toBe('yes');
    expect(service().volumes.at(-1)).toEqual({ type: 'volume', source: 'cache-data', target: '/data' });
    expect(service().entrypoint.slice(0, 3)).toEqual(['flock', '--no-fork', '/data/.lock']);
  });

  test('gives half of its memory to data, and loses none of them unless it may', () => {
    expect(service({ memory: '1Gi' }).deploy.resources.limits.memory).toBe('1G');
    expect(option(service({ memory: '1Gi' }).command, '--maxmemory')).toBe('512mb');
    expect(option(service().command, '--maxmemory-policy')).toBe('noeviction');
    expect(option(service({ evict: true }).command, '--maxmemory-policy')).toBe('allkeys-lru');
  });

  test('has a full version of the official image, which the stack can replace', () => {
    expect(service().image).toMatch(/^redis:8\.\d+\.\d+$/);
    const images = { redis: 'valkey/valkey:9.1.1' };
    expect(compose(withRedis({}, { ...accept, images }))['cache'].image).toBe(images.redis);
  });

  test('has the same command on every target', () => {
    const pod = kind(objects(withRedis(), 'cache.yaml'), 'Deployment')['spec'].template.spec;
    const plain = (words: readonly string[]) => words.map((word) => word.replaceAll('$$', '$'));
    expect(plain(pod.containers[0].command)).toEqual(plain(service().entrypoint));
    expect(swarm(withRedis())['cache'].entrypoint).toEqual(service().entrypoint);
    expect(pod.containers[0].args).toEqual(service().command);
    expect(pod.containers[0]).not.toHaveProperty('env');
  });

  const CHECKED = spawnSync('sh', ['-c', 'command -v sha256sum']).status === 0;

  test.runIf(CHECKED)('tells its server the hash of the password, not the password', () => {
    const folder = mkdtempSync(join(tmpdir(), 'redis-start-'));
    const password = 'p@ss $HOME "b" \'c\' %s \\n é';
    writeFileSync(join(folder, 'password'), `${password}\n`);
    const script = (service().entrypoint[5] as string)
      .replaceAll('$$', '$')
      .replace('/run/secrets/cache_password', `${folder}/password`)
      .replace('/tmp/users.acl', `${folder}/users.acl`);
    const start = () => spawnSync('sh', ['-euc', script, 'redis', 'echo', 'started'], { encoding: 'utf8' });
    expect(start().stdout).toBe('started\n');
    const hash = createHash('sha256').update(password).digest('hex');
    expect(readFileSync(join(folder, 'users.acl'), 'utf8')).toBe(
      `user default on #${hash} ~* &* +@all\nuser health on nopass +ping\n`,
    );
    writeFileSync(join(folder, 'password'), '');
    expect(start().stderr).toContain('the secret cache_password is empty');
    expect(start().stdout).toBe('');
    rmSync(folder, { recursive: true });
  });

  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)(
    'is saved, brought back and restarted by the README of %s',
    (target) => {
      const readme = file(withRedis(), target, 'README.md');
      expect(readme).toMatch(/redis-cli --rdb .* > cache\.rdb\)/);
      const restore = readme.split('## Restore')[1] ?? '';
      expect(restore).toMatch(/redis-check-rdb .* < cache\.rdb\n.*restart|--force/);
    },
  );

  test('names an unknown version, a misspelt prop and an unknown database', () => {
    const stack = new Stack('shop');
    new Redis(stack, 'cache', { version: '5' as '8', evcit: true } as never).url(16);
    const message = () => synthesize(stack, 'swarm');
    expect(message).toThrow(/version must be one of 8/);
    expect(message).toThrow(/did you mean evict\?/);
    expect(message).toThrow(/url\(\) takes a whole number from 0 to 15, got 16/);
  });
});

describe('an ExternalDatabase', () => {
  const stack = (host: string, props: object = {}) => {
    const made = new Stack('shop', props);
    const password = new Secret(made, 'warehouse_password');
    const warehouse = new ExternalDatabase(made, 'warehouse', {
      kind: 'postgres',
      host,
      port: 5433,
      database: 'facts & figures',
      user: 'shop@acme',
      password,
    });
    new AsgiApp(made, 'api', { ...app, connections: { WAREHOUSE_URL: warehouse.url('psycopg') } });
    return made;
  };

  test('is a URL alone', () => {
    const services = compose(stack('pg.example.com'));
    expect(Object.keys(services)).toEqual(['api', 'nginx']);
    expect(services['api'].entrypoint).toContain(
      'WAREHOUSE_URL=postgresql+psycopg://shop%40acme:{/run/secrets/warehouse_password}@pg.example.com:5433/facts%20%26%20figures',
    );
    expect(services['api'].depends_on).toBeUndefined();
  });

  test.each([
    ['pg.example.com', { ports: [{ protocol: 'TCP', port: 5433 }] }],
    ['10.1.2.3', { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: [{ protocol: 'TCP', port: 5433 }] }],
  ])('at %s may be reached on Kubernetes whatever allowTo says', (host, rule) => {
    const made = stack(host, { ...accept, allowTo: [{ cidr: '10.9.0.0/16' }] });
    expect(kind(objects(made, 'api.yaml'), 'NetworkPolicy')['spec'].egress[1]).toEqual(rule);
  });
});

describe('mistakes', () => {
  const complaints = (build: (stack: Stack) => void) => {
    const stack = new Stack('shop');
    build(stack);
    try {
      synthesize(stack, 'swarm');
    } catch (error) {
      return String((error as Error).message);
    }
    return '';
  };

  test.each<[string, (stack: Stack) => void, RegExp]>([
    ['an unknown version', (stack) => new Postgres(stack, 'db', { version: '9' as '18' }), /version must be one of 15/],
    ['no version', (stack) => new Postgres(stack, 'db', {} as { version: '18' }), /version is missing/],
    [
      'a misspelt prop',
      (stack) => new Postgres(stack, 'db', { version: '18', databse: 'x' } as never),
      /did you mean database\?/,
    ],
    [
      'an unknown driver',
      (stack) => new Postgres(stack, 'db', { version: '18' }).url('pg8000' as 'asyncpg'),
      /url\(\) takes one of asyncpg/,
    ],
    [
      'a pool of none',
      (stack) => new Postgres(stack, 'db', { version: '18' }).url('asyncpg', { pool: 0 }),
      /url\(\) takes a pool from 1 to 10000, got 0/,
    ],
    [
      'an id that an app has',
      (stack) => {
        const inner = new Postgres(stack, 'db', { version: '18' });
        new AsgiApp(inner, 'db', app);
      },
      /the id "db" is already taken/,
    ],
    [
      'a variable twice',
      (stack) => {
        const db = new Postgres(stack, 'db', { version: '18' });
        new AsgiApp(stack, 'api', { ...app, environment: { DB: 'x' }, connections: { DB: db } });
      },
      /connections\.DB is set by environment as well/,
    ],
    [
      'a database of another stack',
      (stack) => {
        const db = new Postgres(new Stack('other'), 'db', { version: '18' });
        new AsgiApp(stack, 'api', { ...app, connections: { DB: db } });
      },
      /other\/db belongs to another stack/,
    ],
    [
      'a text for a database',
      (stack) => new AsgiApp(stack, 'api', { ...app, connections: { DB: 'postgresql://…' as never } }),
      /connections\.DB must be a database/,
    ],
    [
      'an external one without a host',
      (stack) => new ExternalDatabase(stack, 'db', { kind: 'postgres' } as never),
      /host is missing/,
    ],
  ])('names %s', (_, build, message) => {
    expect(complaints(build)).toMatch(message);
  });
});
