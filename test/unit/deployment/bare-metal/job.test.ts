import { describe, expect, test } from 'vitest';
import { containerDrift } from '../../../../src/deployment/bare-metal/drift.js';
import { runJob } from '../../../../src/deployment/bare-metal/job.js';
import type { Place } from '../../../../src/deployment/bare-metal/place.js';
import { servicesOf } from '../../../../src/deployment/bare-metal/services.js';
import { appsOf } from '../../../../src/deployment/bare-metal/status.js';
import { sweepOf } from '../../../../src/deployment/bare-metal/sweep.js';
import { RolloutFailure } from '../../../../src/deployment/cause.js';
import type { Rollout } from '../../../../src/deployment/deployer.js';
import { SILENT } from '../../../../src/deployment/report.js';
import type { OutputFile } from '../../../../src/targets/target.js';
import { FakeCommands, type Answer } from '../../support/commands.js';
import { container, inspected, plan, release, service } from './support.js';

const JOB = { id: 'migrate', app: 'api', timeout: 60, stopGrace: 7 };
const PLAN = plan({ jobs: [JOB] });
const FILES: OutputFile[] = [
  { path: 'compose.yaml', content: 'services: { api: { image: "api:2" }, migrate: { image: "api:2" }, nginx: {} }' },
  { path: 'nginx/nginx.conf', content: 'new' },
];

async function runWith(answer: Answer, given: Partial<Rollout> = {}) {
  const commands = new FakeCommands(answer);
  const written: (readonly OutputFile[])[] = [];
  const place = {
    directory: '/srv/shop',
    composeFile: '/srv/shop/compose.yaml',
    write: (files: readonly OutputFile[]) => Promise.resolve(void written.push(files)),
  } as unknown as Place;
  const rollout = { plan: PLAN, files: FILES, signal: new AbortController().signal, ...given } as Rollout;
  const failure = await runJob({ docker: commands.docker, placeOf: () => place }, rollout, JOB, SILENT).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ran: commands.ran, written, failure };
}

describe('a job on bare metal', () => {
  test('runs in a container of its own that stops in its own time and is gone afterwards', async () => {
    const { ran, failure } = await runWith((words) => (words.startsWith('image') ? 'sha256:1' : ''));
    expect(failure).toBeUndefined();
    const end = ['stop --time 7 shop_migrate', 'rm --force --volumes shop_migrate'];
    expect(ran.slice(1)).toEqual([
      ...end,
      'compose --project-name shop --project-directory /srv/shop --file /srv/shop/compose.yaml --progress quiet run --name shop_migrate --no-deps --no-TTY migrate',
      ...end,
    ]);
  });

  test('leaves what serves its own nginx configuration', async () => {
    const before = release(1, { files: [{ path: 'nginx/nginx.conf', content: 'old' }] });
    const { written } = await runWith(() => 'x', { previous: before });
    expect(written).toEqual([[FILES[0], { path: 'nginx/nginx.conf', content: 'old' }]]);
  });

  test('that fails is a failed migration with its last lines', async () => {
    const { failure, ran } = await runWith((words) => {
      if (words.startsWith('compose')) return { exitCode: 3, stderr: 'upgrading\nno such table: users\n' };
      return words.startsWith('inspect') ? 'false\n' : 'x';
    });
    expect(failure).toBeInstanceOf(RolloutFailure);
    expect(failure).toMatchObject({
      why: 'migration-failed',
      message: 'migration failed: exit code 3',
      app: 'migrate',
      logs: ['upgrading', 'no such table: users'],
    });
    expect(ran.at(-1)).toBe('rm --force --volumes shop_migrate');
  });

  test('that is interrupted is ended', async () => {
    const time = new AbortController();
    const { failure, ran } = await runWith(
      (words) => {
        if (words.startsWith('compose')) time.abort(new Error('out of time'));
        return 'x';
      },
      { signal: time.signal },
    );
    expect(failure).toMatchObject({ message: 'out of time' });
    expect(ran.slice(-2)).toEqual(['stop --time 7 shop_migrate', 'rm --force --volumes shop_migrate']);
  });
});

test('a job of the first release finds the databases of the stack', async () => {
  const { ran, failure } = await runWith(
    (words) => {
      if (words.startsWith('image')) return 'sha256:1';
      if (words.startsWith('ps')) return engine.up ? 'db1' : '';
      if (words.startsWith('container inspect')) return JSON.stringify([inspected({ service: 'db' })]);
      if (words.includes(' up ')) engine.up = true;
      return '';
    },
    { plan: { ...PLAN, databases: [{ id: 'db', image: 'postgres:18', startup: 10 }] } },
  );
  expect(failure).toBeUndefined();
  expect(
    ran.filter((words) => words.startsWith('compose')).map((words) => words.replace(/.*--progress quiet /, '')),
  ).toEqual([
    'up --detach --no-deps --no-build --no-recreate --scale db=1 db',
    'run --name shop_migrate --no-deps --no-TTY migrate',
  ]);
});

const engine = { up: false };

describe('the service of a job', () => {
  const services = servicesOf(FILES, PLAN);
  const left = container({ service: 'migrate', state: { Status: 'exited' } });

  test('is told from others', () => {
    expect(services.map(({ name, kind }) => [name, kind])).toEqual([
      ['api', 'app'],
      ['migrate', 'job'],
      ['nginx', 'edge'],
    ]);
  });

  test('is left as `docker compose up` has left it, and is nothing that could be missing', () => {
    const wanted = {
      ...{ services: [service('migrate', { kind: 'job' })], hashes: new Map(), imageIds: new Map() },
      ...{ secretsSince: new Map(), directory: '/srv/shop', refused: new Set<string>() },
    };
    expect(sweepOf([left], wanted)).toEqual({ steps: [], orphans: [] });
    expect(containerDrift([left], wanted.services, new Map())).toEqual([]);
    expect(appsOf(release(1, { plan: PLAN }), [left], new Map()).map(({ app }) => app)).toEqual(['api']);
  });
});
