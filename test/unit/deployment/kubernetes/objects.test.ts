import { describe, expect, test } from 'vitest';
import { marked, deploymentsToMark, refusals } from '../../../../src/deployment/kubernetes/apply.js';
import { withoutReplicas } from '../../../../src/deployment/kubernetes/autoscalers.js';
import { differences } from '../../../../src/deployment/kubernetes/differences.js';
import { readyEndpoints, wrongProxyAnswer, wrongStatus } from '../../../../src/deployment/kubernetes/edge-check.js';
import { leftOver, objectsIn, objectsOf, type ClusterObject } from '../../../../src/deployment/kubernetes/objects.js';
import { prunable } from '../../../../src/deployment/kubernetes/prune.js';
import { READ_REVISIONS } from '../../../../src/deployment/kubernetes/revisions.js';
import { externalComplaint } from '../../../../src/deployment/kubernetes/check.js';
import { deploymentWith, planWith } from './support.js';

const OURS = { 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'asgi-synth' };
const MARK = { name: 'shop', manager: 'asgi-synth' };

function object(kind: string, name: string, labels: Record<string, string> = OURS, rest: object = {}): ClusterObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', labels }, ...rest };
}

test('what kubectl prints is read as a list, as one object, as several, and as nothing', () => {
  const one = JSON.stringify(object('Pod', 'a'), null, 4);
  expect(objectsIn(`{"kind": "List", "items": [${one}, ${one}]}`)).toHaveLength(2);
  expect(objectsIn(one)).toHaveLength(1);
  expect(objectsIn(`${one}\n${one}\n`)).toHaveLength(2);
  expect(objectsIn('')).toEqual([]);
});

test('the objects of an output are in its YAML files, less the Kustomization', () => {
  const files = [
    { path: 'kustomization.yaml', content: 'kind: Kustomization' },
    { path: 'api.yaml', content: '# comment\nkind: Service\n---\nkind: Deployment\n' },
    { path: 'api/other.yaml', content: 'kind: No' },
    { path: 'README.md', content: '#' },
  ];
  expect(objectsOf(files).map(({ kind }) => kind)).toEqual(['Service', 'Deployment']);
});

describe('the number of pods that an apply has put there', () => {
  const applied = (spec: object) => ({
    metadata: {
      ...deploymentWith({}).metadata,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(
          object('Deployment', 'shop-api', OURS, { spec }),
        ),
      },
    },
  });
  const free = object('Deployment', 'shop-api', OURS, { spec: { minReadySeconds: 5 } });

  test('is forgotten before an autoscaler says it, so that the next apply does not take it away', () => {
    expect(withoutReplicas([free], [applied({ replicas: 4, minReadySeconds: 5 })])).toEqual([free]);
  });

  test('stays where the output still has one, where it never did, and where nothing was applied', () => {
    const fixed = object('Deployment', 'shop-api', OURS, { spec: { replicas: 2 } });
    expect(withoutReplicas([fixed], [applied({ replicas: 4 })])).toEqual([]);
    expect(withoutReplicas([free], [applied({})])).toEqual([]);
    expect(withoutReplicas([free], [deploymentWith({})])).toEqual([]);
    expect(withoutReplicas([free], [])).toEqual([]);
  });
});

describe('what is left over', () => {
  test('is ours and in no output; volumes, namespaces and Secrets stay', () => {
    const live = [
      object('Service', 'kept'),
      object('Service', 'dropped'),
      object('PersistentVolumeClaim', 'data'),
      object('Secret', 'value'),
      object('Namespace', 'shop'),
    ];
    expect(leftOver(live, [object('Service', 'kept')], MARK)).toEqual([object('Service', 'dropped')]);
  });

  test('is nothing of a Helm release of the same name', () => {
    const helm = object('Service', 'postgres', { ...OURS, 'app.kubernetes.io/managed-by': 'Helm' });
    expect(leftOver([helm], [], MARK)).toEqual([]);
    expect(leftOver([helm], [], { ...MARK, manager: 'Helm' })).toEqual([helm]);
  });

  test('of ConfigMaps are those that are named by their content', () => {
    const config = object('ConfigMap', 'shop-nginx-0123456789ab', OURS, { immutable: true });
    const others = [
      object('ConfigMap', 'shop-settings', OURS, { immutable: true }),
      object('ConfigMap', 'a-0123456789ab'),
    ];
    expect(prunable([config, ...others], MARK)).toEqual([config]);
  });
});

