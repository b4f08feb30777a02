import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AsgiApp } from '../../../../src/model/app.js';
import { Stack } from '../../../../src/model/stack.js';
import type { StackProps } from '../../../../src/model/stack-props.js';
import type { SynthesizeOptions } from '../../../../src/targets/target.js';
import { allOf, containerOf, filesOf, IMAGE, kindsIn, objectOf, podOf, stackOf } from './support.js';

const backend = { service: { name: 'shop-api', port: { name: 'http' } } };

describe('an Ingress', () => {
  test('leads each host to the app, with nothing that only one controller understands', () => {
    const { spec, metadata } = objectOf(
      stackOf({ hosts: ['a.example.com', 'b.example.com'], pathPrefix: '/api' }),
      'Ingress',
    );
    const http = { paths: [{ path: '/api', pathType: 'Prefix', backend }] };
    expect(spec).toEqual({
      rules: [
        { host: 'a.example.com', http },
        { host: 'b.example.com', http },
      ],
    });
    expect(metadata).not.toHaveProperty('annotations');
  });

  test('leads any host to an app without hosts', () => {
    expect(objectOf(stackOf(), 'Ingress').spec.rules).toEqual([
      { http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } },
    ]);
  });

  test('names its class where the stack does', () => {
    expect(objectOf(stackOf({}, { ingress: { className: 'traefik' } }), 'Ingress').spec.ingressClassName).toBe(
      'traefik',
    );
    expect(objectOf(stackOf({}, { edge: { network: 'web' }, ingress: {} }), 'Ingress').spec).not.toHaveProperty(
      'ingressClassName',
    );
  });
});

describe('an HTTPRoute', () => {
  const gateway = { name: 'public', namespace: 'infra' };

  test('strips the prefix and says how long a request may take', () => {
    const stack = stackOf({ hosts: ['shop.example.com'], pathPrefix: '/api', requestTimeout: 120 }, { gateway });
    expect(objectOf(stack, 'HTTPRoute').spec).toEqual({
      parentRefs: [{ name: 'public', namespace: 'infra' }],
      hostnames: ['shop.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
          filters: [
            { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } },
          ],
          backendRefs: [{ name: 'shop-api', port: 80 }],
          timeouts: { request: '125s' },
        },
      ],
    });
    expect(kindsIn(stack)).not.toContain('Ingress');
  });

  test('answers any host where the app does', () => {
    const { spec } = objectOf(stackOf({}, { gateway: { name: 'public' } }), 'HTTPRoute');
    expect(spec).not.toHaveProperty('hostnames');
    expect(spec.rules[0]).not.toHaveProperty('filters');
    expect(spec.parentRefs).toEqual([{ name: 'public' }]);
  });

  test('is several where there are more hosts than one may have', () => {
    const hosts = Array.from({ length: 33 }, (_, index) => `h${index}.example.com`);
    const routes = allOf(stackOf({ hosts }, { gateway }), 'HTTPRoute');
    expect(routes.map(({ metadata }) => metadata.name)).toEqual(['shop-api', 'shop-api-hosts-2', 'shop-api-hosts-3']);
    expect(routes.flatMap(({ spec }) => spec.hostnames)).toEqual(hosts);
  });
});

test('without an edge there is no route, and the Service is what remains', () => {
  expect(kindsIn(stackOf({}, { edge: 'none' }))).not.toContain('Ingress');
  expect(kindsIn(stackOf({}, { edge: 'none' }))).toContain('Service');
});

