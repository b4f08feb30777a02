import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RolloutFailure } from '../../../src/deployment/cause.js';
import { CommandFailed } from '../../../src/deployment/docker.js';
import { until } from '../../../src/deployment/wait.js';
import { userError } from '../../../src/errors.js';
import { runCliWith } from '../support/cli.js';
import { FakeDeployer } from '../support/deployer.js';
import { makeProject } from '../support/project.js';

const stackFile = (image: string, more = '') => `import { AsgiApp, Schedule, Secret, Stack, Worker } from 'asgi-synth';
const stack = new Stack('shop', { accept: { 'schedule-catch-up': 'a report can wait' } });
const token = new Secret(stack, 'api_token');
new AsgiApp(stack, 'api', { image: '${image}', module: 'main:app', secrets: [token], ${more} });
export default stack;
`;

/** A project of version 1, and an engine on which nothing is deployed. */
function opened() {
  const project = makeProject({ 'stacks/shop.ts': stackFile('acme/api:1') });
  const deployer = new FakeDeployer();
  return {
    project,
    deployer,
    write: (image: string, more?: string) =>
      writeFileSync(join(project.directory, 'stacks/shop.ts'), stackFile(image, more)),
    synth: (...args: readonly string[]) => runCliWith(deployer.world, project.directory, ...args),
    [Symbol.dispose]: () => project[Symbol.dispose](),
  };
}

const AT_SWARM = ['--target', 'swarm'];
const BY_HAND = { app: 'api', image: 'acme/api:1', wanted: 2, healthy: 2, containers: [] };
const deployed = async (life: ReturnType<typeof opened>, ...images: readonly string[]) => {
  for (const image of images) {
    life.write(image);
    expect(await life.synth('deploy', ...AT_SWARM)).toMatchObject({ code: 0 });
  }
  life.deployer.calls.length = 0;
};

