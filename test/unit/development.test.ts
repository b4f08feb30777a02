import {
  AsgiApp,
  ConfigFile,
  Job,
  Postgres,
  Schedule,
  Secret,
  Stack,
  synthesizeDevelopment,
  Volume,
  Worker,
} from 'asgi-synth';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { developmentFrom } from '../../src/development.js';
import type { BackgroundService, ComposeFile } from '../../src/formats/compose.js';
import { HEALTH_SCRIPT, SCHEDULE_SCRIPT, START_SCRIPT } from '../../src/formats/python.js';
import { findingsIn } from '../../src/model/props.js';
import { sourceReader } from '../../src/synthesize.js';
import { composeFileSchema, composeServiceSchema } from '../../src/targets/compose-schema.js';
import { GOOD, SHOP, uvLock } from './sources/folder.js';
import { contentsOf, makeProject } from './support/project.js';

const root = join(import.meta.dirname, '../..');

/** What is developed: everything that a stack may hold. */
const stacks = ['hello', 'full', 'shop', 'data', 'worker', 'migrations', 'schedules', 'edge'];

const COPIES: Readonly<Record<string, string>> = {
  'runtime/start.py': START_SCRIPT,
  'runtime/health.py': HEALTH_SCRIPT,
  'runtime/schedule.py': SCHEDULE_SCRIPT,
};

async function load(name: string): Promise<Stack> {
  const { default: exported } = (await import(join(root, 'stacks', `${name}.ts`))) as {
    default: Stack | (() => Stack);
  };
  return typeof exported === 'function' ? exported() : exported;
}

describe.each(stacks)('%s in development', (name) => {
  const folder = join(root, 'test/golden', name, 'development');

  test('is the golden output', async () => {
    const files = synthesizeDevelopment(await load(name), {
      out: `out/${name}/development`,
      stackFile: `stacks/${name}.ts`,
    });
    for (const { path, content } of files) {
      if (path in COPIES) expect(content).toBe(COPIES[path]);
      else await expect(content, path).toMatchFileSnapshot(join(folder, path));
    }
    const there = existsSync(folder)
      ? Object.entries(contentsOf(folder)).flatMap(([path, content]) => (content === 'folder' ? [] : [path]))
      : [];
    expect(there.filter((path) => !files.some((file) => file.path === path))).toEqual([]);
  });

  test('is what Compose takes', async () => {
    const [{ content = '' } = {}] = synthesizeDevelopment(await load(name));
    const file = parse(content) as ComposeFile;
    expect(findingsIn(composeFileSchema('compose'), file)).toEqual([]);
    for (const service of Object.values(file.services))
      expect(findingsIn(composeServiceSchema('compose'), service)).toEqual([]);
  });
});

test('there is a golden output for no other stack', () => {
  const there = readdirSync(join(root, 'test/golden')).filter((name) =>
    existsSync(join(root, 'test/golden', name, 'development')),
  );
  expect(there.toSorted()).toEqual(stacks.toSorted());
});

const servicesIn = (stack: Stack, options = {}) => {
  const [{ content = '' } = {}] = synthesizeDevelopment(stack, options);
  return (parse(content) as ComposeFile<BackgroundService>).services;
};

const imageApp = (stack: Stack, id: string, props: object = {}) =>
  new AsgiApp(stack, id, { image: 'acme/api:1', module: 'main:app', ...props });

describe('ports', () => {
  const ports = (numbers: readonly (number | undefined)[], options = {}) => {
    const stack = new Stack('shop');
    numbers.forEach((port, index) =>
      imageApp(stack, `app${index}`, { hosts: [`${index}.example.com`], ...(port === undefined ? {} : { port }) }),
    );
    return Object.values(servicesIn(stack, options)).map((service) => service.ports?.[0]);
  };

  test('are of this machine alone', () => {
    expect(ports([9000])).toEqual([{ target: 9000, published: '9000', host_ip: '127.0.0.1', protocol: 'tcp' }]);
  });

  test('are those of the apps, or the next one that is free', () => {
    expect(ports([undefined, undefined, 8001, 9000]).map((port) => port?.published)).toEqual([
      '8000',
      '8001',
      '8002',
      '9000',
    ]);
  });

  test('begin where the developer says', () => {
    expect(ports([undefined, 9000], { port: 7000 }).map((port) => port?.published)).toEqual(['7000', '7001']);
  });
});

describe('an app', () => {
  test('has one process, whatever it has when it is deployed, and no edge before it', () => {
    const stack = new Stack('shop', { edge: 'nginx' });
    imageApp(stack, 'api', { processes: 8, pathPrefix: '/api', hosts: ['shop.example.com'] });
    const services = servicesIn(stack);
    expect(Object.keys(services)).toEqual(['api']);
    expect(services['api']?.command).toEqual(
      'uvicorn main:app --host 0.0.0.0 --port 8000 --workers 1 --timeout-graceful-shutdown 3'.split(' '),
    );
  });

  test('of a stage has names that no deployment has', () => {
    const stack = new Stack('shop');
    new Volume(stack, 'data');
    imageApp(stack, 'api');
    const [{ content = '' } = {}] = synthesizeDevelopment(stack, { stage: 'mine' });
    const { name, volumes } = parse(content) as ComposeFile;
    expect([name, volumes?.['data']]).toMatchObject(['shop-mine_development', { name: 'shop-mine_development_data' }]);
  });

  test('is refused with every mistake of its stack, but with no problem of a target', () => {
    const stack = new Stack('shop');
    imageApp(stack, 'api', { processes: 0, bodyLimit: 'much' });
    expect(() => synthesizeDevelopment(stack)).toThrow(/processes must be[\s\S]*bodyLimit must be/);
    const tooLarge = new Stack('shop', { capacity: { memory: '16Mi' } });
    imageApp(tooLarge, 'api');
    expect(servicesIn(tooLarge)).toHaveProperty('api');
  });
});

