import { AsgiApp, Stack, synthesize, type StackProps, type TargetName } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { edgeWords } from '../../../src/deployment/edge-url.js';
import { planOf } from '../../../src/deployment/plan.js';
import { bareMetalFootprint } from '../../../src/targets/bare-metal/footprint.js';
import { bareMetal } from '../../../src/targets/bare-metal/bare-metal.js';

const ACME = { email: 'ops@example.com' };

function stackOf(props: StackProps = {}, hosts: readonly string[] = ['shop.example.com']): Stack {
  const stack = new Stack('shop', { edge: 'nginx', tls: { acme: ACME }, ...props });
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts });
  return stack;
}

const fileOf = (stack: Stack, target: TargetName, path: string) =>
  synthesize(stack, target).find((file) => file.path === path)?.content ?? '';

interface Service {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly configs: readonly { readonly source: string; readonly target: string }[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly volumes: readonly { readonly source?: string; readonly target: string; readonly read_only?: boolean }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stop_grace_period: string;
  readonly deploy: { readonly placement?: { readonly constraints: readonly string[] } };
}

interface Yaml {
  readonly services: Readonly<Record<'acme' | 'nginx' | 'api', Service>>;
  readonly volumes: Readonly<Record<string, { readonly name: string }>>;
  readonly secrets?: Readonly<Record<string, { readonly name?: string }>>;
}

const FILES = { 'bare-metal': 'compose.yaml', swarm: 'stack.yaml' } as const;
const yamlOf = (stack: Stack, target: keyof typeof FILES) => parse(fileOf(stack, target, FILES[target])) as Yaml;

describe.each(['bare-metal', 'swarm'] as const)('a certificate that the stack gets itself on %s', (target) => {
  const nginx = (stack: Stack) => fileOf(stack, target, 'nginx/nginx.conf');

  test('is asked for by one service, for every host and every redirect', () => {
    const redirects = { 'www.example.com': 'shop.example.com' };
    const { entrypoint, image } = yamlOf(stackOf({ redirects }), target).services.acme;
    expect(entrypoint.slice(-2)).toEqual(['shop.example.com', 'www.example.com']);
    expect(entrypoint).toContain('https://acme-v02.api.letsencrypt.org/directory');
    expect(image).toMatch(/^certbot\/certbot:v\d+\.\d+\.\d+$/);
    expect(yamlOf(stackOf({ images: { certbot: 'mirror/certbot:v1' } }), target).services.acme.image).toBe(
      'mirror/certbot:v1',
    );
  });

  test('has whichever edge is asked pass the challenge on, over HTTP, also for a host that leads to another one', () => {
    const servers = nginx(stackOf({ redirects: { 'www.example.com': 'shop.example.com' } }))
      .split(/^ {4}server \{$/m)
      .filter((text) => text.includes('        server_name ') && !text.includes('server_name _;'));
    expect(servers).toHaveLength(2);
    for (const server of servers) {
      const [before = '', after = ''] = server.split('location ^~ /.well-known/acme-challenge/');
      expect(before, 'nothing sends it to HTTPS before').not.toContain('return');
      expect(after).toMatch(/^ \{\s+proxy_pass http:\/\/acme_challenges;\s+\}\s+location \/ \{/);
    }
    expect(nginx(stackOf())).toMatch(
      /upstream acme_challenges \{\s+zone acme_challenges 128k;\s+server acme:8080 resolve/,
    );
  });

  test('is named by a file that is there before nginx starts, or refuses every handshake', () => {
    const config = nginx(stackOf());
    expect(config).toContain('include "/tmp/asgi-synth-tls/certificate.conf";');
    expect(config).not.toContain('ssl_certificate');
    expect(fileOf(stackOf(), target, 'runtime/edge.sh')).toContain("echo 'ssl_reject_handshake on;'");
    expect(config, 'told over HTTPS alone, which needs a certificate').toContain('"https:" "max-age=86400";');
  });

  test('lets connections outlast the reload', () => {
    expect(nginx(stackOf())).toContain('worker_shutdown_timeout 3600s;');
  });

  test('comes from an authority of your own where the stack names it and its root', () => {
    const acme = { ...ACME, directory: 'https://ca.example.com/dir', directoryRoot: { content: 'PEM\n' } };
    const stack = stackOf({ tls: { acme } });
    const { entrypoint, environment, configs } = yamlOf(stack, target).services.acme;
    expect(entrypoint).toContain('https://ca.example.com/dir');
    expect(environment).toEqual({ REQUESTS_CA_BUNDLE: '/etc/asgi-synth/acme-root.pem' });
    expect(configs).toContainEqual({ source: 'file_acme-root', target: '/etc/asgi-synth/acme-root.pem' });
    expect(fileOf(stack, target, 'files/acme-root')).toBe('PEM\n');
  });

  test('is no part of a stack without it', () => {
    const own = stackOf({ tls: { certificate: {}, key: {} } });
    expect(Object.keys(yamlOf(own, target).services)).toEqual(['api', 'nginx']);
    expect(nginx(own)).not.toMatch(/acme|certificate\.conf|127\.0\.0\.1 1;/);
  });

  test('is asked through port 80, or behind a balancer that the stack knows', () => {
    expect(() => stackOf({ httpPort: 8080 }) && synthesize(stackOf({ httpPort: 8080 }), target)).toThrow(
      /acme-http-port/,
    );
    expect(() => synthesize(stackOf({ httpPort: 8080, trustedProxies: ['10.0.0.0/8'] }), target)).not.toThrow();
  });

  test('is not waited for by a deployment, which asks the apps as over HTTPS', () => {
    const plan = planOf(stackOf(), target, {});
    expect(plan.edge).toMatchObject({ https: { port: 443 }, acme: true });
    expect(plan.certificate).toBeUndefined();
    expect(edgeWords(plan, '/x')).toEqual(['--header', 'X-Forwarded-Proto: https', 'http://127.0.0.1:8080/x']);
    expect(nginx(stackOf()), 'from inside the container alone').toMatch(/geo [^{]+\{\s+127\.0\.0\.1 1;\s+\}/);
  });
});

describe('on one host', () => {
  test('nginx reads it in the volume of the service, and nobody needs a token', () => {
    const { services, volumes, secrets } = yamlOf(stackOf(), 'bare-metal');
    expect(services.nginx.volumes).toContainEqual({
      type: 'volume',
      source: 'acme',
      target: '/var/tmp',
      read_only: true,
    });
    expect(services.acme.volumes).toContainEqual({ type: 'volume', source: 'acme', target: '/var/tmp' });
    expect(volumes['acme']?.name).toBe('shop_acme');
    expect(secrets).toBeUndefined();
    expect(services.acme.entrypoint).not.toContain('--token');
    expect(planOf(stackOf(), 'bare-metal', {}).secrets).toEqual([]);
  });

  test('a changed root is a changed service', () => {
    const configOf = (content: string) =>
      yamlOf(stackOf({ tls: { acme: { ...ACME, directoryRoot: { content } } } }), 'bare-metal').services.acme.labels[
        'asgi-synth.config'
      ];
    expect(configOf('A')).not.toBe(configOf('B'));
  });

  test('the service is counted', () => {
    expect(bareMetalFootprint(stackOf())).toContainEqual(
      expect.objectContaining({ id: 'acme', containers: 1, memoryEach: 256 * 2 ** 20 }),
    );
    expect(bareMetal.footprint(stackOf({ tls: { certificate: {}, key: {} } })).map(({ id }) => id)).not.toContain(
      'acme',
    );
  });
});

describe('in a Swarm', () => {
  test('every nginx fetches it from the one task that has it, closed with a secret', () => {
    const { services, secrets, volumes } = yamlOf(stackOf(), 'swarm');
    for (const service of [services.acme, services.nginx])
      expect(service.secrets?.map(({ source }) => source)).toEqual(['acme_token']);
    expect(services.api.secrets).toBeUndefined();
    expect(secrets?.['acme_token']?.name).toBe('shop_acme_token_${ACME_TOKEN_REVISION:-1}');
    expect(services.acme.entrypoint.join(' ')).toContain('--edge tasks.nginx:8080 --token /run/secrets/acme_token');
    expect(fileOf(stackOf(), 'swarm', 'runtime/edge.sh')).toContain('http://acme:8080/certificate.p12');
    expect(Object.values(volumes).map(({ name }) => name)).toEqual(['shop_acme', 'shop_nginx']);
    expect(planOf(stackOf(), 'swarm', {}).secrets.map(({ id }) => id)).toEqual(['acme_token']);
  });

  test('the task stays where its volume is', () => {
    const { acme } = yamlOf(stackOf(), 'swarm').services;
    expect(acme.deploy.placement?.constraints).toEqual(['node.labels.shop.acme == true']);
  });

  test('a stop is as short as without it', () => {
    const own = stackOf({ tls: { certificate: {}, key: {} } });
    const graceOf = (stack: Stack) => yamlOf(stack, 'swarm').services.nginx.stop_grace_period;
    expect(graceOf(stackOf())).toBe(graceOf(own));
  });
});

test('in a cluster, where it is accepted, nothing takes HTTPS and nothing has a token', () => {
  const accept = { 'tls-certificate': 'an Ingress of the platform has it' };
  for (const props of [{}, { ingress: {} }] satisfies StackProps[]) {
    const text = synthesize(stackOf({ ...props, accept }), 'kubernetes')
      .filter(({ path }) => path.endsWith('.yaml'))
      .map(({ content }) => content)
      .join('\n');
    expect(text).not.toMatch(/8443|acme_token|acme-token|secretName|ssl_/);
  }
});
