import { expect, test } from 'vitest';
import type { StackProps } from '../../../../src/model/stack-props.js';
import { objectOf, objectsOf, stackOf } from './support.js';

const policy = (props: StackProps = {}, name = 'shop-api') => objectOf(stackOf({}, props), 'NetworkPolicy', name).spec;
const DNS = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
const APP = [{ protocol: 'TCP', port: 8000 }];
const NGINX = {
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'nginx', 'app.kubernetes.io/instance': 'shop' } },
};

test('an app can be reached on its port alone, and reaches everybody', () => {
  expect(policy()).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'api', 'app.kubernetes.io/instance': 'shop' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: APP }],
    egress: [{}],
  });
});

test('only an nginx of ours reaches the app behind it', () => {
  expect(policy({ edge: 'nginx' }).ingress).toEqual([{ from: [NGINX], ports: APP }]);
});

test('allowFrom names who else reaches an app', () => {
  const allowFrom = [
    { namespace: 'infra', pods: { app: 'proxy' } },
    { pods: { app: 'job' }, ports: [9090] },
    { cidr: '10.1.0.5' },
    { cidr: 'fd00::/8' },
  ];
  const peers = [
    {
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'infra' } },
          podSelector: { matchLabels: { app: 'proxy' } },
        },
      ],
      ports: APP,
    },
    { from: [{ podSelector: { matchLabels: { app: 'job' } } }], ports: [{ protocol: 'TCP', port: 9090 }] },
    { from: [{ ipBlock: { cidr: '10.1.0.5/32' } }], ports: APP },
    { from: [{ ipBlock: { cidr: 'fd00::/8' } }], ports: APP },
  ];
  expect(policy({ allowFrom }).ingress).toEqual(peers);
  expect(policy({ allowFrom, edge: 'nginx' }).ingress).toEqual([{ from: [NGINX], ports: APP }, ...peers]);
});

test('an empty allowFrom lets nobody in but the edge of the stack', () => {
  expect(policy({ allowFrom: [] })).not.toHaveProperty('ingress');
  expect(policy({ allowFrom: [] }).policyTypes).toContain('Ingress');
  expect(policy({ allowFrom: [], edge: 'nginx' }).ingress).toHaveLength(1);
});

test('allowTo leaves an app DNS and whom it names', () => {
  expect(policy({ allowTo: [{ cidr: '10.2.0.0/16', ports: [5432, 6432] }, { namespace: 'cache' }] }).egress).toEqual([
    DNS,
    {
      to: [{ ipBlock: { cidr: '10.2.0.0/16' } }],
      ports: [
        { protocol: 'TCP', port: 5432 },
        { protocol: 'TCP', port: 6432 },
      ],
    },
    { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'cache' } } }] },
  ]);
  expect(policy({ allowTo: [] }).egress).toEqual([DNS]);
});

test('an nginx of ours takes requests from everybody, and reaches nothing but the apps', () => {
  expect(policy({ edge: 'nginx' }, 'shop-nginx')).toMatchObject({
    ingress: [{ ports: [{ protocol: 'TCP', port: 8080 }] }],
    egress: [DNS, { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'shop' } } }], ports: APP }],
  });
});

test('every Deployment has a policy', () => {
  const objects = objectsOf(stackOf({}, { edge: 'nginx' }));
  const names = (kind: string) => objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
  expect(names('NetworkPolicy')).toEqual(names('Deployment'));
});
