import { AsgiApp, Secret, Stack, synthesize, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { planOf } from '../../../src/deployment/plan.js';

const OWN: StackProps = { edge: 'nginx', tls: { certificate: {}, key: {} } };

/** With an nginx of ours, unless `base` says otherwise. */
function stackOf(
  props: StackProps = {},
  app: Partial<AsgiAppProps> = { hosts: ['shop.example.com'] },
  base: StackProps = OWN,
): Stack {
  const stack = new Stack('shop', { ...base, ...props });
  const secrets = [new Secret(stack, 'db_password')];
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', ...app, secrets });
  return stack;
}

const fileOf = (stack: Stack, target: TargetName, path: string) =>
  synthesize(stack, target).find((file) => file.path === path)?.content ?? '';

const nginxOf = (stack: Stack, target: 'bare-metal' | 'swarm' = 'bare-metal') =>
  fileOf(stack, target, 'nginx/nginx.conf');

interface ComposeYaml {
  readonly services: {
    readonly nginx: { readonly volumes: object[]; readonly ports: object[]; readonly secrets?: object[] };
    readonly api: { readonly secrets: object[] };
  };
  readonly secrets: Record<string, { readonly name?: string; readonly file?: string }>;
}

const composeOf = (stack: Stack, target: 'bare-metal' | 'swarm') =>
  parse(fileOf(stack, target, target === 'swarm' ? 'stack.yaml' : 'compose.yaml')) as ComposeYaml;

/** The servers of an nginx.conf that take requests, each as its own text. */
const serversIn = (config: string) =>
  config
    .split(/^ {4}server \{$/m)
    .slice(1)
    .filter((text) => text.includes('listen 8080'));

describe('nginx with a certificate', () => {
  test('speaks TLS 1.2 and 1.3 with forward secrecy alone, and HTTP/2', () => {
    const config = nginxOf(stackOf());
    expect(config).toContain('ssl_protocols TLSv1.2 TLSv1.3;');
    expect(config).toContain('ssl_session_tickets off;');
    // The zone of an upstream is named as its app, which may be called tls; no app has an underscore.
    expect(config).toContain('ssl_session_cache shared:tls_sessions:10m;');
    expect(config).toContain('http2 on;');
    const [, ciphers = ''] = /ssl_ciphers ([^;]+);/.exec(config) ?? [];
    expect(ciphers.split(':').every((cipher) => /^ECDHE-.*(GCM|POLY1305)/.test(cipher))).toBe(true);
  });

  test('takes HTTP and HTTPS for every host, and turns unknown ones away on both', () => {
    const servers = serversIn(nginxOf(stackOf()));
    expect(servers).toHaveLength(2);
    for (const server of servers) expect(server).toMatch(/listen 8443 ssl/);
    const [named = '', rest = ''] = servers;
    expect(named).toContain('return 308 https://$host$request_uri;');
    expect(rest).toContain('listen 8443 ssl default_server;');
    expect(rest).toContain('return 421;');
    expect(rest).not.toMatch(/308|Strict-Transport-Security/);
    expect(nginxOf(stackOf())).not.toContain('ssl_reject_handshake');
  });

  test('sends nobody to a port that clients do not know', () => {
    expect(nginxOf(stackOf({ httpsPort: 8443, httpPort: 8080 }))).toContain(
      'return 308 https://$host:8443$request_uri;',
    );
  });

  test('goes by what a balancer says of its client, so that none is sent in a circle', () => {
    expect(nginxOf(stackOf({ trustedProxies: ['10.0.0.0/8'] }))).toMatch(
      /if \(\$client_scheme = http\) \{\s+return 308/,
    );
  });

  test('redirects nothing, and says nothing to browsers, where the stack does not want it', () => {
    const config = nginxOf(stackOf({ tls: { certificate: {}, key: {}, redirect: false } }));
    expect(config).not.toMatch(/308|Strict-Transport-Security/);
    expect(config).toContain('listen 8443 ssl;');
  });

  test.each([
    ['a day on the ports of the web', {}, 86_400],
    ['nothing on other ports', { httpPort: 8080, httpsPort: 8443 }, undefined],
    ['what the stack says, on whatever port', { httpPort: 8080, tls: { certificate: {}, key: {}, hsts: 300 } }, 300],
    ['to forget it', { tls: { certificate: {}, key: {}, hsts: 0 } }, 0],
    ['nothing where the stack says so', { tls: { certificate: {}, key: {}, hsts: false } }, undefined],
  ] as const)('tells browsers to use HTTPS: %s', (_, props, seconds) => {
    const [, told] = /"max-age=(\d+)"/.exec(nginxOf(stackOf(props))) ?? [];
    expect(told).toBe(seconds === undefined ? undefined : String(seconds));
    expect(nginxOf(stackOf(props))).not.toMatch(/includeSubDomains|preload/);
  });

  test('answers the check of balancers over HTTP, wherever apps answer any host', () => {
    const [server = ''] = serversIn(nginxOf(stackOf({}, {}), 'swarm'));
    const [before = '', after = ''] = server.split('location = /-/healthz');
    expect(before).not.toContain('308');
    expect(after.slice(0, after.indexOf('location /'))).not.toContain('308');
    expect(after).toContain('308');
  });

  test('sends no Connection header over HTTP/2, where a client would refuse the answer', () => {
    const config = nginxOf(stackOf(), 'swarm');
    expect(config).toMatch(/if \(\$http2\) \{\s+set \$leaving "";\s+\}\s+add_header Connection \$leaving;/);
    expect(config, 'a balancer learns it over either').toMatch(/if \(\$stopping\) \{\s+return 503;/);
  });

  test('sends a host that leads to another one straight to HTTPS there, and with the scheme of its client where HTTP is served', () => {
    const redirects = { 'www.example.com': 'shop.example.com' };
    const [server = ''] = serversIn(nginxOf(stackOf({ redirects, httpsPort: 8443 })));
    expect(server).toMatch(
      /if \(\$client_scheme = http\) \{\s+return 308 https:\/\/shop\.example\.com:8443\$request_uri;\s+\}\s+return 308 \$client_scheme:\/\/shop/,
    );
    expect(serversIn(nginxOf(stackOf({ redirects })))[0]).toContain('Strict-Transport-Security $hsts always');
    const [plain = ''] = serversIn(nginxOf(stackOf({ redirects, tls: { certificate: {}, key: {}, redirect: false } })));
    expect(plain).not.toMatch(/https:|Strict-Transport-Security/);
  });

  describe('of an app with rules of its own', () => {
    const rules = {
      hosts: ['shop.example.com'],
      pathPrefix: '/shop',
      routes: { '/upload': { bodyLimit: '64Mi' } },
      rateLimit: { requestsPerSecond: 5 },
    };
    const locationsOf = (responseHeaders: Readonly<Record<string, string>>) =>
      (serversIn(nginxOf(stackOf({}, { ...rules, responseHeaders }), 'swarm'))[0] ?? '')
        .split(/^ {8}location /m)
        .slice(1);

    test('sends each of its paths to HTTPS first of all, and those that it does not have', () => {
      const asked = locationsOf({ 'X-Frame-Options': 'DENY' }).filter((text) => !text.startsWith('@'));
      expect(asked.map((text) => text.split(' {')[0])).toEqual(['~ "^/shop/upload(/|$)"', '~ "^/shop(/|$)"', '/']);
      for (const text of asked)
        expect(text).toMatch(/^[^\n]+ \{\n\s+if \(\$client_scheme = http\) \{\n\s+return 308 https:/);
    });

    test('says beside its headers what the server says', () => {
      const own = locationsOf({ 'X-Frame-Options': 'DENY' }).filter((text) => text.includes('X-Frame-Options'));
      expect(own).toHaveLength(4);
      for (const text of own) {
        expect(text).toContain('add_header Connection $leaving;');
        expect(text).toContain('add_header Strict-Transport-Security $hsts always;');
      }
    });

    test('says of HTTPS what its headers do', () => {
      for (const text of locationsOf({ 'strict-transport-security': 'max-age=1' })) expect(text).not.toContain('$hsts');
    });
  });

  test('is as it was without one', () => {
    expect(nginxOf(stackOf({}, {}, {}))).not.toMatch(/ssl|8443|308|http2/);
  });
});

describe('on one host', () => {
  test('nginx mounts the folder of the certificate, so that a reload sees a new one, and no other secret', () => {
    const { services, secrets } = composeOf(stackOf(), 'bare-metal');
    expect(services.nginx.volumes).toContainEqual({
      type: 'bind',
      source: './secrets/tls',
      target: '/run/secrets',
      read_only: true,
      bind: { create_host_path: false },
    });
    expect(services.nginx).not.toHaveProperty('secrets');
    expect(Object.keys(secrets)).toEqual(['db_password']);
    expect(services.api.secrets).toEqual([{ source: 'db_password', target: 'db_password' }]);
  });

  test('HTTPS is published beside HTTP, on the address that the stack names', () => {
    const { services } = composeOf(stackOf({ httpsPort: '127.0.0.1:8443' }), 'bare-metal');
    expect(services.nginx.ports).toEqual([
      { target: 8080, published: '80', protocol: 'tcp' },
      { target: 8443, published: '8443', host_ip: '127.0.0.1', protocol: 'tcp' },
    ]);
  });
});

describe('in a Swarm', () => {
  test('the certificate goes by revision, for the user of nginx alone', () => {
    const { services, secrets } = composeOf(stackOf(), 'swarm');
    expect(services.nginx.secrets).toEqual(
      ['tls_certificate', 'tls_key'].map((id) => ({ source: id, target: id, uid: '10001', gid: '10001', mode: 0o400 })),
    );
    expect(secrets['tls_key']?.name).toBe('shop_tls_key_${TLS_KEY_REVISION:-1}');
    expect(services.nginx.ports).toContainEqual({ target: 8443, published: 443, protocol: 'tcp', mode: 'host' });
  });
});

describe('what a deployment knows of a certificate', () => {
  test('is which secrets it is, and that nginx is asked over HTTPS', () => {
    const plan = planOf(stackOf({ httpsPort: 8443 }), 'bare-metal', {});
    expect(plan.edge?.https).toEqual({ port: 8443 });
    expect(plan.edge).not.toHaveProperty('redirected');
    expect(plan.certificate).toEqual({ certificate: 'tls_certificate', key: 'tls_key' });
    expect(plan.secrets.map(({ id }) => id)).toEqual(['tls_certificate', 'tls_key', 'db_password']);
    expect(plan.apps[0]?.secrets).toEqual(['db_password']);
  });

  test('is that it names the hosts that lead to others, too', () => {
    const redirects = { 'www.example.com': 'shop.example.com' };
    expect(planOf(stackOf({ redirects }), 'swarm', {}).edge?.redirected).toEqual(['www.example.com']);
  });

  test('is in a cluster the one Secret of both, also where an Ingress has it', () => {
    const ingress = stackOf({ ingress: {} });
    for (const stack of [stackOf(), ingress])
      expect(planOf(stack, 'kubernetes', { stage: 'test' }).certificate).toEqual({
        certificate: 'tls_certificate',
        key: 'tls_key',
        secret: 'shop-test-tls',
      });
  });

  test('is nothing where nobody here serves with it', () => {
    const accept = { 'tls-certificate': 'the platform has it' };
    const plan = planOf(stackOf({ gateway: { name: 'public' }, accept }), 'kubernetes', {});
    expect(plan.certificate).toBeUndefined();
    expect(plan.secrets.map(({ id }) => id)).toEqual(['db_password']);
  });
});
