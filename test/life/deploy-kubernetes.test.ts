import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentTo } from '../../src/deployment/index.js';
import type { Deployer } from '../../src/deployment/deployer.js';
import { AsgiApp, Secret, Stack } from '../../src/index.js';
import { kubernetesEngine, type KubernetesEngine } from '../harness/engines.js';
import { Deployments, type Deploying, type Told } from '../harness/running/deploying.js';
import { kubectl, pods, podStates, type Namespace } from '../harness/running/kubectl.js';
import { continuousLoad, type Losses } from '../harness/running/load.js';
import { Output } from '../harness/running/output.js';
import type { Platform } from '../harness/running/platform.js';
import { freePort } from '../harness/running/project.js';
import { RunningStack, type Answering } from '../harness/running/running-stack.js';
import { waitFor } from '../harness/wait.js';

const NAME = 'ku-deploy';
const HOST = 'api.example.com';

interface VersionOf {
  readonly processes?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
}

describe('deployment to Kubernetes', () => {
  let engine: KubernetesEngine;
  let deployer: Deployer;
  let deployments: Deployments;
  let running: RunningStack;
  let namespace: Namespace;
  let port: number;
  const values = { db_password: 'first value', api_key: 'a key' };

  beforeAll(async () => {
    engine = await kubernetesEngine();
    Object.assign(process.env, engine.env);
    port = await freePort();
    namespace = { env: engine.env, name: NAME };
    deployments = new Deployments('kubernetes', engine.images);
    deployer = await connect();
    // Of a run that was killed.
    await deployer.destroy(NAME, { volumes: true, namespace: NAME });
    const { files, directory } = deployments.prepare({ stack: version() });
    deployments.write(files);
    const output = new Output({ name: NAME, target: 'kubernetes', folder: directory });
    await output.follow('Build', { env: engine.builder.env });
    running = new RunningStack({ entrances } as unknown as Platform, output, `${HOST}:${port}`);
  });

  afterAll(async () => {
    if (deployer) await deployer.destroy(NAME, { volumes: true, namespace: NAME });
    deployments?.[Symbol.dispose]();
  });

  const connect = () => deploymentTo('kubernetes').connect({});
  const entrances = () => Promise.resolve(engine.nodes.map(({ address }) => `${address}:${nodePort}`));
  let nodePort = '';

  function version({ processes = 3, environment = {}, command }: VersionOf = {}): Stack {
    const stack = new Stack(NAME, { registry: engine.registry, edge: 'nginx', httpPort: port });
    new AsgiApp(stack, 'api', {
      source: './images/fastapi',
      module: 'main:app',
      processes,
      memory: '160Mi',
      health: { readiness: '/readyz', liveness: '/healthz', startup: 15 },
      hosts: [HOST],
      requestTimeout: 5,
      environment: { VERSION: '1', ...environment },
      secrets: [new Secret(stack, 'db_password'), new Secret(stack, 'api_key', { as: 'environment' })],
      ...(command === undefined ? {} : { command: [...command] }),
    });
    return stack;
  }

  async function deploy(of: VersionOf & Omit<Partial<Deploying>, 'stack'> = {}): Promise<Told> {
    const { processes, environment, command, ...deploying } = of;
    const stack = version({
      ...(processes === undefined ? {} : { processes }),
      ...(environment === undefined ? {} : { environment }),
      ...(command === undefined ? {} : { command }),
    });
    try {
      return await deployments.deploy(await connect(), { values, ...deploying, stack });
    } catch (error) {
      if (error instanceof Error) error.message += `\n${await podStates(namespace)}`;
      throw error;
    }
  }

  /** At least 3,000 requests while something happens. */
  async function underLoad(action: () => Promise<void>, stack = running): Promise<Losses> {
    const load = continuousLoad(stack, { perSecond: 60, atLeast: 3000 });
    try {
      await action();
    } catch (error) {
      await load.abandon();
      throw error;
    }
    const losses = await load.stop();
    expect(losses.lost, losses.told).toBe(0);
    return losses;
  }

  const identities = async () =>
    (await pods(namespace))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses?.[0]?.restartCount}`)
      .toSorted();

  const replicaSets = async () =>
    (
      await kubectl(namespace, 'get', 'replicasets', '--selector', 'app.kubernetes.io/name=api', '--output', 'name')
    ).split('\n');

  const versions = async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => running.read<Answering>('/')));
    return [...new Set(answers.map((answer) => answer.version))];
  };

  function expectDone(told: Told): void {
    expect(told, JSON.stringify(told, null, 1).slice(0, 3000)).toMatchObject({ ok: true });
  }

  const show = (fact: string, { seconds, said }: Told, losses?: Losses) =>
    console.log(`${fact}: ${seconds.toFixed(1)} s; ${losses?.told ?? ''}\n  ${said.join('\n  ')}`);

  test('the first deployment makes the namespace, the secrets and the ledger', async () => {
    const told = await deploy();
    show('first', told);
    expectDone(told);
    nodePort = await kubectl(
      namespace,
      'get',
      'service',
      `${NAME}-nginx`,
      '--output',
      'jsonpath={.spec.ports[0].nodePort}',
    );
    await running.find();
    expect(await versions()).toEqual(['1']);
    expect((await deployer.ledger(NAME)).releases).toMatchObject([
      { number: 1, secrets: { db_password: 1, api_key: 1 } },
    ]);
  });

  test('a deployment without a change restarts nothing, nor does kubectl apply -k', async () => {
    const before = await identities();
    const told = await deploy();
    show('no-op', told);
    expectDone(told);
    await running.output.shell(['kubectl apply -k .'], { env: engine.env });
    expect(await identities()).toEqual(before);
  });

  test('good versions, a scale-up and a scale-down lose no request', async () => {
    const losses = await underLoad(async () => {
      for (const of of [
        { environment: { VERSION: '2' } },
        { environment: { VERSION: '3' } },
        { environment: { VERSION: '3' }, processes: 5 },
        { environment: { VERSION: '3' } },
      ]) {
        const told = await deploy(of);
        show(JSON.stringify(of), told);
        expectDone(told);
      }
    });
    console.log(losses.told);
  });

  test('an older release is brought back without a loss', async () => {
    const { releases } = await deployer.ledger(NAME);
    expect(releases.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    const losses = await underLoad(async () => {
      const told = await deploy();
      show('rollback', told);
      expectDone(told);
    });
    console.log(losses.told);
  });

  test('another value of a secret is read by every process after one rollout', async () => {
    const before = await replicaSets();
    const rotated = { ...values, api_key: 'another key' };
    const losses = await underLoad(async () => {
      const told = await deploy({ values: rotated, environment: { VERSION: '4' } });
      show('secret and image', told);
      expectDone(told);
      expect((await replicaSets()).length - before.length, 'one rollout for both').toBe(1);
      const again = await deploy({ environment: { VERSION: '4' } });
      show('secret', again);
      expectDone(again);
      expect((await replicaSets()).length - before.length, 'one more for the value alone').toBe(2);
    });
    console.log(losses.told);
    const pods = await identities();
    await running.output.shell(['kubectl apply -k .'], { env: engine.env });
    await deploy({ values: {}, environment: { VERSION: '4' } });
    expect(await identities(), 'that neither kubectl nor a deployment without values restarts anything').toEqual(pods);
    const secrets = await kubectl(
      namespace,
      'get',
      'secrets',
      '--output',
      'jsonpath={.items[*].metadata}',
      '--show-managed-fields',
    );
    expect(secrets).not.toContain(Buffer.from('another key').toString('base64'));
    expect(secrets).not.toContain('another key');
  });

  describe('a broken version never serves, and the old one is back alone', () => {
    const BROKEN: Readonly<Record<string, readonly [VersionOf & Omit<Partial<Deploying>, 'stack'>, string, RegExp]>> = {
      'crash at import': [
        { environment: { BROKEN: 'import' } },
        'crashed-at-start',
        /RuntimeError: this version cannot/,
      ],
      hang: [{ environment: { BROKEN: 'hang' } }, 'unhealthy', /probe failed/],
      unhealthy: [{ environment: { BROKEN: 'unhealthy' } }, 'unhealthy', /503/],
      'wrong port': [
        { command: ['uvicorn', 'main:app', '--host', '0.0.0.0', '--port', '9999'] },
        'unhealthy',
        /probe failed/,
      ],
      'image missing': [{ images: { api: '127.0.0.1:5078/ku-deploy-missing:1' } }, 'image-not-pulled', /not found/],
    };

    test.each(Object.entries(BROKEN))('%s', async (_, [of, cause, detail]) => {
      const before = await identities();
      const seen = (await pods(namespace)).map(({ metadata }) => metadata.name);
      const losses = await underLoad(async () => {
        const told = await deploy({ environment: { VERSION: '4' }, ...of });
        show(cause, told);
        expect(told).toMatchObject({ ok: false, cause, app: 'api', message: expect.stringMatching(detail) as string });
      });
      console.log(losses.told);
      expect(await identities()).toEqual(before);
      expect(seen).toEqual(expect.arrayContaining((await pods(namespace)).map(({ metadata }) => metadata.name)));
    });
  });

  test('a deployment that was killed after it had changed a secret converges', async () => {
    const killed = await connect();
    const changed = { ...values, db_password: 'changed by who was killed' };
    const { plan } = deployments.prepare({ stack: version({ environment: { VERSION: '4' } }) });
    await killed.storeSecrets(
      plan,
      new Map(Object.entries(changed).map(([id, value]) => [id, Buffer.from(value)])),
      undefined,
      '',
    );
    const before = await identities();
    expectDone(await deploy({ values: changed, environment: { VERSION: '4' } }));
    const after = await identities();
    expect(
      after.filter((one) => before.includes(one)),
      'only the pods of nginx stay',
    ).toHaveLength(2);
    expectDone(await deploy({ values: changed, environment: { VERSION: '4' } }));
    expect(await identities()).toEqual(after);
  });

  test('status, drift and a command that runs once tell of what runs', async () => {
    const ledger = await deployer.ledger(NAME);
    const release = ledger.releases.at(-1)!;
    expect(await deployer.drift(release)).toEqual([]);
    const status = await deployer.status(ledger);
    expect(status.apps.map(({ app, wanted, healthy }) => `${app} ${healthy}/${wanted}`)).toEqual([
      'api 3/3',
      'nginx 2/2',
    ]);
    const check = 'import os, sys; sys.exit(7 if os.environ["API_KEY"] and os.environ["VERSION"] == "4" else 1)';
    expect(await deployer.run(release, 'api', ['python3', '-c', check], { interactive: false })).toBe(7);
    await waitFor(
      'the pod to be gone',
      async () => (await kubectl(namespace, 'get', 'pods', '--selector', 'asgi-synth/run', '--output', 'name')) === '',
    );
    await kubectl(namespace, 'scale', `deployment/${NAME}-api`, '--replicas', '4');
    await kubectl(namespace, 'delete', 'poddisruptionbudget', `${NAME}-api`);
    expect(await deployer.drift(release)).toEqual([
      { of: `Deployment/${NAME}-api`, field: 'spec.replicas', before: 3, after: 4 },
      { of: `PodDisruptionBudget/${NAME}-api`, before: 'there', after: 'gone' },
    ]);
    await kubectl(namespace, 'scale', `deployment/${NAME}-api`, '--replicas', '3');
  });

  test('the drain of a node loses no request through a balancer', async () => {
    const address = await kubectl(
      namespace,
      'get',
      'service',
      `${NAME}-nginx`,
      '--output',
      'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}',
    );
    const balanced = new RunningStack(
      { entrances: () => Promise.resolve([address]) } as unknown as Platform,
      running.output,
      running.host,
    );
    await balanced.find();
    try {
      const losses = await underLoad(async () => {
        await kubectl(
          namespace,
          'drain',
          'kube2',
          '--ignore-daemonsets',
          '--delete-emptydir-data',
          '--timeout',
          '240s',
          '--pod-selector',
          `app.kubernetes.io/instance=${NAME}`,
        );
      }, balanced);
      console.log(losses.told);
    } finally {
      await kubectl(namespace, 'uncordon', 'kube2');
    }
  });

  test('two at once: the second is refused, with who is at it', async () => {
    const first = deploy({ environment: { VERSION: '5' }, by: 'ann@laptop' });
    await waitFor('the lock', async () => (await kubectl(namespace, 'get', 'leases', '--output', 'name')) !== '');
    await expect(deploy({ by: 'bob@ci' })).rejects.toThrow(/is being deployed by ann@laptop since/);
    expectDone(await first);
  });
});
