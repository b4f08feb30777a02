import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentTo } from '../../src/deployment/index.js';
import type { Deployed } from '../../src/deployment/deploy.js';
import { dockerEngine, type DockerEngine } from '../harness/engines.js';
import { run } from '../harness/process.js';
import { Deployment, type Version } from '../harness/running/deployment.js';
import { dockerLines } from '../harness/running/docker.js';
import { continuousLoad, type Losses } from '../harness/running/load.js';
import { freePort } from '../harness/running/project.js';
import { request } from '../harness/client.js';
import { waitFor } from '../harness/wait.js';

const NAME = 'deployed';
const LOCK_HOLDER = join(import.meta.dirname, '../harness/running/lock-holder.ts');
const connect = () => deploymentTo('bare-metal').connect({});

let engine: DockerEngine;
let deployment: Deployment;

beforeAll(async () => {
  engine = await dockerEngine();
  // The library talks to the engine that the environment names, as a user's command does.
  Object.assign(process.env, engine.env);
  await (await connect()).destroy(NAME, { volumes: true });
  deployment = new Deployment(engine, connect, { name: NAME, port: await freePort() });
  await deployment.build({});
});

afterAll(async () => {
  await (await connect()).destroy(NAME, { volumes: true });
  deployment[Symbol.dispose]();
});

/** The version that serves after all that has been deployed so far. */
let good: Version = {};

interface Answer {
  readonly version: string;
}

const version = async (): Promise<string> => {
  const { addresses, host } = deployment.running;
  const { body } = await request({ url: `http://${host}/`, address: addresses[0]! });
  return (JSON.parse(body) as Answer).version;
};

/** Names and ids, with what changes at a restart. */
const containers = () =>
  dockerLines(
    { host: engine.host, env: engine.env },
    ...['ps', '--all', '--no-trunc', '--filter', `label=com.docker.compose.project=${NAME}`],
    ...['--format', '{{.Names}} {{.ID}} {{.State}}'],
  ).then((lines) => lines.toSorted());

const compose = (...args: readonly string[]) => run('docker', ['compose', ...args], { cwd: deployment.directory });

/** Deploys while at least 3,000 requests are sent; a machine that is slow at sending them goes on a little longer. */
async function underLoad(action: () => Promise<Deployed>): Promise<{ deployed: Deployed; lost: number; told: string }> {
  const start = () => continuousLoad(deployment.running, { perSecond: 120 });
  let load = start();
  try {
    const deployed = await action();
    const rounds: Losses[] = [];
    for (;;) {
      await sleep(10_000);
      rounds.push(await load.stop());
      if (sum(rounds, 'sent') >= 3000) break;
      load = start();
    }
    return { deployed, lost: sum(rounds, 'lost'), told: rounds.map(({ told }) => told).join('; ') };
  } catch (error) {
    await load.abandon();
    throw error;
  }
}

function sum(rounds: readonly Losses[], what: 'sent' | 'lost'): number {
  return rounds.reduce((total, round) => total + round[what], 0);
}

async function deployUnderLoad(next: Version): Promise<Deployed> {
  deployment.told.length = 0;
  const { deployed, lost, told } = await underLoad(() => deployment.deploy(next));
  console.log(`${deployment.told.at(-1)}; ${told}`);
  expect(lost, `${told}\n${deployment.told.join('\n')}`).toBe(0);
  return deployed;
}

/** Compose finds nothing to do where a deployment has ended. */
async function expectNothingToDo(): Promise<void> {
  const before = await containers();
  expect(before).toHaveLength(3);
  await compose('up', '-d', '--wait', '--remove-orphans');
  expect(await containers()).toEqual(before);
}

test('a first deployment needs the value of every secret', async () => {
  await expect(deployment.deploy()).rejects.toThrow(/secret db_password has no value/);
});

test('a first deployment serves, and Compose finds nothing to do afterwards', async () => {
  good = { password: 'one', app: { environment: { VERSION: '1' } } };
  expect(await deployment.deploy(good)).toMatchObject({
    ok: true,
    release: { number: 1, secrets: { db_password: 1 } },
  });
  expect(await version()).toBe('1');
  await expectNothingToDo();
  good = { app: good.app! };
});