describe('synth deploy', () => {
  test('names the engine first, and what serves at its end', async () => {
    using life = opened();
    const { code, stdout, stderr } = await life.synth('deploy', ...AT_SWARM, '--context', 'production');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop release 1 serves: api 2 processes\n' });
    expect(stderr.split('\n')).toEqual([
      'deploying shop on Fake Engine 1.0 (context test)',
      'pruned config shop_old',
      'next: npx synth status --target swarm --context production, npx synth logs --target swarm --context production --follow, npx synth rollback --target swarm --context production',
      '',
    ]);
    expect(life.deployer.calls).toEqual([
      'connect swarm in production',
      'storeSecrets',
      'roll 1',
      'remember 1',
      'prune',
    ]);
    expect(Object.keys(life.project.contents())).toContain('out/shop/swarm/stack.yaml');
  });

  test('makes no release of what serves already', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1', 'acme/api:2');
    const { code, stdout } = await life.synth('deploy', ...AT_SWARM);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop release 2 serves: api 2 processes\n' });
    expect(life.deployer.calls).toEqual(['connect swarm', 'storeSecrets', 'roll 2']);
    expect((await life.deployer.ledger('shop')).releases.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('writes nothing where a secret has no value', async () => {
    using life = opened();
    life.deployer.storeSecrets = () => Promise.reject(userError('secret api_token has no value'));
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'deploying shop on Fake Engine 1.0 (context test)\nsecret api_token has no value\n',
    });
    expect(Object.keys(life.project.contents()).filter((path) => path.startsWith('out'))).toEqual([]);
  });

  test('builds nothing for an engine that is not right, or without the value of a secret', async () => {
    using life = opened();
    life.deployer.valueless = [{ message: 'secret api_token has no value' }];
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM, '--build');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'deploying shop on Fake Engine 1.0 (context test)\nsecret api_token has no value\n',
    });
    expect(life.deployer.asked).toEqual([{ imagesStay: true }]);
    life.deployer.complaints = [{ message: 'this engine is no Swarm manager' }];
    expect((await life.synth('deploy', ...AT_SWARM, '--build')).stderr).toContain('this engine is no Swarm manager\n');
    expect(Object.keys(life.project.contents())).toEqual(['stacks', 'stacks/shop.ts']);
  });

  test('prints the same as JSON', async () => {
    using life = opened();
    const { stdout } = await life.synth('deploy', ...AT_SWARM, '--stage', 'staging', '--json');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      ok: true,
      release: 1,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      by: expect.stringMatching(/^.+@.+$/) as string,
      apps: [{ app: 'api', image: 'acme/api:1', processes: 2 }],
      pruned: ['config shop_old'],
      serving: 1,
      name: 'shop-staging',
      target: 'swarm',
      engine: 'Fake Engine 1.0 (context test)',
    });
  });

  test('says in one line why it failed and what serves, with the last log lines', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.rolling = () => {
      const logs = ['Traceback (most recent call last):', 'RuntimeError: no database'];
      throw new RolloutFailure('crashed-at-start', 'exit code 1: RuntimeError: no database', { app: 'api', logs });
    };
    life.write('acme/api:2');
    const { code, stdout, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n').slice(2)).toEqual([
      'shop/api: crashed at start: exit code 1: RuntimeError: no database; release 1 serves on',
      '  Traceback (most recent call last):',
      '  RuntimeError: no database',
      'next: mend what the lines above say of api, then npx synth deploy --target swarm',
      '',
    ]);
    const json = await life.synth('deploy', ...AT_SWARM, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      cause: 'crashed-at-start',
      app: 'api',
      message: 'crashed at start: exit code 1: RuntimeError: no database',
      logs: ['Traceback (most recent call last):', 'RuntimeError: no database'],
      serving: 1,
    });
    expect((await life.deployer.ledger('shop')).releases).toHaveLength(1);
  });

  test('ends with 3 where nothing serves, and hints at the build where an image is missing', async () => {
    using life = opened();
    life.deployer.rolling = () => {
      throw new RolloutFailure('image-not-pulled', 'shop-api:1 not found', { app: 'api' });
    };
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect(code).toBe(3);
    expect(stderr).toContain('shop/api: image cannot be pulled: shop-api:1 not found; nothing serves\n');
    expect(stderr).toContain('next: npx synth build --target swarm --push if the image is one of this stack, ');
  });

  test('ends with 1 where what somebody else started serves on', async () => {
    using life = opened();
    life.deployer.byHand = [BY_HAND];
    life.deployer.rolling = () => {
      throw new RolloutFailure('port-in-use', 'port 80 of the host', { app: 'nginx' });
    };
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect(code).toBe(1);
    expect(stderr).toContain('shop/nginx: port in use: port 80 of the host; what ran before serves on\n');
    const json = await life.synth('deploy', ...AT_SWARM, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, serves: true, serving: null });
  });

  test.each([
    ['unhealthy', 'api', [], 'see that api answers / at port 8000 with a status below 500, then npx synth deploy'],
    ['unhealthy', 'nginx', [], 'mend what the line above says of nginx, then npx synth deploy'],
    ['crashed-at-start', 'api', ['boom'], 'mend what the lines above say of api, then npx synth deploy'],
    ['port-in-use', 'nginx', [], 'stop what has the port, which npx synth doctor --target swarm names, or give the stack another httpPort or httpsPort, then npx synth deploy'], // prettier-ignore
    ['out-of-memory', 'api', [], 'give api more memory, then npx synth deploy'],
    ['not-schedulable', 'api', [], 'make room for api as the line above says, then npx synth deploy'],
    ['migration-failed', 'migrate', ['boom'], 'mend what the lines above say of migrate, then npx synth deploy'],
    ['timeout', undefined, [], 'see what took so long, or give it more time with --timeout SECONDS: npx synth deploy'],
    ['interrupted', undefined, [], 'npx synth deploy'],
    [
      'engine-failed',
      undefined,
      [],
      'npx synth doctor --target swarm says what the engine lacks, then npx synth deploy',
    ],
  ] as const)('says last what to do where it ended with %s of %s', async (why, app, logs, next) => {
    using life = opened();
    life.deployer.rolling = () => {
      throw new RolloutFailure(why, '', { logs, ...(app === undefined ? {} : { app }) });
    };
    const { stderr } = await life.synth('deploy', ...AT_SWARM, '--image', 'nginx=mirror/nginx:1');
    expect(stderr.split('\n').at(-2)).toBe(`next: ${next} --target swarm --image nginx=mirror/nginx:1`);
  });

  test('says last the very command, with the tag that it had', async () => {
    using life = opened();
    life.deployer.rolling = () => {
      throw new RolloutFailure('out-of-memory', '', { app: 'api', logs: [] });
    };
    const { stderr } = await life.synth('deploy', ...AT_SWARM, '--tag', 'v1');
    expect(stderr).toContain('then npx synth deploy --target swarm --tag v1\n');
  });

  test('goes back when its time is up', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.rolling = ({ signal }) => until(() => Promise.resolve(undefined), { signal, everyMilliseconds: 20 });
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM, '--timeout', '1');
    expect(code).toBe(1);
    expect(stderr).toContain('shop: timeout: not done after 1 s; release 1 serves on\n');
    expect(life.deployer.calls).toContain('revert');
    expect(life.deployer.holder).toBeUndefined();
  });

  test('goes back at Ctrl-C', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.rolling = ({ signal }) => {
      setTimeout(() => process.emit('SIGINT'), 20);
      return until(() => Promise.resolve(undefined), { signal, everyMilliseconds: 20 });
    };
    const listeners = process.listenerCount('SIGINT');
    const { code, stdout } = await life.synth('deploy', ...AT_SWARM, '--json');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, cause: 'interrupted', serving: 1 });
    expect(life.deployer.calls).toContain('revert');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  test('goes back when the engine fails', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.rolling = () => {
      throw new CommandFailed(['docker', 'service', 'ls'], 1, 'Cannot connect to the Docker daemon');
    };
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'shop: the engine failed: docker service ls failed with 1: Cannot connect to the Docker daemon; release 1 serves on\n',
    );
  });

  test('goes back at a fault of ours, and shows where it is', async () => {
    using life = opened();
    life.deployer.rolling = () => {
      throw new TypeError('x is undefined');
    };
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /this is a fault of asgi-synth, not of yours; please report it with these lines:\nTypeError: x is undefined\n {4}at /,
    );
    expect(life.deployer.calls).toContain('revert');
  });

  test('is refused by an engine that is not right, before anything is written', async () => {
    using life = opened();
    life.deployer.complaints = [{ message: 'this engine is no Swarm manager; make it one with: docker swarm init' }];
    const { code, stderr, stdout } = await life.synth('deploy', ...AT_SWARM, '--json');
    expect(code).toBe(1);
    expect(stderr).toContain('\nthis engine is no Swarm manager; make it one with: docker swarm init\n');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, errors: [{ message: expect.any(String) as string }] });
    expect(Object.keys(life.project.contents())).toEqual(['stacks', 'stacks/shop.ts']);
  });

  test('is refused while another one holds the lock, before anything is written', async () => {
    using life = opened();
    life.deployer.holder = 'ada@laptop';
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect({ code, held: life.deployer.holder }).toEqual({ code: 1, held: 'ada@laptop' });
    expect(stderr).toContain('ada@laptop deploys it since 12:00; wait until that is done');
    expect(Object.keys(life.project.contents())).not.toContain('out');
  });

  test('gives values of secrets to the engine and to nothing else', async () => {
    using life = opened();
    process.env['API_TOKEN'] = 'canary-4711';
    try {
      const { stdout, stderr } = await life.synth('deploy', ...AT_SWARM, '--json');
      expect(life.deployer.stored).toEqual({ api_token: ['canary-4711'] });
      expect(`${stdout}${stderr}${JSON.stringify(life.project.contents())}`).not.toContain('canary');
    } finally {
      delete process.env['API_TOKEN'];
    }
  });

  test('changes nothing with --dry-run', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    const before = life.project.contents();
    life.write('acme/api:2');
    const { code, stdout, stderr } = await life.synth('deploy', ...AT_SWARM, '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'checking shop on Fake Engine 1.0 (context test)\n' });
    expect(stdout).toContain('    image: "acme/api:1" -> "acme/api:2"\n');
    expect(life.deployer.calls).toEqual(['connect swarm']);
    expect({ ...life.project.contents(), 'stacks/shop.ts': '' }).toEqual({ ...before, 'stacks/shop.ts': '' });
    expect(JSON.parse((await life.synth('deploy', ...AT_SWARM, '--dry-run', '--json')).stdout)).toMatchObject({
      ok: true,
      release: 1,
    });
  });

  test('asks no engine about a stack that is wrong', async () => {
    using life = opened();
    life.write('acme/api:1', 'processes: 0');
    const { code, stderr } = await life.synth('deploy', ...AT_SWARM);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'stacks/shop.ts:4:1 shop/api: processes must be a whole number from 1 to 1000, got 0\n',
    });
    expect(life.deployer.calls).toEqual([]);
  });
});

