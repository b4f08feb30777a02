import { describe, expect, test } from 'vitest';
import type { Release } from '../../../../src/deployment/ledger.js';
import { driftOf, observedOf } from '../../../../src/deployment/swarm/drift.js';
import { neededConfigs, neededSecrets, repositoryOf } from '../../../../src/deployment/swarm/prune.js';
import { packed } from '../../../../src/deployment/swarm/releases.js';
import { statusOf } from '../../../../src/deployment/swarm/status.js';
import { isRight } from '../../../../src/deployment/plan.js';
import { plan, service, snapshot, task } from './support.js';

const stack = `
services:
  api: {}
configs:
  start:
    name: "shop_start_1"
  nginx:
    name: "shop_nginx_2"
`;

const release: Release = {
  number: 3,
  at: '2026-01-01T00:00:00Z',
  by: 'ann@laptop',
  plan: plan(),
  files: [{ path: 'stack.yaml', content: stack }],
  secrets: { key: 2 },
};

const ledger = { name: 'shop', releases: [release] };

describe('status', () => {
  const status = (...tasks: ReturnType<typeof task>[]) => statusOf(ledger, snapshot([service()], tasks), 'an engine');

  test('says what serves since when, and who deployed it', () => {
    expect(status(task(), task({ slot: 2 }))).toMatchObject({
      name: 'shop',
      engine: 'an engine',
      release: 3,
      at: '2026-01-01T00:00:00Z',
      by: 'ann@laptop',
      apps: [{ app: 'api', image: 'api:2', wanted: 2, healthy: 2 }],
    });
  });

  test('counts as healthy what runs and stays', () => {
    const { apps } = status(task(), task({ desired: 'shutdown' }), task({ slot: 2, state: 'starting' }));
    expect(apps[0]).toMatchObject({ wanted: 2, healthy: 1 });
    expect(apps[0]?.containers.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'starting']);
  });

  test('counts the ends of a place that nobody asked for', () => {
    const [app] = status(
      task({ state: 'failed', desired: 'shutdown' }),
      task({ state: 'shutdown', desired: 'shutdown' }),
      task({ state: 'complete', desired: 'shutdown' }),
      task(),
      task({ slot: 2 }),
    ).apps;
    expect(app?.containers.map(({ restarts, node, processes }) => [restarts, node, processes])).toEqual([
      [2, 'shop1', 1],
      [0, 'shop1', 1],
    ]);
  });

  test('leaves out what a node that is down said last', () => {
    expect(status(task({ node: 'n2' }), task({ slot: 2 })).apps[0]).toMatchObject({ healthy: 1 });
  });

  test('names an app of the release that is not there', () => {
    expect(statusOf(ledger, snapshot([], []), 'an engine').apps).toMatchObject([{ app: 'api', wanted: 2, healthy: 0 }]);
  });
});

describe('drift', () => {
  const observed = observedOf([service()], 'shop');

  test('is nothing where everything is as it was, also after a restart by force', () => {
    expect(driftOf({ ...release, observed }, [service()])).toEqual([]);
    const { Spec } = service();
    const forced = service({ Spec: { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, ForceUpdate: 1 } } });
    expect(driftOf({ ...release, observed }, [forced])).toEqual([]);
  });

  test('is each field that somebody has changed', () => {
    expect(driftOf({ ...release, observed }, [service({ replicas: 5, image: 'api:9' })])).toEqual([
      { of: 'api', field: 'TaskTemplate.ContainerSpec.Image', before: 'api:2', after: 'api:9' },
      { of: 'api', field: 'Mode.Replicated.Replicas', before: 2, after: 5 },
    ]);
  });

  test('is a service that is gone, or one more', () => {
    const { Spec } = service();
    const other = service({ Spec: { ...Spec, Name: 'shop_other' } });
    expect(driftOf({ ...release, observed }, [other])).toEqual([
      { of: 'api', before: observed['api'] },
      { of: 'other', after: other.Spec },
    ]);
    expect(driftOf(release, [])).toEqual([{ of: 'api', before: {} }]);
  });
});

describe('what releases need', () => {
  test('are their configs and revisions of secrets', () => {
    expect(neededConfigs([release, release])).toEqual(['shop_start_1', 'shop_nginx_2']);
    expect(neededSecrets('shop', [release, { ...release, secrets: { key: 1 } }])).toEqual(['shop_key_2', 'shop_key_1']);
  });

  test('are images by repository, whose registry may have a port', () => {
    expect(repositoryOf('127.0.0.1:5000/shop-api:1')).toBe('127.0.0.1:5000/shop-api');
    expect(repositoryOf('127.0.0.1:5000/shop-api')).toBe('127.0.0.1:5000/shop-api');
    expect(repositoryOf(`shop-api:1@sha256:${'0'.repeat(64)}`)).toBe('shop-api');
  });
});

test('a release that a Swarm cannot hold is refused by its largest file', () => {
  // What cannot be packed smaller.
  const noise = Array.from({ length: 400_000 }, (_, at) => ((at * 2_654_435_761) % 4_294_967_291).toString(36)).join(
    '',
  );
  const files = [...release.files, { path: 'nginx/nginx.conf', content: noise }];
  expect(() => packed({ ...release, files })).toThrow(
    /^release 3 of shop is \d+ bytes packed, and a Swarm keeps at most 512000; make the output smaller, first of all nginx\/nginx\.conf$/,
  );
});

test('an edge is right with any answer but an error, or with a good one where the app says when it is ready', () => {
  const [app] = plan().apps as [ReturnType<typeof plan>['apps'][number]];
  expect([0, 200, 302, 404, 499, 500, 502].filter((status) => isRight(status, app))).toEqual([200, 302, 404, 499]);
  expect([0, 200, 302, 404, 503].filter((status) => isRight(status, { ...app, hasReadiness: true }))).toEqual([
    200, 302,
  ]);
});
