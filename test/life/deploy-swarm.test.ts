import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { deploy, type Deployed } from '../../src/deployment/deploy.js';
import type { Deployer } from '../../src/deployment/deployer.js';
import { deploymentTo } from '../../src/deployment/index.js';
import { planOf } from '../../src/deployment/plan.js';
import type { Report } from '../../src/deployment/report.js';
import { AsgiApp, Secret, Stack, synthesize, type AsgiAppProps } from '../../src/index.js';
import { writeOutputs } from '../../src/output.js';
import { request } from '../harness/client.js';
import { swarmEngine, type SwarmEngine } from '../harness/engines.js';
import { docker, dockerLines } from '../harness/running/docker.js';
import { continuousLoad, type Losses } from '../harness/running/load.js';
import { freePort, Project } from '../harness/running/project.js';
import { waitFor } from '../harness/wait.js';

const NAME = 'sw-deploy';
const HOST = 'api.example.com';
const STARTUP = 6;
const PER_SECOND = 50;
const REQUESTS = Number(process.env['DEPLOY_REQUESTS'] ?? 3000);

let engine: SwarmEngine;
let deployer: Deployer;
let image: string;
let port: number;
let directory: string;
let password = 'first value';
/** Steps of the last deployment, with seconds since it began. */
let steps: string[] = [];

/** What of the app is another one. */
type Change = Partial<AsgiAppProps>;

/** The version that serves, with a change. */
function stackWith(change: Change = {}): Stack {
  const stack = new Stack(NAME, { httpPort: port, edge: 'nginx' });
  new AsgiApp(stack, 'api', {
    image,
    module: 'main:app',
    processes: 2,
    memory: '160Mi',
    health: { readiness: '/readyz', liveness: '/healthz', startup: STARTUP },
    hosts: [HOST],
    requestTimeout: 10,
    secrets: [new Secret(stack, 'db_password')],
    ...change,
  });
  return stack;
}

async function deployWith(change: Change = {}, signal: AbortSignal = AbortSignal.timeout(180_000)): Promise<Deployed> {
  const options = { images: { nginx: engine.images.nginx } };
  const stack = stackWith(change);
  const files = synthesize(stack, 'swarm', options);
  const started = performance.now();
  steps = [];
  const report: Report = {
    step: (line) => void steps.push(`${((performance.now() - started) / 1000).toFixed(1)} s ${line}`),
    progress: () => undefined,
  };
  const wanted = {
    plan: planOf(stack, 'swarm', options),
    files,
    directory,
    values: new Map([['db_password', Buffer.from(password)]]),
    by: 'tester@here',
    write: () => void writeOutputs([{ directory, owner: { stack: NAME, stage: undefined, target: 'swarm' }, files }]),
    signal,
  };
  return deploy(deployer, wanted, report);
}

const entrances = () => engine.managers.map(({ address }) => `${address}:${port}`);

async function underLoad<T>(action: () => Promise<T>, addresses = entrances()): Promise<{ result: T; losses: Losses }> {
  const start = (here: boolean) =>
    continuousLoad({ addresses, host: `${HOST}:${port}` }, { perSecond: PER_SECOND, here });
  let load = start(false);
  try {
    const result = await action();
    let losses = await load.stop();
    // A machine that is busy otherwise sends fewer than it should.
    while (losses.sent < REQUESTS) {
      load = start(true);
      await sleep(((REQUESTS - losses.sent) / PER_SECOND / 2) * 1000 + 2000);
      losses = sum(losses, await load.stop());
    }
    return { result, losses };
  } catch (error) {
    load.abandon();
    throw error;
  }
}

function sum(one: Losses, two: Losses): Losses {
  return {
    sent: one.sent + two.sent,
    lost: one.lost + two.lost,
    posts: one.posts + two.posts,
    errors: [...one.errors, ...two.errors],
    told: `${one.told}, ${two.told}`,
  };
}

async function answer(path = '/'): Promise<unknown> {
  const { body } = await request({ url: `http://${HOST}:${port}${path}`, address: entrances()[0]! });
  return JSON.parse(body);
}

async function nodesInUse(): Promise<string[]> {
  return dockerLines(manager(), 'stack', 'ps', '--filter', 'desired-state=running', '--format', '{{.Node}}', NAME);
}

const manager = () => ({ host: engine.managers[0]!.host, env: engine.env });

