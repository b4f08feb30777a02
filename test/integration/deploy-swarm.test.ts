import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { deploy, type Deployed } from '../../src/deployment/deploy.js';
import type { Deployer } from '../../src/deployment/deployer.js';
import { deploymentTo } from '../../src/deployment/index.js';
import { planOf } from '../../src/deployment/plan.js';
import type { Report } from '../../src/deployment/report.js';
import { AsgiApp, Secret, Stack, synthesize, type AsgiAppProps } from '../../src/index.js';
import { writeOutputs } from '../../src/output.js';
import { swarmEngine, type SwarmEngine } from '../harness/engines.js';
import { dockerLines } from '../harness/running/docker.js';
import { continuousLoad, type Losses } from '../harness/running/load.js';
import { freePort, Project } from '../harness/running/project.js';

const NAME = 'sw-deploy';
const HOST = 'api.example.com';
const STARTUP = 6;

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

async function deployWith(change: Change = {}, signal: AbortSignal = AbortSignal.timeout(90_000)): Promise<Deployed> {
  const options = { images: { nginx: engine.images.nginx } };
  const stack = stackWith(change);
  const files = synthesize(stack, 'swarm', options);
  const started = performance.now();
  steps = [];
  const report: Report = {
    step: (line) => void steps.push(`${((performance.now() - started) / 1000).toFixed(1)} s ${line}`),
    progress: () => undefined,
  };
  const request = {
    plan: planOf(stack, 'swarm', options),
    files,
    directory,
    values: new Map([['db_password', Buffer.from(password)]]),
    by: 'tester@here',
    write: () => void writeOutputs([{ directory, owner: { stack: NAME, stage: undefined, target: 'swarm' }, files }]),
    signal,
  };
  return deploy(deployer, request, report);
}

async function underLoad<T>(action: () => Promise<T>): Promise<{ result: T; losses: Losses }> {
  const addresses = engine.managers.map(({ address }) => `${address}:${port}`);
  const load = continuousLoad({ addresses, host: `${HOST}:${port}` }, { perSecond: 60, atLeast: 3000 });
  try {
    const result = await action();
    return { result, losses: await load.stop() };
  } catch (error) {
    await load.abandon();
    throw error;
  }
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
  });
});
