import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { AsgiApp, Secret, Stack, withRunningStack, type TargetName } from 'asgi-synth';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { GROUNDS } from '../faults/grounds.js';
import { leftOf } from '../faults/ground.js';
import { request } from '../harness/client.js';
import { freePort, Project } from '../harness/running/project.js';

const HOST = 'api.example.com';

afterEach(() => vi.unstubAllEnvs());

/** What a user's test has: a stack, and an engine that its environment names. */
async function setting(target: TargetName) {
  const ground = await GROUNDS[target]();
  for (const [name, value] of Object.entries(ground.engine.env)) vi.stubEnv(name, value);
  const project = new Project('stacks/hello.ts', ground.engine);
  const port = await freePort();
  const stack = new Stack('briefly', {
    directory: project.folder,
    ...{ registry: ground.engine.registry, edge: 'nginx', httpPort: port },
  });
  new AsgiApp(stack, 'api', {
    ...{ source: './images/fastapi', module: 'main:app', memory: '160Mi', hosts: [HOST], processes: 2 },
    health: { readiness: '/readyz', liveness: '/healthz', startup: 20 },
    secrets: [new Secret(stack, 'db_password')],
  });
  return { ground, project, stack };
}

describe.each(Object.keys(GROUNDS) as TargetName[])('withRunningStack on %s', (target) => {
  test('gives a stack that runs, and leaves nothing', async () => {
    const { ground, project, stack } = await setting(target);
    using _ = project;
    const options = { images: ground.engine.images, secrets: { db_password: 'a value' } };
    const name = await withRunningStack(
      stack,
      target,
      async (running) => {
        expect(running.name).toMatch(/^briefly-test-[0-9a-f]{6}$/);
        expect(JSON.parse((await running.ask('/')).body)).toMatchObject({ app: 'fastapi' });
        expect((await running.ask('/', { host: 'other.example.com' })).status).toBe(421);
        const echoed = await running.ask('/echo', { method: 'POST', body: 'hello' });
        expect(JSON.parse(echoed.body)).toMatchObject({ body: 'hello' });
        expect(JSON.parse((await running.ask('/secret/db_password')).body)).toMatchObject({ readable: true });
        const { apps } = await running.status();
        expect(apps.map(({ app, wanted, healthy }) => `${app} ${healthy}/${wanted}`)).toContain('api 2/2');
        expect(running.addresses.length).toBeGreaterThan(0);
        if (target !== 'bare-metal') {
          const [address = ''] = running.addresses;
          expect((await request({ url: `http://${HOST}/`, address })).status).toBe(200);
        }
        return running.name;
      },
      options,
    );
    expect(await leftOf(ground, name)).toEqual([]);
    expect(existsSync(join(project.folder, 'out', name))).toBe(false);
  });

  test('leaves nothing after a failure either, and tells that failure', async () => {
    const { ground, project, stack } = await setting(target);
    using _ = project;
    const options = { images: ground.engine.images, secrets: { db_password: 'a value' }, stage: 'failing' };
    await expect(
      withRunningStack(stack, target, () => Promise.reject(new Error('the test itself')), options),
    ).rejects.toThrow('the test itself');
    expect(await leftOf(ground, 'briefly-failing')).toEqual([]);
  });
});