/** A workspace with two members, of which one is developed. */
const WORKSPACE = {
  'pyproject.toml': '[tool.uv.workspace]\nmembers = ["backend", "shared"]\n',
  'uv.lock': uvLock({
    ...GOOD,
    'shop-api': { ...SHOP, source: 'editable = "backend"', needs: [...(SHOP.needs ?? []), 'shared'] },
    shared: { version: '0.1.0', source: 'editable = "shared"' },
  }),
  'backend/pyproject.toml':
    '[project]\nname = "shop-api"\nversion = "0.1.0"\ndependencies = ["fastapi", "uvicorn[standard]", "shared"]\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n',
  'backend/src/shop_api/__init__.py': '',
  'backend/src/shop_api/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
  'shared/pyproject.toml':
    '[project]\nname = "shared"\nversion = "0.1.0"\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n',
  'shared/src/shared/__init__.py': '',
};

function developed(
  files: Readonly<Record<string, string>>,
  app: object,
  more: (api: AsgiApp, stack: Stack) => void = () => undefined,
) {
  using project = makeProject(files);
  const stack = new Stack('shop', { directory: project.directory });
  const api = new AsgiApp(stack, 'api', { source: '.', module: 'main:app', ...app });
  more(api, stack);
  const development = developmentFrom(sourceReader(stack, {}), stack, {});
  const compose = parse(development.files[0]?.content ?? '') as ComposeFile<BackgroundService>;
  return { ...development, services: compose.services };
}

const PLAIN = {
  'main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
  'requirements.txt':
    'fastapi==0.165.0\nstarlette==1.10.0\nuvicorn==0.54.0\nh11==0.16.0\nhttptools==0.9.0\nuvloop==0.23.0\n',
};

describe('the source', () => {
  const mountAt = (service: BackgroundService | undefined) => service?.volumes.find(({ target }) => target === '/app');

  test('is mounted over that of the image, read-only', () => {
    const { services } = developed(PLAIN, {});
    expect(mountAt(services['api'])).toEqual({
      type: 'bind',
      source: '../../..',
      target: '/app',
      read_only: true,
      bind: { create_host_path: false },
    });
    expect(services['api']?.command).toContain('--reload');
    expect(services['api']?.environment).toBeUndefined();
  });

  test('of a member of a workspace comes before what is installed of it', () => {
    const { services, rules } = developed(WORKSPACE, { source: './backend', module: 'shop_api.main:app' });
    expect(mountAt(services['api'])?.source).toBe('../../../backend');
    expect(services['api']?.environment).toEqual({ PYTHONPATH: '/app/src' });
    expect(rules).toEqual([
      { action: 'rebuild', services: ['api'], paths: expect.arrayContaining(['uv.lock', 'shared']) },
    ]);
    expect(rules[0]?.paths).not.toContain('backend');
  });

  test('reaches what runs beside the app', () => {
    const { services, rules } = developed(PLAIN, {}, (app, stack) => {
      new Worker(stack, 'emails', { app, command: ['celery'], processes: 4 });
      new Job(stack, 'migrate', { app, command: ['alembic'] });
      new Schedule(stack, 'nightly', { app, command: ['true'], cron: '0 3 * * *' });
    });
    for (const id of ['emails', 'migrate', 'nightly']) expect(mountAt(services[id]), id).toBeDefined();
    expect(services['emails']?.deploy.replicas).toBe(1);
    expect(rules).toContainEqual({ action: 'restart', services: ['emails', 'nightly'], paths: ['.'] });
  });

  test('restarts a command of the user, which nobody can tell to reload', () => {
    const { services, rules } = developed(PLAIN, { command: ['granian', 'main:app'] });
    expect(services['api']?.command).toEqual(['granian', 'main:app']);
    expect(rules).toContainEqual({ action: 'restart', services: ['api'], paths: ['.'] });
  });

  test('behind a Dockerfile of the user is in the image, which is built anew', () => {
    const { services, rules } = developed(
      { ...PLAIN, Dockerfile: 'FROM python\n' },
      { build: { dockerfile: 'Dockerfile' } },
    );
    expect(mountAt(services['api'])).toBeUndefined();
    expect(services['api']?.command).not.toContain('--reload');
    expect(rules).toEqual([{ action: 'rebuild', services: ['api'], paths: ['.'] }]);
  });
});

test('databases, secrets and files are there as they are when it is deployed', () => {
  const stack = new Stack('shop');
  const db = new Postgres(stack, 'db', { version: '18', database: 'shop' });
  imageApp(stack, 'api', {
    connections: { DATABASE_URL: db },
    secrets: [new Secret(stack, 'api_key', { as: 'environment' })],
    files: { '/etc/motto': new ConfigFile(stack, 'motto', { content: 'it costs $5\n' }) },
  });
  const files = synthesizeDevelopment(stack);
  const { services, secrets } = parse(files[0]?.content ?? '') as ComposeFile<BackgroundService>;
  expect(services['db']?.image).toMatch(/^postgres:18/);
  expect(services['api']?.depends_on).toEqual({ db: { condition: 'service_healthy' } });
  expect(services['api']?.entrypoint).toContain('API_KEY=/run/secrets/api_key');
  expect(secrets).toEqual({ db_password: { file: './secrets/db_password' }, api_key: { file: './secrets/api_key' } });
  expect(files.find(({ path }) => path === 'files/motto')?.content).toBe('it costs $5\n');
});
