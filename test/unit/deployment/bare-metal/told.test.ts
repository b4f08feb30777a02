import { describe, expect, test } from 'vitest';
import { complaintsOf, composeComplaint } from '../../../../src/deployment/bare-metal/check.js';
import { addressFrom } from '../../../../src/deployment/bare-metal/containers.js';
import { containerDrift } from '../../../../src/deployment/bare-metal/drift.js';
import { isRight } from '../../../../src/deployment/plan.js';
import { unneeded } from '../../../../src/deployment/bare-metal/prune.js';
import { externalNetworks, servicesOf } from '../../../../src/deployment/bare-metal/services.js';
import { appsOf } from '../../../../src/deployment/bare-metal/status.js';
import { FakeCommands } from '../../support/commands.js';
import { appPlan, container, plan, release, service } from './support.js';

describe('a status', () => {
  test('counts the processes that are ready, and none of a container that is not healthy', () => {
    const [well, ill] = [container(), container({ service: 'admin', health: 'unhealthy' })];
    const now = release(1, { plan: plan({ apps: [appPlan('api', { processes: 3 }), appPlan('admin')] }) });
    const apps = appsOf(now, [well, ill], new Map([[well.id, 3], [ill.id, 1]])); // prettier-ignore
    expect(apps).toMatchObject([
      { app: 'api', wanted: 3, healthy: 3, containers: [{ state: 'healthy', processes: 3 }] },
      { app: 'admin', wanted: 2, healthy: 0, containers: [{ state: 'unhealthy', processes: 1 }] },
    ]);
  });

  test('counts a worker by its containers, and tells of what runs beside the apps and has none', () => {
    const workers = [{ id: 'emails', app: 'api', processes: 2, startup: 30, stopGrace: 60 }];
    const databases = [{ id: 'db', image: 'postgres:18.6', startup: 300 }];
    const now = release(1, { plan: plan({ apps: [], workers, databases }) });
    const told = (...containers: ReturnType<typeof container>[]) =>
      appsOf(now, containers, new Map()).map(({ app, wanted, healthy }) => [app, wanted, healthy]);
    const one = () => container({ service: 'emails' });
    expect(told(one(), one(), container({ service: 'db' }))).toEqual([
      ['emails', 2, 2],
      ['db', 1, 1],
    ]);
    expect(told(one())).toEqual([
      ['emails', 2, 1],
      ['db', 1, 0],
    ]);
  });

  test('counts what runs without a release by what there is of it', () => {
    const [well, ill, worker] = [container(), container({ service: 'admin', health: 'unhealthy' }), container({ service: 'emails' })]; // prettier-ignore
    const apps = appsOf(undefined, [well, ill, worker, container({ service: 'emails' })], new Map([[well.id, 2]]));
    expect(apps.map(({ app, wanted, healthy }) => [app, wanted, healthy])).toEqual([
      ['api', 2, 2],
      ['admin', 1, 0],
      ['emails', 2, 2],
    ]);
  });

  test('tells of an app that has no container, and of a container that no release has', () => {
    const apps = appsOf(release(1), [container({ service: 'nginx' })], new Map());
    expect(apps.map(({ app, wanted, healthy }) => [app, wanted, healthy])).toEqual([
      ['api', 2, 0],
      ['nginx', 1, 1],
    ]);
  });
});

describe('drift', () => {
  const hashes = new Map([['api', 'right']]);
  const drift = (...containers: ReturnType<typeof container>[]) => containerDrift(containers, [service()], hashes);

  test('is none where all is as released', () => {
    expect(drift(container())).toEqual([]);
  });

  test('is what is missing, too many, another one, or ill', () => {
    expect(drift()).toEqual([{ of: 'api', field: 'containers', before: 1, after: 0 }]);
    expect(drift(container(), container())).toMatchObject([{ field: 'containers', after: 2 }]);
    expect(drift(container({ hash: 'other' }))).toEqual([
      { of: 'api', field: 'configuration', before: 'right', after: 'other' },
    ]);
    expect(drift(container({ state: { Status: 'exited' } }))).toMatchObject([{ field: 'state', after: 'exited' }]);
    expect(drift(container(), container({ service: 'worker' }))).toMatchObject([{ of: 'worker', field: 'container' }]);
  });
});

