import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Rollout } from '../../../../src/deployment/deployer.js';
import { jobFailure, runJob } from '../../../../src/deployment/swarm/job.js';
import { Manager } from '../../../../src/deployment/swarm/manager.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { FakeCommands } from '../../support/commands.js';
import { stackYaml, withServices } from '../../../../src/deployment/swarm/stack-yaml.js';
import { node, plan, service, snapshot, task } from './support.js';

const JOB = { id: 'migrate', app: 'api', timeout: 60, stopGrace: 7 };

const found = service({ replicas: 1, image: 'postgres:18' });
const database = { ...found, Spec: { ...found.Spec, Name: 'shop_db' } };

/** A Swarm on which a job ends in a state; whether the network of the stack is there. */
function swarmWith(state: 'complete' | 'failed', network = false) {
  let deployed = false;
  const commands = new FakeCommands((words) => {
    if (words.startsWith('stack deploy --compose-file')) deployed = true;
    if (words.startsWith('stack rm')) deployed = false;
    if (words.startsWith('network ls') && words.includes('=shop ')) return network ? 'shop_default' : '';
    if (words.startsWith('service ls') && words.includes('=shop_migrate ')) return deployed ? 'shop_migrate_job' : '';
    if (words.startsWith('service ls --quiet')) return 's1';
    if (words.startsWith('service inspect')) return JSON.stringify([database]);
    if (words.startsWith('service ps --quiet --no-trunc s1')) return 't2';
    if (words === 'inspect --type task t2') return JSON.stringify([task({ id: 't2', image: 'postgres:18' })]);
    if (words.startsWith('node ls')) return 'n1';
    if (words.startsWith('node inspect')) return JSON.stringify([node]);
    if (words.startsWith('service ps')) return 't1';
    if (words.startsWith('service logs')) return 'upgrading\nno such table: users\n';
    if (words.startsWith('inspect'))
      return JSON.stringify([task({ id: 't1', state, exitCode: state === 'failed' ? 3 : 0 })]);
    return '';
  });
  return { commands, manager: new Manager(commands.docker, 'n9') };
}

async function runWith(state: 'complete' | 'failed', network = false, given: Partial<Rollout> = {}) {
  const { commands, manager } = swarmWith(state, network);
  const files = [{ path: 'jobs/migrate.yaml', content: '' }];
  const rollout = { plan: plan(), files, secrets: {}, signal: new AbortController().signal, ...given };
  const failure = await runJob(manager, rollout as unknown as Rollout, JOB, {
    before: snapshot([], []),
    report: SILENT,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, ran: commands.ran };
}

describe('a job on a Swarm', () => {
  test('runs in a stack of its own, on the network of the apps, and is gone afterwards', async () => {
    const { failure, ran } = await runWith('complete');
    expect(failure).toBeUndefined();
    const changes = ran.filter((words) => /^(network create|stack (deploy --compose|rm))/.test(words));
    expect(changes).toEqual([
      'network create --driver overlay --label com.docker.stack.namespace=shop shop_default',
      'stack deploy --compose-file jobs/migrate.yaml --prune --resolve-image never --with-registry-auth shop_migrate',
      'stack rm shop_migrate',
    ]);
  });

  test('makes no network that is there', async () => {
    const { ran } = await runWith('complete', true);
    expect(ran.filter((words) => words.startsWith('network create'))).toEqual([]);
  });

  test('that fails is a failed migration with its last lines, and is gone as well', async () => {
    const { failure, ran } = await runWith('failed');
    expect(failure).toMatchObject({
      why: 'migration-failed',
      message: 'migration failed: exit code 3: no such table: users',
      app: 'migrate',
      logs: ['upgrading', 'no such table: users'],
    });
    expect(ran).toContain('stack rm shop_migrate');
  });
});

describe('a job with a database', () => {
  const content =
    'services: { api: { image: "api:2" }, db: { image: "postgres:18", volumes: [{ type: volume, source: data }] } }\nvolumes: { data: {}, other: {} }';
  const given = {
    plan: plan({ databases: [{ id: 'db', image: 'postgres:18', startup: 10 }] }),
    files: [
      { path: 'jobs/migrate.yaml', content: '' },
      { path: 'stack.yaml', content },
    ],
  };

  test('finds it in the first release', async () => {
    const { failure, ran } = await runWith('complete', true, given);
    expect(failure).toBeUndefined();
    expect(ran.filter((words) => words.startsWith('stack deploy --compose-file'))).toEqual([
      'stack deploy --compose-file databases.yaml --resolve-image never --with-registry-auth shop',
      expect.stringContaining('jobs/migrate.yaml'),
    ]);
  });

  test('has nothing but that and what it needs started for it', () => {
    expect(parse(withServices(stackYaml(given.files), ['db']))).toEqual({
      services: { db: { image: 'postgres:18', volumes: [{ type: 'volume', source: 'data' }] } },
      volumes: { data: {} },
      configs: {},
      secrets: {},
    });
  });
});

describe('a job that was not started', () => {
  const rejected = (error: string) => {
    const one = task({ state: 'rejected', error });
    return { ...one, Status: { ...one.Status, ContainerStatus: {} } };
  };

  test('names what kept it, which is no fault of the migration', () => {
    expect(jobFailure(JOB, rejected('No such image: api:2'), false, []).why).toBe('image-not-pulled');
    expect(jobFailure(JOB, rejected('no suitable node'), false, []).why).toBe('not-schedulable');
  });
});
