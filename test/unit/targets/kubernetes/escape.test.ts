import { describe, expect, test } from 'vitest';
import { UserError } from '../../../../src/errors.js';
import { AsgiApp } from '../../../../src/model/app.js';
import { mistakesBelow } from '../../../../src/model/mistakes.js';
import { Secret } from '../../../../src/model/secret.js';
import { Stack } from '../../../../src/model/stack.js';
import { Volume } from '../../../../src/model/volume.js';
import { Kubernetes } from '../../../../src/targets/kubernetes/escape.js';
import { kubernetes } from '../../../../src/targets/kubernetes/kubernetes.js';
import { allOf, filesOf, IMAGE, kindsIn, objectOf, objectsOf, podOf, stackOf } from './support.js';

const apiOf = (stack: Stack) => stack.apps[0]!;

/** Messages with which the target refuses the stack. */
function refusal(stack: Stack): string[] {
  try {
    kubernetes.synthesize(stack, {});
  } catch (error) {
    if (error instanceof UserError)
      return error.complaints.map(
        ({ path, position, message }) => `${position === undefined ? '?' : ''}${path}: ${message}`,
      );
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a patch', () => {
  test('changes the emitted object', () => {
    const stack = stackOf();
    Kubernetes.of(apiOf(stack)).patch(
      { op: 'add', path: '/spec/template/spec/priorityClassName', value: 'web' },
      { op: 'remove', path: '/spec/replicas' },
    );
    expect(podOf(stack).priorityClassName).toBe('web');
    expect(objectOf(stack, 'Deployment').spec).not.toHaveProperty('replicas');
  });

  test('is for the object of one kind', () => {
    const stack = stackOf();
    Kubernetes.of(apiOf(stack), 'Ingress').patch({
      op: 'add',
      path: '/metadata/annotations',
      value: { 'acme.com/x': 'y' },
    });
    expect(objectOf(stack, 'Ingress').metadata.annotations).toEqual({ 'acme.com/x': 'y' });
    expect(objectOf(stack, 'Service').metadata).not.toHaveProperty('annotations');
  });

  test('is for the first of several objects of a kind', () => {
    const stack = stackOf({}, { edge: 'nginx' });
    Kubernetes.of(apiOf(stack), 'Service').patch({ op: 'replace', path: '/spec/ports/0/port', value: 81 });
    expect(objectOf(stack, 'Service').spec.ports[0]?.port).toBe(81);
    expect(objectOf(stack, 'Service', 'shop-api-pods').spec.ports[0]?.port).toBe(8000);
  });

  test('of a stack is for its namespace, its kustomization and its nginx', () => {
    const stack = stackOf({}, { edge: 'nginx' });
    Kubernetes.of(stack, 'Namespace').patch({ op: 'add', path: '/metadata/labels/x', value: 'y' });
    Kubernetes.of(stack, 'Kustomization').patch({ op: 'add', path: '/components', value: ['../extra'] });
    Kubernetes.of(stack).patch({ op: 'replace', path: '/spec/replicas', value: 5 });
    expect(objectOf(stack, 'Namespace', 'shop').metadata.labels).toHaveProperty('x', 'y');
    expect(filesOf(stack)['kustomization.yaml']).toContain('components:\n  - "../extra"\n');
    expect(objectOf(stack, 'Deployment', 'shop-nginx').spec.replicas).toBe(5);
  });

  test('of a configuration gives it another name, which the pods follow', () => {
    const name = (stack: Stack) =>
      allOf(stack, 'ConfigMap').find(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === 'nginx')!.metadata
        .name;
    const stack = stackOf({}, { edge: 'nginx' });
    const before = name(stack);
    Kubernetes.of(stack, 'ConfigMap').patch({ op: 'add', path: '/data/extra.conf', value: 'x\n' });
    expect(name(stack)).not.toBe(before);
    expect(podOf(stack, 'shop-nginx').volumes[1]?.configMap.name).toBe(name(stack));
  });

  test('for a kind that is not emitted is refused', () => {
    const stack = stackOf({ health: '/healthz' });
    Kubernetes.of(apiOf(stack), 'StatefulSet').patch({ op: 'remove', path: '/spec' });
    Kubernetes.of(stack).patch({ op: 'remove', path: '/spec' });
    expect(refusal(stack)).toEqual([
      'shop: a patch is for kind "Deployment", which is not written for it; known are Kustomization, Namespace',
      'shop/api: a patch is for kind "StatefulSet", which is not written for it; known are Deployment, Ingress, NetworkPolicy, PodDisruptionBudget, Service, ServiceAccount',
    ]);
  });

  test('that finds nothing at its path is refused', () => {
    const stack = stackOf();
    Kubernetes.of(apiOf(stack)).patch({ op: 'remove', path: '/spec/nothing' });
    expect(refusal(stack)).toEqual([expect.stringMatching(/^shop\/api: patch cannot remove "\/spec\/nothing"/)]);
  });

  test('that makes a Service no API server would take is refused', () => {
    const stack = stackOf();
    Kubernetes.of(apiOf(stack), 'Service').patch({ op: 'replace', path: '/metadata/name', value: '1st' });
    expect(refusal(stack)).toEqual([expect.stringMatching(/^shop\/api: its Service would be named "1st"/)]);
  });
});