describe('a job', () => {
  const withJobs = (image: string) => `import { AsgiApp, Job, Stack } from 'asgi-synth';
const stack = new Stack('shop');
const app = new AsgiApp(stack, 'api', { image: '${image}', module: 'main:app' });
new Job(stack, 'migrate', { app, command: ['alembic', 'upgrade', 'head'] });
new Job(stack, 'search', { app, command: ['reindex'] });
export default stack;
`;

  function openedWithJobs() {
    const life = opened();
    const deploy = async (image: string) => {
      writeFileSync(join(life.project.directory, 'stacks/shop.ts'), withJobs(image));
      life.deployer.calls.length = 0;
      return life.synth('deploy', ...AT_SWARM);
    };
    return { ...life, deploy, [Symbol.dispose]: () => life[Symbol.dispose]() };
  }

  test('runs once for each new release, in the order of the stack and before anything new starts', async () => {
    using life = openedWithJobs();
    for (const release of [1, 2]) {
      const { code, stderr } = await life.deploy(`acme/api:${release}`);
      expect(code).toBe(0);
      expect(stderr).toContain('migrate: runs before the new version');
      expect(life.deployer.calls).toEqual([
        'connect swarm',
        'storeSecrets',
        `run migrate for ${release}`,
        `run search for ${release}`,
        `roll ${release}`,
        `remember ${release}`,
        'prune',
      ]);
    }
  });

  test('does not run where nothing has changed, nor for a release that is brought back', async () => {
    using life = openedWithJobs();
    await life.deploy('acme/api:1');
    await life.deploy('acme/api:1');
    expect(life.deployer.calls).toEqual(['connect swarm', 'storeSecrets', 'roll 1']);
    await life.deploy('acme/api:2');
    life.deployer.calls.length = 0;
    expect(await life.synth('rollback', ...AT_SWARM)).toMatchObject({ code: 0 });
    expect(life.deployer.calls.filter((call) => call.startsWith('run'))).toEqual([]);
  });

  test('that fails ends the deployment, and what served serves on', async () => {
    using life = openedWithJobs();
    await life.deploy('acme/api:1');
    life.deployer.working = () =>
      Promise.reject(
        new RolloutFailure('migration-failed', 'exit code 1', { app: 'migrate', logs: ['no such table'] }),
      );
    const { code, stderr } = await life.deploy('acme/api:2');
    expect(code).toBe(1);
    expect(stderr).toContain('shop/migrate: migration failed: exit code 1; release 1 serves on');
    expect(stderr).toContain('no such table');
    expect(life.deployer.calls).toEqual(['connect swarm', 'storeSecrets', 'run migrate for 2', 'revert']);
    life.deployer.working = () => Promise.resolve();
    await life.deploy('acme/api:2');
    expect(life.deployer.calls).toContain('run migrate for 2');
  });
});

