import { AsgiApp, Stack, synthesize, type AsgiAppProps, type StackProps } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bareMetal } from '../../../src/targets/bare-metal/bare-metal.js';
import { kubernetes } from '../../../src/targets/kubernetes/kubernetes.js';
import { dockerEdgeOf } from '../../../src/targets/docker-explanation.js';
import { swarm } from '../../../src/targets/swarm/swarm.js';

const OWN = { certificate: {}, key: {}, http3: true } as const;
const ACME = { acme: { email: 'ops@example.com' }, http3: true } as const;

function stackOf(props: StackProps = {}, app: Partial<AsgiAppProps> = {}): Stack {
  const stack = new Stack('shop', { tls: OWN, ...props });
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['shop.example.com'], ...app });
  return stack;
}

type Docker = 'bare-metal' | 'swarm';

const fileOf = (stack: Stack, target: Docker | 'kubernetes', path: string) =>
  synthesize(stack, target).find((file) => file.path === path)?.content ?? '';

const nginxOf = (stack: Stack, target: Docker = 'bare-metal') => fileOf(stack, target, 'nginx/nginx.conf');

/** The ports of nginx that are published, as `published/protocol`. */
function portsOf(stack: Stack, target: Docker): object[] {
  const text = fileOf(stack, target, target === 'swarm' ? 'stack.yaml' : 'compose.yaml');
  const { services } = parse(text) as { services: { nginx: { ports: object[] } } };
  return services.nginx.ports;
}

describe.each([
  ['a certificate of your own', OWN],
  ['one from ACME', ACME],
])('HTTP/3 with %s', (_, tls) => {
  test.each(['bare-metal', 'swarm'] as const)('is taken over UDP on the port of HTTPS on %s', (target) => {
    const ports = portsOf(stackOf({ tls, httpsPort: 8443 }), target);
    expect(ports.slice(1)).toMatchObject([
      { target: 8443, protocol: 'tcp' },
      { target: 8443, protocol: 'udp' },
    ]);
    const [tcp, udp] = ports.slice(1);
    expect({ ...udp, protocol: 'tcp' }, 'beside TCP, in the same way').toEqual(tcp);
    const config = nginxOf(stackOf({ tls }), target);
    expect(config.match(/listen 8443 quic[^;]*;/g), 'options of the address are said once').toEqual([
      'listen 8443 quic;',
      'listen 8443 quic default_server reuseport;',
    ]);
    expect(config).toContain('http3 on;');
  });
});

describe('HTTP/3', () => {
  test('is not there unless it is asked for', () => {
    const tls = { certificate: {}, key: {} };
    for (const plain of [tls, { ...tls, http3: false }])
      for (const target of ['bare-metal', 'swarm'] as const) {
        expect(nginxOf(stackOf({ tls: plain }), target)).not.toMatch(/quic|http3|Alt-Svc|alt_svc/);
        expect(portsOf(stackOf({ tls: plain }), target)).toHaveLength(2);
      }
    expect(kubernetes.problems(stackOf({ tls: { ...tls, http3: false } }))).toEqual([]);
  });

  test('takes the address of the port of HTTPS', () => {
    expect(portsOf(stackOf({ httpsPort: '127.0.0.1:8443' }), 'bare-metal')[2]).toEqual({
      target: 8443,
      published: '8443',
      host_ip: '127.0.0.1',
      protocol: 'udp',
    });
  });

  test('is told of to whoever came over TLS, with the port that clients know', () => {
    const config = nginxOf(stackOf({ httpsPort: 8446 }));
    expect(config).toMatch(
      /map "\$https:\$upstream_http_alt_svc" \$alt_svc \{\s+default "";\s+"on:" 'h3=":8446"; ma=86400';/,
    );
    expect(config.match(/add_header Alt-Svc \$alt_svc always;/g)).toHaveLength(1);
  });

  test('is told of by every location that has headers of its own, unless that one says it itself', () => {
    const told = (responseHeaders: Readonly<Record<string, string>>) =>
      nginxOf(stackOf({ httpsPort: 8446 }, { responseHeaders })).match(/^ {12}add_header .*Alt-Svc.*$/gim) ?? [];
    expect(new Set(told({ 'X-Frame-Options': 'DENY' }))).toEqual(
      new Set(['            add_header Alt-Svc $alt_svc always;']),
    );
    expect(new Set(told({ 'alt-svc': 'clear' }))).toEqual(
      new Set(['            add_header "alt-svc" "clear" always;']),
    );
  });

  test('tells the app the port that the client asked for, though nginx has no Host header there', () => {
    expect(nginxOf(stackOf())).toContain('map $is_request_port$request_port $host_port {');
  });

  test('has no Connection header either', () => {
    expect(nginxOf(stackOf(), 'swarm')).toMatch(
      /if \(\$http2\) \{\s+set \$leaving "";\s+\}\s+if \(\$http3\) \{\s+set \$leaving "";\s+\}\s+add_header Connection/,
    );
  });

  test.each(['bare-metal', 'swarm'] as const)('has its port in the firewall, says the README of %s', (target) => {
    const readme = fileOf(stackOf({ httpsPort: 8446 }), target, 'README.md');
    expect(readme).toContain('open port `8446/udp` beside `8446/tcp` in the firewall');
    expect(readme).toContain('--http3-only https://shop.example.com:8446/');
  });

  test('is slow for a while where nginx reloads, says the README there', () => {
    const told = 'may take a second more or fail';
    expect(fileOf(stackOf(), 'bare-metal', 'README.md')).toContain(told);
    expect(fileOf(stackOf(), 'swarm', 'README.md')).not.toContain(told);
    expect(fileOf(stackOf({ tls: ACME }), 'swarm', 'README.md')).toContain(told);
  });

  test.each([OWN, ACME])('is among the ports that synth explain tells of', (tls) => {
    expect(dockerEdgeOf(stackOf({ tls, httpsPort: 8443 }), 'here').ports).toEqual([
      { port: '80', what: 'nginx, HTTP' },
      { port: '8443', what: 'nginx, HTTPS' },
      { port: '8443/udp', what: 'nginx, HTTP/3' },
    ]);
  });

  test('is no problem where nginx has UDP', () => {
    for (const target of [bareMetal, swarm]) expect(target.problems(stackOf())).toEqual([]);
  });

  test.each([
    ['an Ingress', {}, 'up to the controller of an Ingress'],
    ['a Gateway', { gateway: { name: 'public' } }, 'up to the controller of a Gateway'],
    ['an nginx of ours', { edge: 'nginx' }, 'needs a balancer that takes the port of HTTPS over UDP beside TCP'],
  ] as const)('is a problem in a cluster with %s', (_, props, reason) => {
    const found = kubernetes.problems(stackOf(props)).filter(({ id }) => id === 'tls-http3');
    expect(found.map(({ prop }) => prop)).toEqual(['tls']);
    expect(found[0]?.message).toContain(reason);
    const accepted = stackOf({ ...props, accept: { 'tls-http3': 'HTTP/2 will do', 'tls-certificate': 'theirs' } });
    for (const { content } of synthesize(accepted, 'kubernetes')) expect(content).not.toMatch(/quic|http3|Alt-Svc/);
  });

  test('of a certificate that a cluster does not get is no second problem', () => {
    expect(kubernetes.problems(stackOf({ tls: ACME })).map(({ id }) => id)).toEqual(['tls-certificate']);
  });
});