async function tasks(): Promise<string[]> {
  const lines = await dockerLines(
    manager(),
    'stack',
    'ps',
    '--filter',
    'desired-state=running',
    '--format',
    '{{.ID}} {{.CurrentState}}',
    NAME,
  );
  return lines
    .filter((line) => line.includes('Running'))
    .map((line) => line.split(' ')[0]!)
    .toSorted();
}

/** A deployment that succeeds, under load, without a loss. */
async function succeeds(change: Change = {}): Promise<void> {
  const { result, losses } = await underLoad(() => deployWith(change));
  expect(result).toMatchObject({ ok: true });
  expect(losses.lost, losses.told).toBe(0);
  console.log(`${expect.getState().currentTestName}: ${losses.told}\n${steps.join('\n')}`);
}

beforeAll(async () => {
  engine = await swarmEngine();
  for (const [name, value] of Object.entries(engine.env)) vi.stubEnv(name, value);
  port = await freePort();
  directory = join(mkdtempSync(join(tmpdir(), 'asgi-synth-deploy-')), 'swarm');
  const project = new Project('test/fixtures/stacks/requests.ts', engine);
  try {
    const output = await project.synth('swarm', { env: { CONFORMANCE_REGISTRY: engine.registry } });
    await output.follow('Build', { env: engine.builder.env });
    [image] = output.images() as [string];
  } finally {
    project[Symbol.dispose]();
  }
  deployer = await deploymentTo('swarm').connect({});
  await deployer.destroy(NAME, { volumes: true });
});

afterAll(async () => {
  await deployer?.destroy(NAME, { volumes: true });
  rmSync(join(directory, '..'), { recursive: true, force: true });
  vi.unstubAllEnvs();
});

beforeEach(() => {
  steps = [];
});

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(`${task.name}\n${steps.join('\n')}`);
});

/** A deployment that fails under load: nothing of it is left, and nobody has noticed. */
async function fails(change: Change, cause: string, detail: RegExp): Promise<void> {
  const [before, ledger] = [await serving(), await deployer.ledger(NAME)];
  const { result, losses } = await underLoad(() => deployWith(change));
  console.log(
    `${expect.getState().currentTestName}: ${result.ok ? '' : result.message}; ${losses.told}\n${steps.join('\n')}`,
  );
  expect(result).toMatchObject({ ok: false, cause, app: 'api', message: expect.stringMatching(detail) });
  expect(losses.lost, losses.told).toBe(0);
  expect(await serving()).toEqual(before);
  expect(await deployer.ledger(NAME)).toEqual(ledger);
  const [failed, back] = [/going back/, /serves alone again/].map((line) => steps.findIndex((step) => line.test(step)));
  expect(seconds(steps[back!]) - seconds(steps[failed!]), steps.join('\n')).toBeLessThan(60);
}

const seconds = (step = '') => Number(step.split(' ')[0]);

/** Image and state of everything that runs. */
async function serving(): Promise<string[]> {
  const { apps } = await deployer.status(await deployer.ledger(NAME));
  return apps.flatMap(({ containers }) => containers.map((one) => `${one.image} ${one.state}`)).toSorted();
}