describe('an nginx of ours', () => {
  const nginx = (props: StackProps = {}) =>
    stackOf({ hosts: ['shop.example.com'], pathPrefix: '/api', bodyLimit: '20Mi' }, { edge: 'nginx', ...props });
  const config = (stack: Stack, options: SynthesizeOptions = {}) =>
    allOf(stack, 'ConfigMap', options).find(({ metadata }) => metadata.name.startsWith('shop-nginx-'))!;

  test('is two pods behind a load balancer that shows who the client is', () => {
    const stack = nginx({ httpPort: 8080 });
    expect(objectOf(stack, 'Deployment', 'shop-nginx').spec.replicas).toBe(2);
    expect(objectOf(stack, 'Service', 'shop-nginx').spec).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
    });
    expect(kindsIn(stack)).not.toContain('Ingress');
  });

  test.each([
    ['Ingress', { ingress: {} }],
    ['HTTPRoute', { gateway: { name: 'public' } }],
  ] as const)('is behind the %s of the cluster where the stack names one', (kind, props) => {
    const stack = nginx(props);
    expect(objectOf(stack, 'Service', 'shop-nginx').spec.type).toBe('ClusterIP');
    const routes = allOf(stack, kind);
    expect(routes).toHaveLength(1);
    expect(JSON.stringify(routes)).toContain('"name":"shop-nginx"');
    expect(JSON.stringify(routes)).not.toContain('/api');
  });

  test('lets any host in where one of the apps answers any', () => {
    const stack = new Stack('shop', { edge: 'nginx', ingress: {} });
    new AsgiApp(stack, 'api', { image: IMAGE, module: 'main:app', hosts: ['a.example.com'] });
    new AsgiApp(stack, 'web', { image: IMAGE, module: 'main:app' });
    const hosts = objectOf(stack, 'Ingress', 'shop-nginx').spec.rules.map(({ host }) => host);
    expect(hosts).toEqual(['a.example.com', undefined]);
  });

  test('finds every pod of an app by the name of a Service without an address', () => {
    const stack = nginx();
    expect(objectOf(stack, 'Service', 'shop-api-pods').spec).toMatchObject({
      clusterIP: 'None',
      ports: [{ port: 8000, targetPort: 'http' }],
    });
    expect(config(stack).data['nginx.conf']).toContain(
      'server shop-api-pods.shop.svc.cluster.local:8000 resolve max_fails=0;',
    );
  });

  test('takes a new configuration by new pods, and none for a new header', () => {
    const name = (stack: Stack, options: SynthesizeOptions = {}) => config(stack, options).metadata.name;
    expect(name(nginx())).toMatch(/^shop-nginx-[0-9a-f]{12}$/);
    expect(podOf(nginx(), 'shop-nginx').volumes[1]?.configMap.name).toBe(name(nginx()));
    expect(name(nginx(), { stackFile: 'stacks/other.ts', tag: '7' })).toBe(name(nginx()));
    expect(name(nginx({ trustedProxies: ['10.1.0.0/16'] }))).not.toBe(name(nginx()));
    expect(config(nginx()).immutable).toBe(true);
  });

  test('has its configuration as a block that a person can read', () => {
    expect(filesOf(nginx())['nginx.yaml']).toMatch(/\n {2}nginx\.conf: \|\n {4}worker_processes/);
  });

  describe('starts', () => {
    /** Runs the start script where `getent` ends with one exit code after the other, the last one for ever. */
    function start(resolvConf: string, codes: readonly number[] = [0]) {
      const directory = mkdtempSync(join(tmpdir(), 'asgi-synth-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      const file = (name: string) => join(directory, name);
      writeFileSync(file('resolv.conf'), resolvConf);
      const answers = codes.map((code, index) => `[ $n -gt ${index + 1} ] || exit ${code}`).join('\n');
      const getent = `#!/bin/sh\necho "$@" >>${file('asked')}\nn=$(wc -l <${file('asked')})\n${answers}\nexit ${codes.at(-1)}\n`;
      writeFileSync(file('getent'), getent, { mode: 0o755 });
      writeFileSync(file('sleep'), '#!/bin/sh\n', { mode: 0o755 });
      const script = config(nginx())
        .data['start.sh']!.replace('/etc/resolv.conf', file('resolv.conf'))
        .replace('/tmp/resolver.conf', file('resolver.conf'))
        .replace(/^exec .*$/m, 'echo started');
      const env = { PATH: `${directory}:${process.env['PATH']}` };
      return {
        printed: execFileSync('sh', ['-c', script], { env, encoding: 'utf8', timeout: 10_000 }),
        resolver: readFileSync(file('resolver.conf'), 'utf8'),
        asked: readFileSync(file('asked'), 'utf8').split('\n').filter(Boolean),
      };
    }

    test('with the name servers of its pod', () => {
      expect(start('search shop.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n').resolver).toBe(
        'resolver 10.96.0.10 valid=1s ipv6=off;\n',
      );
      expect(start('# x\nnameserver\t10.96.0.10 \nnameserver fd00::a').resolver).toBe(
        'resolver 10.96.0.10 [fd00::a] valid=1s ipv6=off;\n',
      );
    });

    test('once a name server answers', () => {
      const { printed, asked } = start('nameserver 10.96.0.10\n', [2, 2, 0]);
      expect(printed).toBe('started\n');
      expect(asked).toEqual(Array(3).fill('hosts kubernetes.default.svc.cluster.local'));
    });

    test('at once where the image has nothing to ask with', () => {
      expect(start('nameserver 10.96.0.10\n', [127]).asked).toHaveLength(1);
    });
  });

  test('has no more rights than an app', () => {
    const stack = nginx();
    expect(podOf(stack, 'shop-nginx').securityContext).toEqual(podOf(stack).securityContext);
    expect(containerOf(stack, 'shop-nginx').securityContext).toEqual(containerOf(stack).securityContext);
  });

  test('stops after its balancer has let go of it and the longest request has ended', () => {
    const seconds = (stack: Stack) => [
      containerOf(stack, 'shop-nginx').lifecycle.preStop.exec.command.at(-1),
      podOf(stack, 'shop-nginx').terminationGracePeriodSeconds,
    ];
    expect(seconds(nginx())).toEqual([': >/tmp/asgi-synth-leaving; exec sleep 30', 90]);
    expect(seconds(nginx({ ingress: {} }))).toEqual([': >/tmp/asgi-synth-leaving; exec sleep 10', 70]);
  });
});
