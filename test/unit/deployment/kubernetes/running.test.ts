import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { tooOld } from '../../../../src/deployment/kubernetes/connect.js';
import { runsOf } from '../../../../src/deployment/kubernetes/logs.js';
import { releaseName, releaseObject, releasesIn } from '../../../../src/deployment/kubernetes/releases.js';
import { failedPods } from '../../../../src/deployment/kubernetes/revert.js';
import { runPod, runPolicy } from '../../../../src/deployment/kubernetes/run-pod.js';
import {
  isDone,
  newestPods,
  type Pod,
  type ReplicaSet,
  type Sight,
} from '../../../../src/deployment/kubernetes/sight.js';
import { statusOf } from '../../../../src/deployment/kubernetes/status.js';
import { MOUNTS } from '../../../../src/targets/containers.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import { deploymentWith, planWith, podWith, READY } from './support.js';

const release: Release = { number: 3, at: '2026-01-01T00:00:00Z', by: 'a@b', plan: planWith(), files: [], secrets: {} };
const DONE = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

function replicaSet(uid: string, revision: string): ReplicaSet {
  const annotations = { 'deployment.kubernetes.io/revision': revision };
  return {
    kind: 'ReplicaSet',
    metadata: { name: uid, uid, annotations, ownerReferences: [{ uid: 'deployment' }] },
    status: {},
  };
}

function pod(
  name: string,
  set: string,
  status: Partial<Pod['status']> = {},
  metadata: Partial<Pod['metadata']> = {},
): Pod {
  const one = podWith({}, status);
  return { ...one, metadata: { ...one.metadata, name, uid: name, ownerReferences: [{ uid: set }], ...metadata } };
}

describe('a Deployment', () => {
  test.each([
    ['serves in full strength and alone', DONE, true],
    ['has not been looked at yet', { ...DONE, observedGeneration: 1 }, false],
    ['still has a pod of the old version', { ...DONE, replicas: 3 }, false],
    ['has a pod that is not available yet', { ...DONE, availableReplicas: 1 }, false],
    ['has too few of the new version', { ...DONE, updatedReplicas: 1 }, false],
  ])('that %s', (_, status, done) => {
    expect(isDone(deploymentWith(status))).toBe(done);
  });

  test('is not done while an autoscaler that wants more has not looked', () => {
    const one = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    expect(isDone(deploymentWith(one, { replicas: 1 }), 2)).toBe(false);
    expect(isDone(deploymentWith(one, { replicas: 1 }), 1)).toBe(true);
    expect(isDone(deploymentWith(DONE), 1)).toBe(true);
  });

  test('is without pods where it should have none', () => {
    expect(isDone(deploymentWith({ observedGeneration: 2 }, { replicas: 0 }))).toBe(true);
  });
});

const sight: Sight = {
  deployments: [deploymentWith(DONE)],
  replicaSets: [replicaSet('old', '1'), replicaSet('new', '2')],
  pods: [
    pod('old-1', 'old', READY),
    pod('new-1', 'new', READY),
    pod('new-2', 'new'),
    pod('new-3', 'new', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    pod('foreign', 'another'),
  ],
};

test('the newest pods are those of the version that it is to run, less those that end', () => {
  expect(newestPods(deploymentWith(DONE), sight).map(({ metadata }) => metadata.name)).toEqual(['new-1', 'new-2']);
});

test('failed are the pods that came with a rollout and were never ready', () => {
  const course = { sight: { ...sight, pods: [pod('old-1', 'old')] }, live: [], served: new Set(['new-3']) };
  expect(failedPods(sight, course).map(({ metadata }) => metadata.name)).toEqual(['new-2']);
});

test('the status tells of every pod of an app, those of other versions as well', () => {
  const status = statusOf({ name: 'shop', releases: [release] }, 'engine', sight);
  expect(status).toMatchObject({ release: 3, by: 'a@b', apps: [{ app: 'api', wanted: 2, healthy: 2 }] });
  expect(status.apps[0]?.containers.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'new-1 healthy',
    'new-2 starting',
    'new-3 stopped',
    'old-1 healthy',
  ]);
});

test('a container that was restarted has another log to follow', () => {
  const running = { startedAt: '2026-01-01T00:00:00Z' };
  const id = (restartCount: number) => runsOf([podWith({ restartCount, state: { running } })])[0]?.id;
  expect(id(0)).not.toBe(id(1));
  expect(runsOf([podWith({ state: { waiting: {} } })])).toEqual([]);
});

describe('a release', () => {
  test('comes back from its Secret as it was, oldest first', () => {
    const stored = [releaseObject('shop', release), releaseObject('shop', { ...release, number: 2 })];
    expect(releasesIn(stored)).toEqual([{ ...release, number: 2 }, release]);
  });

  test('has a name that no secret of a stack can have', () => {
    expect(releaseName('shop', 3)).toBe('shop.release.3');
  });

  test('that no Secret can hold is an error that says so', () => {
    const noise = randomBytes(900_000).toString('base64');
    const files = [{ path: 'a.yaml', content: noise }];
    expect(() => releaseObject('shop', { ...release, files })).toThrow(/release 3 of shop is \d+ KiB/);
  });

  test('of a later version is an error that names its Secret', () => {
    const stored = { ...releaseObject('shop', release), data: { release: 'AAAA' } };
    expect(() => releasesIn([stored])).toThrow(/shop\.release\.3 holds no release/);
  });
});

describe('a one-off pod', () => {
  const template = {
    metadata: { labels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/instance': 'shop' } },
    spec: {
      serviceAccountName: 'shop-api',
      topologySpreadConstraints: [{}],
      containers: [
        {
          name: 'api',
          image: 'shop-api:1',
          command: ['python3', '-I', '-S', `${MOUNTS}/start.py`, '--drain', '0', '--secret', 'A=/f', '--', 'uvicorn'],
          readinessProbe: {},
          livenessProbe: {},
          startupProbe: {},
          lifecycle: {},
          ports: [{}],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
    },
  };
  const oneOff = {
    name: 'shop',
    app: 'api',
    command: ['echo', '$HOME $(A)'],
    interactive: false,
    pod: 'shop-api-run-1',
  };

  test('runs the command as the app runs, under the shim and without probes', () => {
    const { spec } = runPod(template, oneOff);
    expect(spec).toEqual({
      serviceAccountName: 'shop-api',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 10,
      containers: [
        {
          name: 'api',
          image: 'shop-api:1',
          command: [...template.spec.containers[0]!.command.slice(0, 9), 'echo', '$$HOME $$(A)'],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
    });
  });

  test('has no label that requests, budgets or policies of the app select by', () => {
    expect(runPod(template, oneOff).metadata.labels).not.toHaveProperty('app.kubernetes.io/name');
  });

  test('may go where the app may go, and nobody may come to it', () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'shop-api' },
      spec: { ingress: [{}], egress: [{ to: [] }] },
    };
    expect(runPolicy(policy, oneOff)['spec']).toEqual({
      podSelector: { matchLabels: { 'asgi-synth/run': 'shop-api-run-1' } },
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ to: [] }],
    });
  });
});

test('a cluster before 1.30 is refused, with the reason', () => {
  expect(tooOld(29, 'Kubernetes 1.29.4')).toContain('needs 1.30 or later');
  expect(tooOld(30, '')).toBeUndefined();
});
