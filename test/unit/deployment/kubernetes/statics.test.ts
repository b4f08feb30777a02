import { AsgiApp, Stack, synthesize } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { objectsOf, titleOf } from '../../../../src/deployment/kubernetes/objects.js';
import type { Deployment, ReplicaSet } from '../../../../src/deployment/kubernetes/sight.js';
import {
  changedStatics,
  hasBegun,
  leadStatics,
  resumeStatics,
  type Leading,
} from '../../../../src/deployment/kubernetes/statics.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import { planOf } from '../../../../src/deployment/plan.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { FakeCommands } from '../../support/commands.js';
import { deploymentWith, podWith, READY } from './support.js';

/** A version of a stack whose app has static files. */
function output(image = 'acme/files:1') {
  const stack = new Stack('shop');
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', static: { '/static': '/app/static' } });
  const options = { images: { 'api-static': image } };
  const files = synthesize(stack, 'kubernetes', options);
  const plan = planOf(stack, 'kubernetes', options);
  return { files, version: { folder: '/out', objects: objectsOf(files), plan, secrets: {} } };
}

const { version } = output('acme/files:2');
const previous = { files: output().files } as unknown as Release;

/** The Deployment with the files, as the cluster tells it. */
function files(spec: Partial<Deployment['spec']> = {}, observedGeneration = 2): Deployment {
  const { template } = deploymentWith({}).spec;
  const metadata = { labels: { 'app.kubernetes.io/name': 'api-static' } };
  const one = deploymentWith({ observedGeneration }, { template: { ...template, metadata }, ...spec });
  return { ...one, metadata: { ...one.metadata, name: 'shop-api-static' } };
}

const set: ReplicaSet = {
  kind: 'ReplicaSet',
  metadata: {
    name: 'set',
    uid: 'set',
    ownerReferences: [{ uid: 'deployment' }],
    annotations: { 'deployment.kubernetes.io/revision': '2' },
  },
  status: {},
};

const sightOf = (deployment: Deployment, status = READY) => ({
  deployments: [deployment],
  replicaSets: [set],
  pods: [podWith({}, status)],
});

function clusterWith(deployment: Deployment): FakeCommands {
  const { replicaSets, pods } = sightOf(deployment);
  return new FakeCommands((words) =>
    words.startsWith('get deployments') ? JSON.stringify({ items: [deployment, ...replicaSets, ...pods] }) : '',
  );
}

describe('static files on Kubernetes', () => {
  test.each([
    ['the first version', undefined, []],
    ['another image', previous, ['api-static']],
    ['the same image', { files: output('acme/files:2').files } as unknown as Release, []],
  ])('change with %s', (_, before, changed) => {
    expect(changedStatics({ version, previous: before })).toEqual(changed);
  });

  test('come before the pods whose pages name them, and halt with one of each version', async () => {
    const ended = new AbortController();
    const cluster = clusterWith(files());
    const { kubectl } = cluster;
    const leading: Leading = {
      ...{ kubectl, version, previous, plan: version.plan, signal: ended.signal },
      ...{ before: { deployments: [], replicaSets: [], pods: [] }, onLook: () => ended.abort() },
    };
    await expect(leadStatics(leading, SILENT)).rejects.toThrow(/abort/i);
    expect(cluster.ran.filter((words) => !words.startsWith('get'))).toEqual([
      'apply --filename -',
      'rollout pause deployment/shop-api-static',
    ]);
    const applied = JSON.parse(cluster.inputs[0] ?? '') as { items: Parameters<typeof titleOf>[0][] };
    expect(applied.items.map(titleOf)).toContain('Deployment/shop-api-static');
    expect(applied.items.map(titleOf)).not.toContain('Deployment/shop-api');
  });

  test.each([
    ['a pod is ready', files(), READY, true],
    ['none is', files(), {}, false],
    ['the cluster has not looked at the new version yet', files({}, 1), READY, false],
  ])('have begun to change: %s', (_, deployment, status, begun) => {
    expect(hasBegun(deployment, sightOf(deployment, status))).toBe(begun);
  });

  test.each([
    [true, ['rollout resume deployment/shop-api-static']],
    [false, []],
  ])('go on where they are halted: %s', async (paused, commands) => {
    const cluster = clusterWith(files({ paused }));
    await resumeStatics(cluster.kubectl, version.plan);
    expect(cluster.ran.filter((words) => !words.startsWith('get'))).toEqual(commands);
  });
});