describe('a deployment to a swarm', () => {
  test('the first one comes up, and is recorded', async () => {
    expect(await deployWith()).toMatchObject({ ok: true, release: { number: 1, secrets: { db_password: 1 } } });
    console.log(steps.join('\n'));
    expect((await deployer.ledger(NAME)).releases.map(({ number }) => number)).toEqual([1]);
    expect(await tasks()).toHaveLength(5);
  });

  test('a new version takes over without a loss', () => succeeds({ environment: { VERSION: '2' } }));

  test('what is deployed again restarts nothing', async () => {
    const before = await tasks();
    await succeeds({ environment: { VERSION: '2' } });
    expect(await tasks()).toEqual(before);
    expect(await deployer.drift((await deployer.ledger(NAME)).releases.at(-1)!)).toEqual([]);
  });

  test('an older release comes back without a loss', async () => {
    await succeeds();
    expect(await answer()).toMatchObject({ version: '1' });
  });

  test('another number of processes restarts nothing and loses nothing', async () => {
    const before = await tasks();
    await succeeds({ processes: 4 });
    expect(await tasks()).toEqual(expect.arrayContaining(before));
    await succeeds({ processes: 2 });
    expect(await tasks()).toHaveLength(5);
  });

  test('another value of a secret takes over without a loss', async () => {
    password = 'second value';
    await succeeds();
    expect((await deployer.ledger(NAME)).releases.at(-1)?.secrets).toEqual({ db_password: expect.any(Number) });
    const sha256 = createHash('sha256').update(password).digest('hex');
    expect(await answer('/secret/db_password')).toMatchObject({ sha256 });
  });

  test('a command runs once in the running release, and returns its exit code', async () => {
    const current = (await deployer.ledger(NAME)).releases.at(-1)!;
    const script = 'import os, sys; sys.exit(7 if os.path.getsize("/run/secrets/db_password") == 12 else 1)';
    expect(await deployer.run(current, 'api', ['python3', '-c', script], { interactive: false })).toBe(7);
    expect(await dockerLines(manager(), 'service', 'ls', '--quiet', '--filter', `name=${NAME}-run`)).toEqual([]);
  });

  test('two at once are refused', async () => {
    const plan = planOf(stackWith(), 'swarm', { images: { nginx: engine.images.nginx } });
    const lock = await deployer.lock(plan, 'somebody@else');
    try {
      await expect(deployWith()).rejects.toThrow(/sw-deploy is being deployed by somebody@else since 2/);
    } finally {
      await lock.release();
    }
  });

  test('what a killed deployment has locked is taken over', async () => {
    const labels = ['--label', `asgi-synth.stack=${NAME}`, '--label', 'asgi-synth.holder=killed@here'];
    const service = ['--name', `${NAME}-deploy-lock`, '--replicas', '0', '--detach', '--no-resolve-image'];
    await docker(manager(), 'service', 'create', ...service, ...labels, engine.images.nginx);
    expect(await deployWith()).toMatchObject({ ok: true });
    expect(await dockerLines(manager(), 'service', 'ls', '--quiet', '--filter', `name=${NAME}-deploy`)).toEqual([]);
  });

  test('a drained node loses nothing', async () => {
    const node = engine.managers[2]!.name;
    const availability = (value: string) => docker(manager(), 'node', 'update', '--availability', value, node);
    // Who asks a drained node is refused: a balancer in front knows.
    const addresses = engine.managers.slice(0, 2).map(({ address }) => `${address}:${port}`);
    const { losses } = await underLoad(async () => {
      await availability('drain');
      await waitFor('its tasks to have gone', async () => (await nodesInUse()).every((one) => one !== node), {
        seconds: 60,
      });
      await availability('active');
    }, addresses);
    expect(losses.lost, losses.told).toBe(0);
    console.log(`a drained node: ${losses.told}`);
  });
});

describe('a version that is broken never takes over on a swarm', () => {
  test('an import that fails', () =>
    fails({ module: 'nothing:app' }, 'crashed-at-start', /exit code 3: .*Could not import module "nothing"/));

  test('a start that hangs', () =>
    fails({ environment: { STARTUP_SECONDS: '1000' } }, 'unhealthy', /no healthy answer within 6 s/));

  test('unhealthy', () =>
    fails({ environment: { UNHEALTHY: 'readiness' } }, 'unhealthy', /no healthy answer within 6 s/));

  test('another port', () =>
    fails(
      { command: ['uvicorn', 'main:app', '--host', '0.0.0.0', '--port', '9999'] },
      'unhealthy',
      /no healthy answer/,
    ));

  test('an image that is not there', () =>
    fails({ image: `${engine.registry}/nothing:1` }, 'image-not-pulled', /nothing:1/));

  test('more memory than any node has', () => fails({ memory: '160Mi', cpu: 64 }, 'not-schedulable', /./));
});

describe('a first version that is broken on a swarm', () => {
  test('leaves nothing, nor does what is destroyed', async () => {
    expect(await deployer.destroy(NAME, { volumes: true })).toEqual(
      expect.arrayContaining([`service ${NAME}_api`, `service ${NAME}_nginx`, `network ${NAME}_default`]),
    );
    expect(await remains()).toEqual([]);
    const result = await deployWith({ environment: { FAIL_STARTUP: '1' } });
    expect(result).toMatchObject({ ok: false, cause: 'crashed-at-start', serving: undefined });
    expect(result).toHaveProperty('message', 'crashed at start: exit code 3: RuntimeError: FAIL_STARTUP is set');
    expect(await remains()).toEqual([`secret ${NAME}_db_password_1`]);
  });
});

async function remains(): Promise<string[]> {
  const kinds = ['service', 'config', 'secret', 'network'];
  const all = await Promise.all(
    kinds.map((kind) =>
      dockerLines(manager(), kind, 'ls', '--format', `${kind} {{.Name}}`, '--filter', `name=${NAME}`),
    ),
  );
  return all.flat();
}