describe('loses no request', () => {
  test.each(['2', '3', '4'])('on the way to version %s', async (next) => {
    good = { app: { environment: { VERSION: next } }, admin: { environment: { VERSION: next } } };
    expect(await deployUnderLoad(good)).toMatchObject({ ok: true });
    expect(await version()).toBe(next);
    await expectNothingToDo();
  });

  test.each([4, 2])('with %d processes', async (processes) => {
    good = { ...good, app: { ...good.app, processes } };
    expect(await deployUnderLoad(good)).toMatchObject({ ok: true });
    const { apps } = await (await connect()).status(await (await connect()).ledger(NAME));
    expect(apps.find(({ app }) => app === 'api')).toMatchObject({ wanted: processes, healthy: processes });
  });

  test('when the value of a secret changes, which replaces only the app that has it', async () => {
    const before = await containers();
    expect(await deployUnderLoad({ ...good, password: 'two' })).toMatchObject({
      ok: true,
      release: { secrets: { db_password: 2 } },
    });
    const after = await containers();
    expect(after.filter((line) => !before.includes(line)).map((line) => line.replace(/-\d+ .*/, ''))).toEqual([
      `${NAME}-api`,
    ]);
    expect(readFileSync(join(deployment.directory, 'secrets/db_password'), 'utf8')).toBe('two');
    await expectNothingToDo();
  });

  test('when nothing changes, and restarts nothing', async () => {
    const before = await containers();
    expect(await deployUnderLoad({ ...good, password: 'two' })).toMatchObject({ ok: true });
    expect(await containers()).toEqual(before);
  });

  test('when only the configuration of nginx changes, which it takes over without a restart', async () => {
    const before = await containers();
    good = { ...good, app: { ...good.app, bodyLimit: '1Ki' } };
    const deployed = await deployUnderLoad(good);
    expect(deployed).toMatchObject({ ok: true });
    const nginx = (lines: readonly string[]) => lines.filter((line) => line.includes('nginx'));
    expect(nginx(await containers())).toEqual(nginx(before));
    const { addresses, host } = deployment.running;
    const big = { url: `http://${host}/upload`, address: addresses[0]!, method: 'POST', body: 'x'.repeat(2000) };
    expect((await request(big)).status).toBe(413);
    good = { ...good, app: { ...good.app, bodyLimit: '10Mi' } };
    expect(await deployment.deploy(good)).toMatchObject({ ok: true });
  });
});

describe('a broken version', () => {
  /** Long enough to start, short enough to wait for one that never does. */
  const QUICK = { health: { readiness: '/readyz', liveness: '/healthz', startup: 20 } };
  const BROKEN: Record<string, { change: () => Version; cause: string; message: RegExp; logs?: RegExp }> = {
    'that crashes at import': {
      change: () => {
        deployment.edit('images/fastapi/main.py', (text) => `${text}\nraise RuntimeError("cannot be imported")\n`);
        return good;
      },
      cause: 'crashed-at-start',
      message: /RuntimeError: cannot be imported/,
      logs: /cannot be imported/,
    },
    'that hangs at its start': {
      change: () => ({ ...good, app: { ...good.app, ...QUICK, environment: { STARTUP_SECONDS: '900' } } }),
      cause: 'unhealthy',
      message: /0 of 2 workers are ready/,
    },
    'that is unhealthy': {
      change: () => ({ ...good, app: { ...good.app, ...QUICK, environment: { UNHEALTHY: 'readiness' } } }),
      cause: 'unhealthy',
      message: /\/readyz answered 503/,
    },
    'that listens on another port': {
      change: () => ({
        ...good,
        app: {
          ...good.app,
          ...QUICK,
          processes: 1,
          command: ['uvicorn', 'main:app', '--host', '0.0.0.0', '--port', '9999'],
        },
      }),
      cause: 'unhealthy',
      message: /\/readyz got no answer/,
    },
    'whose image is missing': {
      change: () => ({ ...good, image: `${engine.registry}/nobody:1` }),
      cause: 'image-not-pulled',
      message: /nobody:1/,
    },
  };

  test.each(Object.keys(BROKEN))('%s never serves, and leaves all as it was', async (kind) => {
    const { change, cause, message, logs } = BROKEN[kind]!;
    const source = readFileSync(join(deployment.folder, 'images/fastapi/main.py'), 'utf8');
    const composeYaml = () => readFileSync(join(deployment.directory, 'compose.yaml'), 'utf8');
    const [before, filesBefore, serving] = [await containers(), composeYaml(), await version()];
    try {
      const broken = change();
      if (kind.includes('import')) await deployment.build(broken);
      const deployed = await deployUnderLoad({ ...broken, password: 'three' });
      expect(deployed).toMatchObject({ ok: false, cause, message: expect.stringMatching(message), serving: {} });
      if (logs && !deployed.ok) expect(deployed.logs.join('\n')).toMatch(logs);
      expect(await containers()).toEqual(before);
      expect(composeYaml()).toBe(filesBefore);
      expect(readFileSync(join(deployment.directory, 'secrets/db_password'), 'utf8')).toBe('two');
      expect(await version()).toBe(serving);
      await expectNothingToDo();
    } finally {
      writeFileSync(join(deployment.folder, 'images/fastapi/main.py'), source);
    }
  });
});

describe('two deployments at once', () => {
  test('are refused, with who is at it', async () => {
    const { plan } = deployment.output(good);
    const lock = await (await connect()).lock(plan, 'somebody@elsewhere');
    await expect(deployment.deploy(good)).rejects.toThrow(/is being deployed by somebody@elsewhere since 20/);
    await lock.release();
    await (await (await connect()).lock(plan, 'me@here')).release();
  });

  test('are none when the first was killed', async () => {
    const { plan } = deployment.output(good);
    const holder = spawn(
      process.execPath,
      ['--import', import.meta.resolve('jiti/register'), LOCK_HOLDER, JSON.stringify(plan)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    await expect((await connect()).lock(plan, 'me@here')).rejects.toThrow(/killed@elsewhere/);
    holder.kill('SIGKILL');
    const lock = await waitFor('the lock to be free', async () => (await connect()).lock(plan, 'me@here'));
    await lock.release();
  });
});

test('the whole is removed, its releases included', async () => {
  const removed = await (await connect()).destroy(NAME, { volumes: true });
  expect(removed).toContain(`volume ${NAME}.asgi-synth`);
  expect(await containers()).toEqual([]);
});
