import { AsgiApp, ConfigFile, Job, Postgres, Stack, synthesize, Volume } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { applyVersion } from '../../../../src/deployment/kubernetes/apply.js';
import { neededBy, runJob, type RunningJob } from '../../../../src/deployment/kubernetes/job.js';
import { objectsOf, titleOf } from '../../../../src/deployment/kubernetes/objects.js';
import { readRevisions } from '../../../../src/deployment/kubernetes/revisions.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { FakeCommands } from '../../support/commands.js';
import { deploymentWith, planWith, podWith } from './support.js';

const JOB = { id: 'migrate', app: 'api', timeout: 60, stopGrace: 7 };

function output() {
  const stack = new Stack('shop');
  const volumes = { '/data': new Volume(stack, 'data') };
  const files = { '/etc/app.toml': new ConfigFile(stack, 'settings', { content: 'x' }) };
  const app = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', volumes, files });
  new Job(stack, 'migrate', { app, command: ['alembic', 'upgrade', 'head'] });
  const output = synthesize(stack, 'kubernetes');
  return { files: output, version: { folder: '/out', objects: objectsOf(output), plan: planWith(), secrets: {} } };
}

const { files, version } = output();
const NAME = version.objects.find(({ kind }) => kind === 'Job')!.metadata.name;

/** A cluster on which a Job ends with a condition, its pod with an exit code. */
function clusterWith(type: 'Complete' | 'Failed', exitCode = 0) {
  return new FakeCommands((words) => {
    if (words.startsWith('get jobs'))
      return JSON.stringify({ kind: 'Job', status: { conditions: [{ type, status: 'True' }] } });
    if (words.startsWith('get pods')) return JSON.stringify(podWith({ state: { terminated: { exitCode } } }));
    return words.startsWith('logs') ? 'upgrading\nno such table: users\n' : '';
  });
}

const run = (commands: FakeCommands, given: Partial<RunningJob> = {}) =>
  runJob({
    ...{ kubectl: commands.kubectl, version, files, job: JOB, report: SILENT },
    ...{ course: { sight: NOTHING, live: [], served: new Set<string>() } },
    ...{ signal: new AbortController().signal, guard: () => undefined },
    ...given,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );

const NOTHING = { deployments: [], replicaSets: [], pods: [] };

describe('a job on Kubernetes', () => {
  test('needs its own objects and what they are in, and nothing that those who serve would feel', () => {
    expect(neededBy({ job: JOB, version, files }).map(titleOf)).toEqual([
      'Namespace/shop',
      'PersistentVolumeClaim/shop-data',
      expect.stringMatching(/^ConfigMap\/shop-settings-/),
      expect.stringMatching(/^ConfigMap\/shop-migrate-/),
      'ServiceAccount/shop-migrate',
      'NetworkPolicy/shop-migrate',
      `Job/${NAME}`,
    ]);
  });

  test('runs anew where an earlier deployment has left it', async () => {
    const commands = clusterWith('Complete');
    expect(await run(commands)).toBeUndefined();
    expect(commands.ran.slice(0, 2)).toEqual([
      `delete jobs.batch ${NAME} --ignore-not-found --cascade=foreground`,
      'apply --filename -',
    ]);
  });

  test('that fails is a failed migration with its last lines', async () => {
    expect(await run(clusterWith('Failed', 3))).toMatchObject({
      why: 'migration-failed',
      message: 'migration failed: exit code 3: no such table: users',
      app: 'migrate',
      logs: ['upgrading', 'no such table: users'],
    });
  });

  test('is not applied with the rest: one that the cluster has forgotten would run again', async () => {
    const commands = new FakeCommands(() => '');
    await applyVersion(
      commands.kubectl,
      {
        ...version,
        objects: version.objects.filter(({ kind }) => kind !== 'Deployment'),
      },
      SILENT,
    );
    expect(commands.ran.filter((words) => !words.startsWith('get '))).toEqual(['apply --filename -']);
    expect(commands.inputs.join()).not.toContain('"kind":"Job"');
  });
});

describe('a job with a database', () => {
  const stack = new Stack('shop');
  const db = new Postgres(stack, 'db', { version: '18', database: 'shop', storage: '1Gi' });
  const connections = { DATABASE_URL: db.url('asyncpg') };
  const app = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', connections });
  new Job(stack, 'migrate', { app, command: ['alembic', 'upgrade', 'head'] });
  const own = synthesize(stack, 'kubernetes');
  const plan = planWith({ databases: [{ id: 'db', image: 'postgres:18', startup: 10 }] });
  const given = { files: own, version: { folder: '/out', objects: objectsOf(own), plan, secrets: {} } };

  /** The database is up as soon as it is asked for. */
  function cluster() {
    const done = clusterWith('Complete');
    const up = deploymentWith(
      { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
      { replicas: 1 },
    );
    const live = { ...up, metadata: { ...up.metadata, name: 'shop-db' } };
    return new FakeCommands((words) =>
      words.startsWith('get deployments') ? JSON.stringify(live) : done.answered(words),
    );
  }

  const kindsIn = (input: string) =>
    (JSON.parse(input) as { items: { kind: string; metadata: { name: string } }[] }).items.map(titleOf);

  test('finds it in the first release', async () => {
    const commands = cluster();
    expect(await run(commands, given)).toBeUndefined();
    expect(commands.inputs.filter(Boolean).map(kindsIn)[0]).toEqual(
      expect.arrayContaining(['PersistentVolumeClaim/shop-db-data', 'Deployment/shop-db', 'Service/shop-db']),
    );
  });

  test('leaves one alone that is there, but for who is let in', async () => {
    const commands = cluster();
    const live = given.version.objects.filter(({ metadata }) => metadata.name === 'shop-db');
    expect(await run(commands, { ...given, course: { sight: NOTHING, live, served: new Set() } })).toBeUndefined();
    expect(commands.inputs.filter(Boolean).map(kindsIn)[0]).toEqual(['NetworkPolicy/shop-db']);
  });

  test('is let in by it', () => {
    const policy = given.version.objects.find((object) => titleOf(object) === 'NetworkPolicy/shop-db');
    expect(JSON.stringify(policy)).toContain('"app.kubernetes.io/name":"migrate"');
  });
});

test('a worker reads the secrets of its app', () => {
  const workers = [{ id: 'emails', app: 'api', processes: 1, startup: 1, stopGrace: 1 }];
  expect(readRevisions(planWith({ workers }), 'emails', { api_key: 2 })).toBe('api_key=2');
});
