import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { WORLD, type World } from '../../../src/cli/world.js';
import { runCli, runCliWith } from '../support/cli.js';
import { makeProject } from '../support/project.js';
import { LAYOUTS, type Layout } from './layouts.js';
import { transcript } from './transcript.js';

const WHOLE = LAYOUTS['alembic, Postgres and Celery']!;

/** Compose files beside projects whose code tells more, or something else. */
const FROM: Readonly<Record<string, Layout>> = {
  'a file that says less than the code': {
    ...WHOLE,
    'compose.yaml':
      'services:\n  web:\n    build: .\n    command: uvicorn app.main:app --workers 3\n    environment:\n      DATABASE_URL: postgresql+asyncpg://shop:secret@db/shop\n    ports: ["8000:8000"]\n  db:\n    image: postgres:17\n    environment: {POSTGRES_USER: shop, POSTGRES_DB: shop, POSTGRES_PASSWORD: secret}\n',
  },
  'a file that says something else': {
    ...LAYOUTS['a uv workspace with a backend']!,
    'compose.yaml':
      'services:\n  backend:\n    build: ./backend\n    command: uvicorn app.main:app --root-path /shop\n    healthcheck: {test: "curl -f http://localhost:8000/up"}\n    labels:\n      traefik.http.routers.a.rule: Host(`shop.example.com`)\n',
  },
  'settings that no service gives': {
    ...LAYOUTS['a factory with pydantic-settings']!,
    'compose.yaml':
      'services:\n  api:\n    build: .\n    command: uvicorn shop.factory:create_app --factory\n    environment:\n      SMTP_HOST: mail.example.org\n',
  },
  'a file that runs everything': {
    ...WHOLE,
    'compose.yaml':
      'services:\n  api: &api\n    build: .\n    command: uvicorn app.main:app\n    environment:\n      DATABASE_URL: postgresql+asyncpg://shop:secret@db/shop\n      REDIS_URL: redis://redis\n      CELERY_BROKER_URL: redis://redis\n      JWT_SECRET: verysecret\n    depends_on:\n      migrate: {condition: service_completed_successfully}\n  migrate:\n    <<: *api\n    command: alembic upgrade head\n    depends_on: [db]\n  worker:\n    <<: *api\n    command: celery -A app.tasks worker -c 2\n  beat:\n    <<: *api\n    command: celery -A app.tasks beat\n  db:\n    image: postgres:18\n    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: secret}\n  redis:\n    image: redis:8\n',
  },
};

describe('synth init --from', () => {
  test.each(Object.entries(FROM))('takes over %s', async (title, layout) => {
    using project = makeProject(layout);
    const result = await runCli(project.directory, 'init', '--yes', '--from', 'compose.yaml');
    const name = title.replaceAll(/[^a-z0-9]+/g, '-');
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/init-from-${name}.txt`);
    const text = project.contents()['stacks/project.ts'] ?? '';
    expect(text).toBe(await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
    expect(await runCli(project.directory, '--target', 'all')).toMatchObject({ code: 0 });
  });

  test('asks for the name, for hosts where nothing names any, and before it changes a file', async () => {
    const asked: string[] = [];
    const answers = ['shop', 'shop.example.com', 'no'];
    const world: World = {
      ...WORLD,
      ask: (question) => Promise.resolve(answers[asked.push(question) - 1] ?? ''),
    };
    using project = makeProject(FROM['settings that no service gives']!);
    const { code, stdout } = await runCliWith(world, project.directory, 'init', '--from', 'compose.yaml');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'stacks/shop.ts\n.gitignore\n' });
    expect(asked).toEqual([
      'Name of the stack [project]: ',
      'Host names that it answers, or any [any]: ',
      'Change .env.example like this? [Y/n]: ',
    ]);
    expect(project.contents()['stacks/shop.ts']).toContain("  hosts: ['shop.example.com'],\n");
  });

  test('does not ask for hosts that Compose names', async () => {
    const asked: string[] = [];
    const world: World = { ...WORLD, ask: (question) => Promise.resolve((asked.push(question), '')) };
    using project = makeProject(FROM['a file that says something else']!);
    expect(await runCliWith(world, project.directory, 'init', '--from', 'compose.yaml')).toMatchObject({ code: 0 });
    expect(asked).toEqual(['Name of the stack [project]: ']);
  });

  test('as JSON is both what was found and what is left', async () => {
    using project = makeProject(FROM['a file that says something else']!);
    const { code, stdout, stderr } = await runCli(project.directory, 'init', '--json', '--from', 'compose.yaml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      from: 'compose.yaml',
      services: [{ service: 'backend', becomes: 'AsgiApp backend' }],
      conflicts: [
        expect.stringContaining('health is /up in compose.yaml:5'),
        expect.stringContaining('the path prefix is /shop'),
      ],
      written: ['stacks/project.ts', '.gitignore'],
    });
  });

  test('of no file is said as of any', async () => {
    using project = makeProject(WHOLE);
    expect(await runCli(project.directory, 'init', '--yes', '--from', 'none.yaml')).toMatchObject({
      code: 1,
      stderr: 'none.yaml is not a file that can be read; name your Compose file\n',
    });
  });
});