describe('an object of the user', () => {
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'shop' }, spec: { hard: { pods: '20' } } };

  test('stands beside ours, in the namespace of the stack', () => {
    const stack = stackOf();
    Kubernetes.of(stack).add(quota);
    expect(filesOf(stack)['kustomization.yaml']).toContain('- "stack.yaml"');
    expect(objectsOf(stack).find(({ kind }) => kind === 'ResourceQuota')).toEqual({
      ...quota,
      metadata: { namespace: 'shop', name: 'shop' },
    });
  });

  test('of an app or a volume is in its file', () => {
    const stack = new Stack('shop');
    const data = new Volume(stack, 'data');
    const api = new AsgiApp(stack, 'api', { image: IMAGE, module: 'main:app' });
    Kubernetes.of(api).add({ ...quota, metadata: { name: 'of-api' } });
    Kubernetes.of(data).add({ ...quota, metadata: { name: 'of-data' } });
    expect(filesOf(stack)['api.yaml']).toContain('name: "of-api"');
    expect(filesOf(stack)['data.yaml']).toContain('name: "of-data"');
  });

  test('keeps a namespace of its own, and gets none where its kind has none', () => {
    const stack = stackOf();
    Kubernetes.of(stack)
      .add({ ...quota, metadata: { name: 'other', namespace: 'elsewhere' } })
      .add({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'web' }, value: 10 })
      .add({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'acme' } });
    const namespaces = Object.fromEntries(objectsOf(stack).map(({ kind, metadata }) => [kind, metadata.namespace]));
    expect(namespaces).toMatchObject({
      ResourceQuota: 'elsewhere',
      PriorityClass: undefined,
      ClusterIssuer: undefined,
    });
  });

  test('does not change when the user changes it later', () => {
    const stack = stackOf();
    const object = structuredClone(quota);
    Kubernetes.of(stack).add(object);
    object.spec.hard.pods = '99';
    expect(filesOf(stack)['stack.yaml']).toContain('pods: "20"');
  });

  test.each([
    [{ kind: 'Service', metadata: { name: 'x' } }, 'apiVersion must be such as "apps/v1", got nothing'],
    [{ apiVersion: 'v1', kind: 'service', metadata: { name: 'x' } }, 'kind must be such as "Service", got "service"'],
    [
      { apiVersion: 'v1', kind: 'Service' },
      'metadata.name must be lower-case letters, digits, "-" and ".", got nothing',
    ],
    [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, stringData: { a: 'canary' } },
      'a Secret would show its values in the output; use new Secret(stack, "id")',
    ],
    [[quota], 'it must be plain data'],
    [{ ...quota, value: 1n }, 'it must be plain data'],
  ])('that cannot be applied is a mistake: %#', (object, message) => {
    const stack = stackOf();
    Kubernetes.of(stack).add(object);
    expect(mistakesBelow(stack).map((mistake) => mistake.message)).toEqual([
      `Kubernetes.of(…).add() got an object that cannot be applied: ${message}`,
    ]);
  });

  test('named as one of ours is refused', () => {
    const stack = stackOf();
    Kubernetes.of(stack).add({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop-api' } });
    expect(refusal(stack)).toEqual(['shop/api: there would be two objects Service shop-api; give one another name']);
  });
});

describe('a name', () => {
  test('that a Service cannot have is refused', () => {
    const long = stackOf();
    new AsgiApp(long, 'a'.repeat(40), { image: IMAGE, module: 'main:app' });
    expect(() => kubernetes.synthesize(long, { stage: 'b'.repeat(30) })).toThrow(
      /Service would be named .* at most 63 characters/,
    );
    const digit = new Stack('1st');
    new AsgiApp(digit, 'api', { image: IMAGE, module: 'main:app' });
    expect(refusal(digit)).toEqual([
      expect.stringContaining('1st/api: its Service would be named "1st-api", but Kubernetes wants a letter first'),
    ]);
  });

  test('that meets one of our own is refused', () => {
    const stack = stackOf({}, { edge: 'nginx' });
    new AsgiApp(stack, 'api-pods', { image: IMAGE, module: 'main:app', pathPrefix: '/x' });
    expect(refusal(stack)).toEqual([
      'shop/api-pods: there would be two objects Service shop-api-pods; give one another name',
    ]);
  });

  test('that a Secret cannot have is refused', () => {
    const stack = stackOf();
    new Secret(stack, 'db', { external: 'Shared_db' });
    expect(refusal(stack)).toEqual([
      expect.stringMatching(/^shop\/db: external names a Secret, .* got "Shared_db"; give it such a name there$/),
    ]);
  });

  test('that is an address is refused as the host of a route', () => {
    expect(refusal(stackOf({ hosts: ['10.1.2.3'] }))).toEqual([
      'shop/api: hosts has the address 10.1.2.3, but routes of a cluster take names alone; use a name, or leave hosts out',
    ]);
    expect(kindsIn(stackOf({ hosts: ['10.1.2.3'] }, { edge: 'nginx' }))).toContain('Deployment');
  });

  test('of a label by which pods are found is refused', () => {
    expect(
      refusal(stackOf({}, { labels: { 'app.kubernetes.io/name': 'x', 'app.kubernetes.io/part-of': 'acme' } })),
    ).toEqual(['shop: labels["app.kubernetes.io/name"] is what Services find their pods by; use another key']);
    expect(
      objectOf(stackOf({}, { labels: { 'app.kubernetes.io/part-of': 'acme' } }), 'Deployment').metadata.labels[
        'app.kubernetes.io/part-of'
      ],
    ).toBe('acme');
  });
});