describe('synth rollback', () => {
  test('deploys the release before, with its files and images, and leaves secrets as they are', async () => {
    using life = opened();
    process.env['API_TOKEN'] = 'one';
    await deployed(life, 'acme/api:1');
    process.env['API_TOKEN'] = 'two';
    await deployed(life, 'acme/api:2');
    delete process.env['API_TOKEN'];

    const { code, stdout, stderr } = await life.synth('rollback', ...AT_SWARM);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop release 3 (release 1 again) serves: api 2 processes\n' });
    expect(stderr).toMatch(/^rolling back to release 1 of shop on Fake Engine 1\.0 \(context test\)\n/);
    expect(life.deployer.calls).toEqual(['connect swarm', 'storeSecrets', 'roll 3', 'remember 3', 'prune']);
    expect(life.deployer.rollouts.at(-1)).toMatchObject({ secrets: { api_token: 2 }, rotated: [] });
    expect((await life.deployer.ledger('shop')).releases.at(-1)).toMatchObject({ number: 3, rollbackTo: 1 });
    const written = readFileSync(join(life.project.directory, 'out/shop/swarm/stack.yaml'), 'utf8');
    expect(written).toContain('image: "acme/api:1"');
  });

  test('goes further back each time, and to any release that is named', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1', 'acme/api:2', 'acme/api:3');
    await life.synth('rollback', ...AT_SWARM);
    await life.synth('rollback', ...AT_SWARM);
    await life.synth('rollback', '3', ...AT_SWARM);
    const { releases } = await life.deployer.ledger('shop');
    expect(releases.map(({ number, rollbackTo, plan }) => [number, rollbackTo, plan.apps[0]?.image])).toEqual([
      [2, undefined, 'acme/api:2'],
      [3, undefined, 'acme/api:3'],
      [4, 2, 'acme/api:2'],
      [5, 1, 'acme/api:1'],
      [6, 3, 'acme/api:3'],
    ]);
  });

  test('needs nothing of the stack file but its name', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1', 'acme/api:2');
    life.write('acme/api:3', 'processes: 0');
    expect(await life.synth('rollback', ...AT_SWARM)).toMatchObject({ code: 0 });
  });

  test.each([
    [[], [], 'shop was never deployed there, so there is no release to go back to'],
    [['acme/api:1'], [], 'release 1 of shop has none before it to go back to; there is 1 (serves)'],
    [['acme/api:1', 'acme/api:2'], ['7'], 'there is no release 7 of shop; there are 1, 2 (serves)'],
  ])('after releases %j refuses %j', async (images, args, message) => {
    using life = opened();
    await deployed(life, ...images);
    expect(await life.synth('rollback', ...args, ...AT_SWARM)).toMatchObject({ code: 1, stderr: `${message}\n` });
  });
});

