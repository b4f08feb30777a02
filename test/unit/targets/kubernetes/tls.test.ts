import { describe, expect, test } from 'vitest';
import { AsgiApp } from '../../../../src/model/app.js';
import { Secret } from '../../../../src/model/secret.js';
import { Stack } from '../../../../src/model/stack.js';
import type { StackProps, TlsProps } from '../../../../src/model/stack-props.js';
import { kubernetes } from '../../../../src/targets/kubernetes/kubernetes.js';
import { allOf, filesOf, IMAGE, objectOf, podOf, stackOf } from './support.js';

const OWN = { certificate: {}, key: {} };
const hosts = ['shop.example.com', 'www.example.com'];
const problems = (props: StackProps, app: { hosts?: readonly string[] } = { hosts }) =>
  kubernetes.problems(stackOf(app, props)).map(({ id, prop }) => `${id} ${prop}`);

describe('an Ingress', () => {
  const withTls = (tls: TlsProps) => objectOf(stackOf({ hosts }, { tls }), 'Ingress');

  test.each([
    ['of your own', OWN, 'shop-tls', undefined],
    ['that is there', { secretName: 'wildcard' }, 'wildcard', undefined],
    [
      'of a ClusterIssuer',
      { clusterIssuer: 'letsencrypt' },
      'shop-tls',
      { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
    ],
    ['of an Issuer', { issuer: 'acme' }, 'shop-tls', { 'cert-manager.io/issuer': 'acme' }],
  ])('serves its hosts with a certificate %s', (_, tls, secretName, annotations) => {
    const { spec, metadata } = withTls(tls);
    expect(spec.tls).toEqual([{ hosts, secretName }]);
    expect(metadata.annotations).toEqual(annotations);
  });

  test('asks for one certificate for all hosts of the stack, once', () => {
    const stack = new Stack('shop', { tls: { clusterIssuer: 'letsencrypt' } });
    for (const id of ['api', 'web'])
      new AsgiApp(stack, id, { image: IMAGE, module: 'main:app', hosts: [`${id}.example.com`] });
    const [api, web] = allOf(stack, 'Ingress');
    expect(api?.spec.tls[0]?.hosts).toEqual(['api.example.com', 'web.example.com']);
    expect(web?.spec.tls).toEqual([{ hosts: ['web.example.com'], secretName: 'shop-tls' }]);
    expect(web?.metadata).not.toHaveProperty('annotations');
  });

  test('ends TLS for an nginx of ours behind it', () => {
    const stack = stackOf({ hosts }, { edge: 'nginx', ingress: {}, tls: OWN });
    expect(objectOf(stack, 'Ingress', 'shop-nginx').spec.tls).toEqual([{ hosts, secretName: 'shop-tls' }]);
    expect(podOf(stack, 'shop-nginx').volumes.map(({ name }) => name)).toEqual(['tmp', 'config']);
  });

  test.each([
    ['of your own', OWN],
    ['of an Issuer', { issuer: 'acme' }],
  ])('serves with a certificate %s the hosts that an nginx behind it sends to others', (_, tls) => {
    const redirects = { 'old.example.com': 'shop.example.com' };
    const stack = stackOf({ hosts }, { edge: 'nginx', ingress: {}, redirects, tls });
    expect(objectOf(stack, 'Ingress', 'shop-nginx').spec.tls[0]?.hosts).toEqual([...hosts, 'old.example.com']);
  });

  test('needs hosts, and has a mind of its own about redirects', () => {
    expect(problems({ tls: OWN })).toEqual([]);
    expect(problems({ tls: OWN }, {})).toEqual(['tls-hosts tls']);
    expect(problems({ tls: { ...OWN, redirect: true, hsts: 60 } })).toEqual(['tls-redirect tls', 'tls-redirect tls']);
    expect(problems({ tls: OWN, httpsPort: 443 })).toEqual(['http-port httpsPort']);
    expect(problems({ tls: { certificate: { external: 'a' }, key: {} } })).toEqual(['tls-certificate tls']);
  });
});

describe('a Gateway', () => {
  test('has certificates of its own, so that routes attach to its listener for HTTPS alone', () => {
    const gateway = { name: 'public' };
    expect(problems({ gateway, tls: OWN })).toEqual(['tls-certificate tls']);
    const parents = (props: StackProps) => objectOf(stackOf({ hosts }, props), 'HTTPRoute').spec.parentRefs;
    expect(parents({ gateway, tls: OWN })).toEqual([{ name: 'public', sectionName: 'https' }]);
    const redirects = { 'old.example.com': 'shop.example.com' };
    const all = allOf(stackOf({ hosts }, { gateway, tls: OWN, redirects }), 'HTTPRoute');
    const listener = [{ name: 'public', sectionName: 'https' }];
    expect(all.map(({ spec }) => spec.parentRefs)).toEqual([listener, listener]);
    expect(parents({ gateway: { ...gateway, listener: 'shops' }, tls: OWN })).toEqual([
      { name: 'public', sectionName: 'shops' },
    ]);
    expect(parents({ gateway: { ...gateway, listener: 'shops' } })).toEqual([{ name: 'public', sectionName: 'shops' }]);
  });
});

describe('an nginx of ours', () => {
  const nginx = (props: StackProps = {}) => stackOf({ hosts }, { edge: 'nginx', tls: OWN, ...props });

  test('mounts the certificate and its key for its own group', () => {
    const { volumes, containers } = podOf(nginx(), 'shop-nginx');
    expect(volumes.find(({ name }) => name === 'certificate')?.secret).toEqual({
      secretName: 'shop-tls',
      defaultMode: 0o440,
      items: ['tls.crt', 'tls.key'].map((key) => ({ key, path: key })),
    });
    expect(containers[0]?.volumeMounts).toContainEqual({
      name: 'certificate',
      mountPath: '/run/secrets',
      readOnly: true,
    });
    expect(filesOf(nginx())['nginx.yaml']).toContain('ssl_certificate_key "/run/secrets/tls.key";');
    expect(podOf(nginx({ tls: { secretName: 'wildcard' } }), 'shop-nginx').volumes[2]?.secret.secretName).toBe(
      'wildcard',
    );
  });

  test('takes HTTPS through its Service and its NetworkPolicy', () => {
    const { ports } = objectOf(nginx(), 'Service', 'shop-nginx').spec;
    expect(ports.map(({ name, port, targetPort }) => [name, port, targetPort])).toEqual([
      ['http', 80, 'http'],
      ['https', 443, 'https'],
    ]);
    const [rule] = objectOf(nginx(), 'NetworkPolicy', 'shop-nginx').spec.ingress;
    expect(rule?.ports.map(({ port }) => port)).toEqual([8080, 8443]);
  });

  test('cannot ask cert-manager, which wants an Ingress', () => {
    const tls = { clusterIssuer: 'letsencrypt' };
    expect(problems({ edge: 'nginx', tls })).toEqual(['tls-certificate tls']);
    expect(problems({ edge: 'nginx', tls, httpsPort: 8443 })).toEqual(['http-port httpsPort', 'tls-certificate tls']);
    expect(filesOf(nginx({ tls }))['nginx.yaml']).not.toContain('ssl');
  });

  test('takes any host with one certificate', () => {
    expect(problems({ edge: 'nginx', tls: OWN }, {})).toEqual([]);
    expect(problems({ edge: 'nginx', tls: { ...OWN, redirect: true, hsts: 60 } }, {})).toEqual([]);
  });
});

test('without an edge nobody here serves HTTPS', () => {
  expect(problems({ edge: 'none', tls: OWN }, {})).toEqual(['tls-without-edge tls']);
});

test('a secret that would have the name of the certificate is refused', () => {
  const stack = stackOf({ hosts }, { tls: OWN });
  new Secret(stack, 'tls');
  expect(() => filesOf(stack)).toThrow(/shop\/tls: the Secret of the certificate of tls has the name of this one/);
});

describe('the page of the operator', () => {
  const readme = (props: StackProps) => filesOf(stackOf({ hosts }, props))['README.md'] ?? '';

  test('has the stock command that makes the Secret, with the values in no word of it', () => {
    expect(readme({ tls: OWN })).toContain(
      'kubectl create secret tls shop-tls --namespace shop --cert tls-files/tls.crt --key tls-files/tls.key --dry-run=client',
    );
    const files = { certificate: { file: 'tls/shop.pem' }, key: { file: 'tls/shop.key' } };
    expect(readme({ tls: files })).toContain('--cert ../../../tls/shop.pem --key ../../../tls/shop.key');
    expect(readme({ tls: files })).not.toContain('tls-files');
  });

  test('says who renews one that is not yours', () => {
    expect(readme({ tls: { clusterIssuer: 'letsencrypt' } })).toContain('kubectl describe certificate shop-tls');
    expect(readme({ tls: { secretName: 'wildcard' } })).toContain('whoever made it renews it');
    expect(readme({ tls: OWN, gateway: { name: 'public' } })).toContain('belongs to the listener `https`');
  });
});
