import { AsgiApp, Job, Stack, synthesize, Volume } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { applyVersion } from '../../../../src/deployment/kubernetes/apply.js';
import { neededBy, runJob } from '../../../../src/deployment/kubernetes/job.js';
import { objectsOf, titleOf } from '../../../../src/deployment/kubernetes/objects.js';
import { readRevisions } from '../../../../src/deployment/kubernetes/revisions.js';
import { FakeCommands } from '../../support/commands.js';
import { planWith, podWith } from './support.js';

const JOB = { id: 'migrate', app: 'api', timeout: 60, stopGrace: 7 };

function output() {
  const stack = new Stack('shop');
  const volumes = { '/data': new Volume(stack, 'data') };
  const app = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', volumes });
  new Job(stack, 'migrate', { app, command: ['alembic', 'upgrade', 'head'] });
  const files = synthesize(stack, 'kubernetes');
  return { files, version: { folder: '/out', objects: objectsOf(files), plan: planWith(), secrets: {} } };
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

const run = (commands: FakeCommands) =>
  runJob({
    ...{ kubectl: commands.kubectl, version, files, job: JOB },
    ...{ signal: new AbortController().signal, guard: () => undefined },
  }).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a job on Kubernetes', () => {
  test('needs its own objects and what they are in, and nothing that those who serve would feel', () => {
    expect(neededBy(JOB, version, files).map(titleOf)).toEqual([
      'Namespace/shop',
      'PersistentVolumeClaim/shop-data',
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
    await applyVersion(commands.kubectl, {
      ...version,
      objects: version.objects.filter(({ kind }) => kind !== 'Deployment'),
    });
    expect(commands.ran).toEqual(['apply --filename -']);
    expect(commands.inputs.join()).not.toContain('"kind":"Job"');
  });
});

test('a worker reads the secrets of its app', () => {
  const workers = [{ id: 'emails', app: 'api', processes: 1, startup: 1, stopGrace: 1 }];
  expect(readRevisions(planWith({ workers }), 'emails', { api_key: 2 })).toBe('api_key=2');
});