describe('synth status', () => {
  test('shows a line an app', async () => {
    using life = opened();
    await deployed(life, '127.0.0.1:5000/acme/api:1');
    const { code, stdout, stderr } = await life.synth('status', ...AT_SWARM);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(1)).toEqual([
      'app  image  healthy  restarts  since                 node',
      'api  api:1  2/2      1         2026-11-25T12:00:01Z  node1, node2',
      '',
    ]);
    expect(stdout).toMatch(/^shop release 1, deployed \d{4}-\S+Z by \S+@\S+, on Fake Engine 1\.0 \(context test\)\n/);
  });

  test('ends with 1 where a process is missing', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.health = { healthy: 1 };
    const { code, stdout } = await life.synth('status', ...AT_SWARM, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      target: 'swarm',
      name: 'shop',
      release: 1,
      apps: [{ app: 'api', wanted: 2, healthy: 1 }],
    });
  });

  test('ends with 1 where nothing is deployed', async () => {
    using life = opened();
    expect(await life.synth('status', ...AT_SWARM)).toMatchObject({
      code: 1,
      stdout: 'no release of shop is on Fake Engine 1.0 (context test)\n',
      stderr: 'next: npx synth deploy --target swarm\n',
    });
  });

  test('tells of what runs although synth did not deploy it, and how to take it over', async () => {
    using life = opened();
    life.deployer.byHand = [BY_HAND];
    const { code, stdout, stderr } = await life.synth('status', ...AT_SWARM, '--context', 'production');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^shop runs on Fake Engine 1\.0 \(context test\), but was not deployed by synth\n/);
    expect(stdout).toMatch(/^api {2}api:1 {2}2\/2 /m);
    expect(stderr).toBe('next: npx synth deploy --target swarm --context production makes it a release\n');
    life.deployer.byHand = [{ ...BY_HAND, healthy: 1 }];
    expect(await life.synth('status', ...AT_SWARM)).toMatchObject({ code: 1 });
  });
});

