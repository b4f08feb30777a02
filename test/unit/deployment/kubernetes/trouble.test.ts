import { describe, expect, test } from 'vitest';
import {
  deploymentTrouble,
  podTrouble,
  type Circumstances,
  type PodEvent,
} from '../../../../src/deployment/kubernetes/trouble.js';
import { deploymentWith, podWith, READY } from './support.js';

const NEW: Circumstances = { events: [], restartsBefore: 0, startup: 10 };

describe('a pod is in trouble', () => {
  test('not while it is ready, whatever it went through', () => {
    const terminated = { exitCode: 1 };
    expect(podTrouble(podWith({ restartCount: 9, lastState: { terminated } }, READY), NEW)).toBeUndefined();
  });

  test.each([
    [
      'no such tag',
      'rpc error: code = NotFound desc = failed to pull and unpack image "r/a:1": failed to resolve reference "r/a:1": r/a:1: not found',
      0,
    ],
    ['no right', 'failed to authorize: 401 Unauthorized', 0],
    ['a registry that is away', 'dial tcp 10.0.0.1:443: connect: connection refused', 35],
  ])('over an image: %s', (_, message, patience) => {
    const pod = podWith({ state: { waiting: { reason: 'ErrImagePull', message } } });
    expect(podTrouble(pod, NEW)).toMatchObject({ why: 'image-not-pulled', patience });
  });

  test('over an image, told without the layers of who tells it', () => {
    const message =
      'Back-off pulling image "r/a:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "r/a:1": failed to resolve reference "r/a:1": r/a:1: not found';
    const pod = podWith({ state: { waiting: { reason: 'ImagePullBackOff', message } } });
    expect(podTrouble(pod, NEW)?.detail).toBe('"r/a:1": r/a:1: not found');
  });

  test('for ever over a crash when it crashes for the second time', () => {
    const terminated = { exitCode: 1, reason: 'Error' };
    expect(podTrouble(podWith({ state: { terminated } }), NEW)).toBeUndefined();
    expect(podTrouble(podWith({ restartCount: 1, state: { terminated } }), NEW)).toMatchObject({
      why: 'crashed-at-start',
      detail: 'exit code 1',
      patience: 0,
      logs: { container: 'api', previous: false },
    });
    const waiting = { reason: 'CrashLoopBackOff' };
    expect(podTrouble(podWith({ restartCount: 1, state: { waiting }, lastState: { terminated } }), NEW)).toMatchObject({
      why: 'crashed-at-start',
      logs: { previous: true },
    });
  });

  test('not over a crash before the rollout', () => {
    const pod = podWith({ restartCount: 4, state: { terminated: { exitCode: 1 } } });
    expect(podTrouble(pod, { ...NEW, restartsBefore: 4 })).toBeUndefined();
  });

  test('with the signal that ended it', () => {
    const pod = podWith({ restartCount: 2, state: { terminated: { exitCode: 139 } } });
    expect(podTrouble(pod, NEW)?.detail).toBe('exit code 139 (signal 11)');
  });

  test('over memory at once', () => {
    const pod = podWith({ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } });
    expect(podTrouble(pod, NEW)).toMatchObject({ why: 'out-of-memory', patience: 0 });
  });

  test('over its probe as soon as the kubelet gives it up, which is before the container ends', () => {
    const events: PodEvent[] = [
      { reason: 'Unhealthy', message: 'Startup probe failed: HTTP probe failed with statuscode: 503' },
      { reason: 'Killing', message: 'Container api failed startup probe, will be restarted' },
    ];
    const running = { startedAt: '2026-01-01T00:00:00Z' };
    expect(podTrouble(podWith({ state: { running } }), { ...NEW, events })).toMatchObject({
      why: 'unhealthy',
      detail: 'Startup probe failed: HTTP probe failed with statuscode: 503',
      patience: 0,
    });
  });

  test('over readiness once its time to start is over', () => {
    const events: PodEvent[] = [{ reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed' }];
    const pod = podWith({ state: { running: { startedAt: '2026-01-01T00:00:00Z' } } });
    expect(podTrouble(pod, { ...NEW, events })).toMatchObject({
      why: 'unhealthy',
      detail: 'Readiness probe failed: HTTP probe failed',
      patience: 25,
    });
  });

  const unschedulable = podWith(
    {},
    {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available.',
        },
      ],
    },
  );

  test('over a node for a while, unless somebody makes room', () => {
    expect(podTrouble(unschedulable, NEW)).toMatchObject({
      why: 'not-schedulable',
      detail: '0/2 nodes are available: 2 Insufficient memory',
      patience: 15,
    });
    const events: PodEvent[] = [{ reason: 'TriggeredScaleUp', message: 'pod triggered scale-up' }];
    expect(podTrouble(unschedulable, { ...NEW, events })).toBeUndefined();
  });

  test('over a Secret that is not there', () => {
    const message = 'MountVolume.SetUp failed for volume "secrets" : secret "shop-api-key" not found';
    const pod = podWith({ state: { waiting: { reason: 'ContainerCreating' } } });
    expect(podTrouble(pod, NEW)).toBeUndefined();
    const events: PodEvent[] = [{ reason: 'FailedMount', message }];
    expect(podTrouble(pod, { ...NEW, events })).toMatchObject({ detail: message, patience: 5 });
  });
});

describe('a Deployment is in trouble', () => {
  test('over a quota that lets it make no pods', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'pods "x" is forbidden: exceeded quota' }];
    expect(deploymentTrouble(deploymentWith({ observedGeneration: 2, conditions }))?.why).toBe('not-schedulable');
  });

  test('not over what the controller said of the version before', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'old' }];
    expect(deploymentTrouble(deploymentWith({ observedGeneration: 1, conditions }))).toBeUndefined();
  });

  test('while somebody has paused it', () => {
    expect(deploymentTrouble(deploymentWith({}, { paused: true }))?.detail).toContain('kubectl rollout resume');
  });
});