describe('images', () => {
  const at = (image: string, number = 1) =>
    release(number, { plan: plan({ apps: [appPlan('api', { image, built: true })] }) });
  const ledgers = [
    { name: 'shop', releases: [at('r.example:5000/shop-api:2-gunicorn'), at('r.example:5000/shop-api:1')] },
  ];

  test('of our apps that no release needs are removed, and no others', () => {
    const listed = ['1', '2-gunicorn', '0'].map((tag) => `r.example:5000/shop-api ${tag} <none>`);
    expect(unneeded([...listed, 'r.example:5000/other 0 <none>', 'shop-api 0 <none>'], ledgers)).toEqual([
      'r.example:5000/shop-api:0',
    ]);
  });

  test('are known by their digest as well', () => {
    const pinned = [{ name: 'shop', releases: [at('shop-api:1@sha256:aa')] }];
    expect(
      unneeded(['shop-api <none> sha256:aa', 'shop-api <none> sha256:bb', 'shop-api <none> <none>'], pinned),
    ).toEqual(['shop-api@sha256:bb']);
  });
});

test('an old Compose, or none, is told how to become right', () => {
  expect(composeComplaint({ stdout: '2.24.0\n', exitCode: 0 })).toBeUndefined();
  expect(composeComplaint({ stdout: 'v5.6.1', exitCode: 0 })).toBeUndefined();
  expect(composeComplaint({ stdout: '2.23.3', exitCode: 0 })?.message).toMatch(/is 2.23.3, and 2.24 or newer/);
  expect(composeComplaint({ stdout: '', exitCode: 1 })?.message).toMatch(/install/);
});

test.each([
  ['service ls', 'service shop_api'],
  ['ps', 'container shop_api.1.x'],
])('what docker %s shows of the output for a Swarm keeps bare metal away', async (words, seen) => {
  const own = `${words} --filter label=com.docker.stack.namespace=shop `;
  const commands = new FakeCommands((line) => {
    if (line.startsWith('compose version')) return '2.40.3';
    if (line.startsWith(own)) return `${seen.split(' ')[1]}\n`;
    // A worker cannot list services.
    return line.startsWith('service') ? { exitCode: 1, stderr: 'This node is not a swarm manager.' } : '';
  });
  expect(await complaintsOf(commands.docker, plan())).toEqual([
    {
      message: `the Swarm output of shop runs on this engine (${seen}) and has the same network and ports; remove it first with npx synth destroy --target swarm`,
    },
  ]);
});

test('services are apps, the edge, or what a patch added; external networks must be there', () => {
  const content = `
services:
  api: { image: "shop-api:1" }
  nginx: { image: "nginx:1", ports: [{ target: 8080 }] }
  redis: { image: "redis:8" }
networks: { default: null, edge: { name: "front", external: true } }
`;
  const files = [{ path: 'compose.yaml', content }];
  expect(servicesOf(files, plan()).map(({ name, kind, published }) => [name, kind, published])).toEqual([
    ['api', 'app', false],
    ['nginx', 'edge', true],
    ['redis', 'other', false],
  ]);
  expect(externalNetworks(files)).toEqual(['front']);
});

test('nginx reaches a container in the network that both are in', () => {
  const nginx = container({ service: 'nginx', address: '172.18.0.9' });
  expect(addressFrom(nginx, container({ address: '172.18.0.3' }))).toBe('172.18.0.3');
  expect(addressFrom({ ...nginx, addresses: { front: '10.0.0.1' } }, container())).toBeUndefined();
});

test('readiness is right from 200 to 399, any other page below 500', () => {
  const right = (status: number, hasReadiness: boolean) => isRight(status, appPlan('api', { hasReadiness }));
  expect([right(204, true), right(404, true), right(404, false), right(502, false), right(0, false)]).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});