describe('synth logs and run', () => {
  test('logs are those of an app, of nginx, or all', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    expect(await life.synth('logs', 'api', ...AT_SWARM, '-f', '--tail', '5')).toMatchObject({ code: 0, stderr: '' });
    expect(life.deployer.logged).toMatchObject({ app: 'api', follow: true, tail: 5 });
    await life.synth('logs', 'nginx', ...AT_SWARM);
    expect(life.deployer.logged).toMatchObject({ app: 'nginx', follow: false, tail: 100 });
    await life.synth('logs', ...AT_SWARM);
    expect(life.deployer.logged).not.toHaveProperty('app');
  });

  test('logs are those of a worker or a schedule too', async () => {
    using life = opened();
    life.write(
      'acme/api:1',
      '}); const api = stack.apps[0]; new Worker(stack, "mail", { app: api, command: ["celery"] }); new Schedule(stack, "report", { app: api, cron: "0 3 * * *", command: ["report"]',
    );
    expect(await life.synth('deploy', ...AT_SWARM)).toMatchObject({ code: 0 });
    for (const id of ['mail', 'report']) {
      expect(await life.synth('logs', id, ...AT_SWARM)).toMatchObject({ code: 0, stderr: '' });
      expect(life.deployer.logged).toMatchObject({ app: id });
    }
    expect(await life.synth('logs', 'mial', ...AT_SWARM)).toMatchObject({
      code: 2,
      stderr: 'shop has no app or worker "mial"; did you mean mail?\n',
    });
  });

  test('a command gets its words as they are, and its exit code is ours', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.deployer.exitCode = 42;
    const { code, stderr } = await life.synth('run', 'api', ...AT_SWARM, '--', 'sh', '-c', 'x --target y', '--json');
    expect({ code, stderr }).toEqual({
      code: 42,
      stderr: 'running a command in api of shop on Fake Engine 1.0 (context test)\n',
    });
    expect(life.deployer.ranWith).toEqual(['api', 'sh', '-c', 'x --target y', '--json']);
  });

  test.each([
    [['logs', 'apo'], 2, 'shop has no app or worker "apo"; did you mean api?'],
    [['run', 'nginx', '--', 'sh'], 2, 'shop has no app "nginx"; known are api'],
    [['run', 'api'], 2, 'the command is missing; end with it: synth run api -- python manage.py migrate'],
  ])('%j is refused', async (args, code, message) => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    expect(await life.synth(args[0]!, ...AT_SWARM, ...args.slice(1))).toMatchObject({ code, stderr: `${message}\n` });
  });

  test.each([['logs'], ['run', 'api', '--', 'sh']])('%j needs something deployed', async (...args) => {
    using life = opened();
    expect(await life.synth(args[0]!, ...AT_SWARM, ...args.slice(1))).toMatchObject({
      code: 1,
      stderr: 'no release of shop is on this engine; deploy one with: npx synth deploy --target swarm\n',
    });
  });
});

