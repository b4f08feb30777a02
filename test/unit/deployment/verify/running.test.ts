import { describe, expect, test } from 'vitest';
import type { AppStatus } from '../../../../src/deployment/deployer.js';
import { isSameImage, runningChecks } from '../../../../src/deployment/verify/running.js';
import { API, appStatus, RELEASE, STATUS } from './support.js';

const failing = (...args: Parameters<typeof runningChecks>) =>
  runningChecks(...args)
    .filter(({ result }) => result === 'fail')
    .map(({ check, of, evidence }) => `${of}: ${check}: ${evidence}`);

describe('what runs', () => {
  test('is right where it is what the ledger says', () => {
    const results = runningChecks(RELEASE, STATUS, []);
    expect(results.map(({ result }) => result)).toEqual(results.map(() => 'pass'));
    expect(results.map(({ check, of }) => `${of} ${check}`)).toEqual([
      'shop release',
      ...['api processes', 'api image', 'api restarts', 'nginx processes', 'nginx image', 'nginx restarts'],
      'shop drift',
    ]);
  });

  test('is wrong where a process is missing, although the engine wants no more', () => {
    const [api, nginx] = STATUS.apps;
    const apps = [appStatus('api', API.image, { wanted: 1, healthy: 1, containers: api!.containers.slice(1) }), nginx!];
    expect(failing(RELEASE, { ...STATUS, apps }, [])).toEqual(['api: processes: 1 of 2 healthy']);
  });

  test('is right with any number of processes that an autoscaler may want', () => {
    const apps = [{ ...API, processes: 8, scaling: { min: 2, max: 8 } }];
    const release = { ...RELEASE, plan: { ...RELEASE.plan, apps } };
    const withApi = (more: Partial<AppStatus>) => ({
      ...STATUS,
      apps: [appStatus('api', API.image, more), STATUS.apps[1]!],
    });
    expect(failing(release, STATUS, [])).toEqual([]);
    expect(failing(release, withApi({ wanted: 5, healthy: 4 }), []), 'one more is about to start').toEqual([]);
    expect(failing(release, withApi({ wanted: 5, healthy: 1 }), [])).toEqual([
      'api: processes: 1 healthy, 5 wanted of 2 to 8',
    ]);
    expect(failing(release, withApi({ wanted: 9, healthy: 9 }), [])).toEqual([
      'api: processes: 9 healthy, 9 wanted of 2 to 8',
    ]);
  });

  test('is wrong with another image, a restart, an ill container, and another release', () => {
    const [first, second] = STATUS.apps[0]!.containers;
    const containers = [
      { ...first!, image: 'acme/shop-api:2' },
      { ...second!, restarts: 4, state: 'unhealthy' as const },
    ];
    const apps = [appStatus('api', API.image, { healthy: 1, containers }), STATUS.apps[1]!];
    expect(failing(RELEASE, { ...STATUS, release: 2, apps }, [])).toEqual([
      `shop: release: release 2 of ${RELEASE.at}`,
      'api: processes: 1 of 2 healthy, api.2 is unhealthy',
      'api: image: acme/shop-api:2 instead of acme/shop-api:1',
      'api: restarts: api.2 4, since 2026-01-02T03:04:05Z',
    ]);
  });

  test('is wrong where an app is gone, or somebody changed something', () => {
    const drift = ['api', 'nginx', 'web', 'admin'].map((of) => ({ of, field: 'deploy.replicas', before: 1, after: 2 }));
    expect(failing(RELEASE, { ...STATUS, apps: STATUS.apps.slice(1) }, drift)).toEqual([
      'api: processes: nothing of it runs',
      'shop: drift: api deploy.replicas, nginx deploy.replicas, web deploy.replicas and 1 more changed; synth diff shows how',
    ]);
  });

  test.each([
    ['acme/api:1', 'acme/api:1', true],
    ['acme/api:1', 'acme/api:1@sha256:ab', true],
    ['nginx:1.30.4', 'docker.io/library/nginx:1.30.4', true],
    ['acme/api:1', 'acme/api:12', false],
    ['acme/api:1', 'other/acme/api:1', false],
  ])('%s runs as %s: %s', (planned, running, same) => {
    expect(isSameImage(planned, running)).toBe(same);
  });
});