describe('the mark of the secrets that pods have read', () => {
  const wanted: ClusterObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop-api', labels: { 'app.kubernetes.io/name': 'api' } },
  };
  const live = (mark?: string) => {
    const { spec, metadata } = deploymentWith({});
    const annotations = mark === undefined ? {} : { [READ_REVISIONS]: mark };
    return [{ metadata, spec: { ...spec, template: { ...spec.template, metadata: { annotations } } } }];
  };
  const toMark = (revision: number, there: ReturnType<typeof live> | []) =>
    deploymentsToMark({ objects: [wanted], plan: planWith(), secrets: { db_password: revision } }, there);

  test('is set where it is another one than that of the running template', () => {
    expect(toMark(2, live())).toEqual([{ object: wanted, mark: 'db_password=2' }]);
    expect(toMark(2, live('db_password=2'))).toEqual([]);
    expect(toMark(1, live('db_password=2'))).toEqual([{ object: wanted, mark: undefined }]);
  });

  test('is needed on a Deployment that does not exist only after the first revision', () => {
    expect(toMark(1, [])).toEqual([]);
    expect(toMark(2, [])).toHaveLength(1);
  });

  test('stands beside the annotations of others, and goes without a trace', () => {
    const spec = { template: { metadata: { labels: { a: 'b' }, annotations: { other: 'x' } } } };
    const withMark = marked({ ...wanted, spec }, 'db_password=2');
    expect(withMark).toMatchObject({
      spec: {
        template: { metadata: { labels: { a: 'b' }, annotations: { other: 'x', [READ_REVISIONS]: 'db_password=2' } } },
      },
    });
    expect(marked(withMark, undefined)).toEqual({ ...wanted, spec });
  });
});

test('what a cluster says against an output is told line by line', () => {
  expect(refusals('Warning: old\nError from server (Forbidden): no\nThe Service "a" is invalid: x\n')).toEqual([
    'the cluster refuses the output: no',
    'the cluster refuses the output: The Service "a" is invalid: x',
  ]);
  expect(refusals('')).toHaveLength(1);
});

describe('differences', () => {
  const applied = object('Deployment', 'shop-api', OURS, {
    spec: { replicas: 2, containers: [{ name: 'api', image: 'a:1', env: [{ name: 'A', value: '1' }] }] },
    status: { replicas: 2 },
  });

  test('are none where only the server has written something', () => {
    const live = {
      ...applied,
      status: {},
      metadata: { ...applied.metadata, uid: '1', resourceVersion: '5', generation: 3 },
    };
    expect(differences([applied], [live])).toEqual([]);
  });

  test('are told by field, items by their names', () => {
    const live = {
      ...applied,
      spec: { replicas: 5, containers: [{ name: 'api', image: 'a:2', env: [] }] },
    };
    expect(differences([applied], [live])).toEqual([
      { of: 'Deployment/shop-api', field: 'spec.containers[api].env[A]', before: { name: 'A', value: '1' } },
      { of: 'Deployment/shop-api', field: 'spec.containers[api].image', before: 'a:1', after: 'a:2' },
      { of: 'Deployment/shop-api', field: 'spec.replicas', before: 2, after: 5 },
    ]);
  });

  test('are the whole object where that has gone', () => {
    expect(differences([applied], [])).toEqual([{ of: 'Deployment/shop-api', before: 'there', after: 'gone' }]);
  });
});

describe('the edge', () => {
  test.each([
    ['200', true, undefined],
    ['302', true, undefined],
    ['404', true, 'status 404'],
    ['404', false, undefined],
    ['502', false, 'status 502'],
  ])('answers %s, with readiness %s', (status, hasReadiness, wrong) => {
    expect(wrongStatus(status, '', { hasReadiness })).toBe(wrong);
  });

  test('that does not answer says why, and one without curl is not asked', () => {
    const stderr = 'curl: (7) Failed to connect\ncommand terminated with exit code 7';
    expect(wrongStatus('000', stderr, { hasReadiness: true })).toContain('command terminated');
    const missing = 'exec failed: "curl": executable file not found in $PATH';
    expect(wrongStatus('', missing, { hasReadiness: true })).toBeUndefined();
  });

  test('of a Service counts each ready pod once', () => {
    const endpoint = (uid: string, ready: boolean) => ({ conditions: { ready }, targetRef: { uid } });
    const slices = [
      { endpoints: [endpoint('a', true), endpoint('b', false)] },
      { endpoints: [endpoint('a', true)] },
      { endpoints: null },
    ];
    expect(readyEndpoints(slices)).toBe(1);
  });

  test('that the API server may not or cannot reach proves nothing', () => {
    const notes: string[] = [];
    const ask = (line: string) => wrongProxyAnswer(line, (note) => notes.push(note));
    expect(ask('Error from server (ServiceUnavailable): error trying to reach service: dial tcp')).toBeUndefined();
    expect(ask('Error from server (Forbidden): no')).toBeUndefined();
    expect(notes).toHaveLength(2);
    expect(ask('Error from server (NotFound): the server could not find the requested resource')).toBeUndefined();
    expect(ask('Error from server (InternalError): an error on the server')).toContain('InternalError');
  });
});

test('an external Secret must be there, with the key of its id', () => {
  const secret = { id: 'key', variable: 'KEY', external: 'theirs' };
  expect(externalComplaint(secret, undefined, 'shop')).toEqual([
    'secret key is external, but there is no Secret theirs in namespace shop; make it there, with the key key',
  ]);
  const stored = object('Secret', 'theirs', {}, { data: { other: '' } });
  expect(externalComplaint(secret, stored, 'shop')).toEqual([
    'the Secret theirs in namespace shop has no key key; it has other',
  ]);
  expect(externalComplaint(secret, { ...stored, data: { key: '' } }, 'shop')).toEqual([]);
});