describe('synth destroy', () => {
  test('refuses without a terminal, before it asks any engine', async () => {
    using life = opened();
    expect(await life.synth('destroy', ...AT_SWARM)).toMatchObject({
      code: 2,
      stderr: 'destroy asks before it removes shop, and there is no terminal to ask on; add --yes\n',
    });
    expect(life.deployer.calls).toEqual([]);
  });

  test('removes with --yes, and volumes only where asked', async () => {
    using life = opened();
    expect(await life.synth('destroy', ...AT_SWARM, '--yes', '--stage', 'staging')).toEqual({
      code: 0,
      stdout: 'removed service shop_api\n',
      stderr: 'destroying shop-staging on Fake Engine 1.0 (context test)\n',
    });
    const { stdout } = await life.synth('destroy', ...AT_SWARM, '--yes', '--volumes', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      name: 'shop',
      removed: ['service shop_api'],
    });
    expect(life.deployer.calls).toEqual([
      'connect swarm',
      'destroy shop-staging',
      'connect swarm',
      'destroy shop with volumes',
    ]);
  });
});

describe('synth diff', () => {
  test('ends with 0 where nothing differs', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    expect(await life.synth('diff', ...AT_SWARM)).toEqual({
      code: 0,
      stderr: '',
      stdout: 'from the last synthesis in out/shop/swarm: no difference\nfrom release 1, which serves: no difference\n',
    });
  });

  test('groups what differs by construct, field by field', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.write('acme/api:2', "processes: 3, environment: { LOG_LEVEL: 'debug' }, bodyLimit: '20Mi'");
    life.deployer.drifted = [{ of: 'api', field: 'deploy.replicas', before: 2, after: 9 }];
    const { code, stdout } = await life.synth('diff', ...AT_SWARM);
    expect(code).toBe(1);
    expect(stdout).toContain(`from the last synthesis in out/shop/swarm: the same as
from release 1, which serves:
  api
    image: "acme/api:1" -> "acme/api:2"
    environment.LOG_LEVEL: (none) -> "debug"
    volumes[/tmp].tmpfs.size: 67108864 -> 83886080
    deploy.replicas: 2 -> 3
`);
    expect(stdout).toMatch(
      / {2}nginx\/nginx\.conf\n {4}line \d+\n {6}- +client_max_body_size 10485760;\n {6}\+ +client_max_body_size 20971520;\n/,
    );
    expect(stdout).toContain('changed by hand since release 1:\n  api\n    deploy.replicas: 2 -> 9\n');
    expect(stdout).not.toContain('\u001b');
  });

  test('shows everything as new where nothing is deployed, and no synthesis that is not there', async () => {
    using life = opened();
    const { code, stdout } = await life.synth('diff', ...AT_SWARM);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^nothing is deployed:\n/);
    expect(stdout).toContain('  api: new\n');
  });

  test('prints the same as JSON', async () => {
    using life = opened();
    await deployed(life, 'acme/api:1');
    life.write('acme/api:2');
    const { stdout } = await life.synth('diff', ...AT_SWARM, '--json');
    const image = { of: 'api', field: 'image', before: 'acme/api:1', after: 'acme/api:2' };
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      name: 'shop',
      target: 'swarm',
      release: 1,
      synthesis: expect.arrayContaining([image]) as unknown,
      running: expect.arrayContaining([image]) as unknown,
      drift: [],
    });
  });

  test('ends with 3 where it fails itself, and with 2 where the words are wrong', async () => {
    using life = opened();
    life.write('acme/api:1', 'processes: 0');
    expect((await life.synth('diff', ...AT_SWARM)).code).toBe(3);
    expect((await life.synth('diff', ...AT_SWARM, '--nope')).code).toBe(2);
    expect((await life.synth('diff')).code).toBe(2);
  });
});
