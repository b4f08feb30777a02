import { Secret, Stack, targets, Worker, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { addApp, nginxOf, outputOf, serviceOf, stackOf } from '../support/outputs.js';

const OTEL = { endpoint: 'https://collector.example.com/v1' };

/** An object of a cluster, by its kind and name. */
function objectOf<T>(stack: Stack, kind: string, name = 'shop-api'): T {
  const texts = Object.entries(outputOf(stack, 'kubernetes')).filter(([path]) => path.endsWith('.yaml'));
  const found = texts
    .flatMap(([, text]) => parseAllDocuments(text).map((one) => one.toJS() as Named))
    .find((one) => one.kind === kind && one.metadata?.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found as T;
}

interface Named {
  readonly kind: string;
  readonly metadata?: { readonly name: string };
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations?: object };
      readonly spec: { readonly containers: readonly [{ command: string[]; env?: { name: string; value: string }[] }] };
    };
  };
}

interface NetworkPolicy {
  readonly spec: { readonly ingress?: object[]; readonly egress?: object[] };
}

function problemsOf(target: TargetName, stack: Stack): string[] {
  const { problems } = targets.find(({ name }) => name === target)!;
  return problems(stack).map(({ id, prop }) => `${prop}: ${id}`);
}

describe('the access log of nginx', () => {
  test.each([
    [{ accessLog: 'combined' }, 'access_log /dev/stdout combined;'],
    [{ accessLog: 'none' }, 'access_log off;'],
    [{ accessLog: 'json' }, 'access_log /dev/stdout json;'],
    [{}, 'access_log /dev/stdout json;'],
  ] satisfies [StackProps, string][])('%j is %s', (props, directive) => {
    const [http = ''] = nginxOf(stackOf({}, props), 'bare-metal').split('server {');
    expect(http.match(/ access_log .*/g)?.map((line) => line.trim())).toEqual([directive]);
    expect(http.includes('log_format')).toBe(directive.includes('json'));
  });
});

describe('the id of a request', () => {
  const RULES = { responseHeaders: { 'X-Frame-Options': 'DENY' }, metrics: '/metrics' } as const;
  const add = /add_header X-Request-ID \$(\w+) always;/g;

  test('is told by each level that has headers of its own', () => {
    const conf = nginxOf(stackOf(RULES, { requestId: true, redirects: { 'a.example.com': 'b.example.com' } }), 'swarm');
    // Two servers, and of that with the app what is hidden, the rest, and where a request goes anew.
    expect([...conf.matchAll(add)].map(([, name]) => name)).toEqual(Array(5).fill('request_id'));
    expect(conf.match(/proxy_hide_header X-Request-ID;/g)).toHaveLength(5);
  });

  test('is told by nobody unless it is asked for', () => {
    expect(nginxOf(stackOf(RULES), 'swarm')).not.toMatch(add);
  });

  test('is that of a balancer only where one is trusted', () => {
    const trusting = { trustedProxies: ['10.0.0.0/8'] };
    const conf = nginxOf(stackOf({}, { requestId: true, ...trusting }), 'bare-metal');
    expect(conf).toContain('map $from_balancer:$http_x_request_id $edge_request_id {');
    expect(conf).toContain('proxy_set_header X-Request-ID $edge_request_id;');
    expect(conf).toContain('"request_id":"$edge_request_id"');
    for (const other of [trusting, { requestId: true }])
      expect(nginxOf(stackOf({}, other), 'bare-metal')).not.toMatch(/edge_request_id|http_x_request_id/);
  });
});

describe('metrics', () => {
  const hidden = (prefix: string) => `location ~ "^${prefix}/metrics(/|$)" {\n            return 404;`;

  test('are hidden at the edge before anything else of the app, unless they are public', () => {
    const routes = { '/metrics/x': { bodyLimit: '1Mi' } };
    const conf = nginxOf(stackOf({ metrics: '/metrics', pathPrefix: '/api', routes }), 'bare-metal');
    expect(conf.indexOf(hidden('/api'))).toBeGreaterThan(0);
    expect(conf.indexOf(hidden('/api'))).toBeLessThan(conf.indexOf('^/api/metrics/x(/|$)'));
    const open = nginxOf(stackOf({ metrics: { path: '/metrics', public: true } }), 'bare-metal');
    expect(open).not.toContain('metrics');
  });

  test('are those of all workers on one host, and of one process elsewhere', () => {
    const stack = stackOf({ metrics: '/metrics' }, { accept: { 'metrics-public': 'x' } });
    expect(outputOf(stack, 'bare-metal')['api/gunicorn.conf.py']).toContain(
      'os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS)',
    );
    for (const target of ['swarm', 'kubernetes'] as const)
      expect(Object.values(outputOf(stack, target)).join()).not.toContain('PROMETHEUS_MULTIPROC_DIR');
    expect(serviceOf(stack, 'bare-metal').environment).toBeUndefined();
  });

  test('are found by the annotations of pods', () => {
    const stack = stackOf({ metrics: '/metrics', port: 9000 }, { accept: { 'metrics-public': 'x' } });
    const { template } = objectOf<Deployment>(stack, 'Deployment').spec;
    expect(template.metadata.annotations).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9000',
      'prometheus.io/path': '/metrics',
    });
    const none = objectOf<Deployment>(stackOf(), 'Deployment').spec.template;
    expect(none.metadata).not.toHaveProperty('annotations');
  });

  test('can be scraped by those who are named, at the port of the app alone', () => {
    const metrics = { path: '/metrics', from: [{ namespace: 'monitoring' }] };
    const { ingress } = objectOf<NetworkPolicy>(stackOf({ metrics }, { edge: 'nginx' }), 'NetworkPolicy').spec;
    expect(ingress).toHaveLength(2);
    expect(ingress?.[1]).toEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ protocol: 'TCP', port: 8000 }],
    });
  });

  test.each([
    ['bare-metal', 'api'],
    ['swarm', 'tasks.api'],
  ] as const)('%s names where the processes are: %s', (target, host) => {
    const readme = outputOf(stackOf({ metrics: '/metrics', port: 9000 }), target)['README.md'] ?? '';
    const [, yaml = ''] = /## Metrics[^]*?```yaml\n([^]*?)```/.exec(readme) ?? [];
    expect(outputOf(stackOf(), target)['README.md']).not.toContain('## Metrics');
    expect(parseAllDocuments(yaml)[0]?.toJS()).toEqual({
      scrape_configs: [
        {
          job_name: 'shop-api',
          metrics_path: '/metrics',
          dns_sd_configs: [{ names: [host], type: 'A', port: 9000, refresh_interval: '5s' }],
        },
      ],
    });
  });
});

/** Variables of an app, or of what runs beside it. */
function variablesOf(target: TargetName, stack: Stack, id = 'api', options = {}): Record<string, string> {
  if (target !== 'kubernetes') return { ...serviceOf(stack, target, id, options).environment };
  const text = outputOf(stack, target, options)[`${id}.yaml`] ?? '';
  const objects = parseAllDocuments(text).map((one) => one.toJS() as Named & Deployment);
  const { env = [] } = objects.find(({ kind }) => kind === 'Deployment')!.spec.template.spec.containers[0];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

describe.each(['bare-metal', 'swarm', 'kubernetes'] as const)('telemetry on %s', (target) => {
  test('is sent where otel says, as the app and the version that it is', () => {
    const attributes = { team: 'a,b=c %$', 'service.version': '7' };
    const stack = stackOf({ otel: { ...OTEL, protocol: 'grpc', serviceName: 'Shop API', sampleRatio: 0, attributes } });
    expect(variablesOf(target, stack, 'api', { stage: 'staging' })).toEqual({
      OTEL_EXPORTER_OTLP_ENDPOINT: OTEL.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_RESOURCE_ATTRIBUTES:
        'deployment.environment.name=staging,service.namespace=shop,service.version=7,team=a%2Cb%3Dc%20%25%24',
      OTEL_SERVICE_NAME: 'Shop API',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
  });

  test('names what runs beside the app by its own id, and lets it say otherwise', () => {
    const stack = new Stack('shop');
    const app = addApp(stack, 'api', { otel: { ...OTEL, serviceName: 'Shop' }, environment: { A: '1' } });
    const own = { OTEL_SERVICE_NAME: 'mailer' };
    new Worker(stack, 'emails', { app, command: ['work'] });
    new Worker(stack, 'letters', { app, command: ['work'], environment: own });
    expect(variablesOf(target, stack, 'emails')).toMatchObject({ A: '1', OTEL_SERVICE_NAME: 'emails' });
    expect(variablesOf(target, stack, 'letters')).toMatchObject(own);
  });

  test('goes to Sentry with a DSN that nobody sees', () => {
    const stack = new Stack('shop');
    const headers = new Secret(stack, 'otlp_headers');
    const app = addApp(stack, 'api', { otel: { ...OTEL, headers }, sentry: { dsn: new Secret(stack, 'dsn') } });
    new Worker(stack, 'emails', { app, command: ['work'] });
    expect(variablesOf(target, stack, 'api', { stage: 'staging' })).toMatchObject({
      SENTRY_ENVIRONMENT: 'staging',
      SENTRY_RELEASE: 'shop-api@1',
    });
    const text = Object.values(outputOf(stack, target))
      .join('\n')
      .replaceAll(/"\n +- "/g, ' ');
    // By the shim of the app, and by that of what runs beside it.
    const shim = '--secret OTEL_EXPORTER_OTLP_HEADERS=/run/secrets/otlp_headers --secret SENTRY_DSN=/run/secrets/dsn';
    expect(text.split(shim)).toHaveLength(3);
  });
});

describe('the version of telemetry', () => {
  test.each([
    ['localhost:5000/acme/api:1.4.2', 'service.namespace=shop,service.version=1.4.2'],
    [`acme/api:1.4.2@sha256:${'a'.repeat(64)}`, 'service.namespace=shop,service.version=1.4.2'],
    ['localhost:5000/acme/api', 'service.namespace=shop'],
    [`acme/api@sha256:${'a'.repeat(64)}`, 'service.namespace=shop'],
  ])('of %s is its tag: %s', (image, attributes) => {
    expect(variablesOf('swarm', stackOf({ image, otel: OTEL }))['OTEL_RESOURCE_ATTRIBUTES']).toBe(attributes);
  });

  test('is the same for the image of Gunicorn', () => {
    const stack = stackOf({ source: './images/observed', otel: OTEL });
    const tagged = variablesOf('bare-metal', stack, 'api', { tag: '1.4.2' });
    expect(tagged['OTEL_RESOURCE_ATTRIBUTES']).toBe('service.namespace=shop,service.version=1.4.2');
  });
});

test('a policy that lets the app out to some lets it out to its collector', () => {
  const egressOf = (endpoint: string) =>
    objectOf<NetworkPolicy>(stackOf({ otel: { endpoint } }, { allowTo: [] }), 'NetworkPolicy').spec.egress?.slice(1);
  const tcp = (port: number) => [{ protocol: 'TCP', port }];
  expect(egressOf('http://collector:4317')).toEqual([{ ports: tcp(4317) }]);
  expect(egressOf('https://collector.example.com/v1')).toEqual([{ ports: tcp(443) }]);
  expect(egressOf('http://10.1.2.3')).toEqual([{ to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: tcp(80) }]);
  expect(egressOf('http://[fd00::1]:4318')).toEqual([{ to: [{ ipBlock: { cidr: 'fd00::1/128' } }], ports: tcp(4318) }]);
});

describe('what an edge of the cluster or of somebody else cannot do is a problem', () => {
  const props: Partial<AsgiAppProps> = { metrics: '/metrics' };
  const stack = (edge: StackProps) => stackOf(props, { accessLog: 'json', requestId: true, ...edge });

  test.each([
    ['an Ingress', {}, ['accessLog: access-log', 'requestId: request-id', 'metrics: metrics-public']],
    [
      'a Gateway',
      { gateway: { name: 'public' } },
      ['accessLog: access-log', 'requestId: request-id', 'metrics: metrics-public'],
    ],
    ['nginx', { edge: 'nginx' }, ['metrics: metrics-scraper']],
    ['nginx with a scraper', { edge: 'nginx', allowFrom: [{ namespace: 'monitoring' }] }, []],
    ['none', { edge: 'none' }, ['accessLog: hosts-without-edge', 'requestId: hosts-without-edge']],
  ] satisfies [string, StackProps, string[]][])('on Kubernetes with %s', (_, edge, expected) => {
    expect(problemsOf('kubernetes', stack(edge))).toEqual(expected);
  });

  test.each(['bare-metal', 'swarm'] as const)('on %s', (target) => {
    const without = ['accessLog: hosts-without-edge', 'requestId: hosts-without-edge', 'metrics: metrics-public'];
    for (const edge of ['none', { network: 'proxy' }] as const)
      expect(problemsOf(target, stack({ edge })).toSorted()).toEqual(without.toSorted());
    expect(problemsOf(target, stack({}))).toEqual([]);
  });

  test('but not what everybody may see', () => {
    const open = { metrics: { path: '/metrics', public: true } };
    for (const target of ['bare-metal', 'swarm', 'kubernetes'] as const)
      expect(problemsOf(target, stackOf(open, { edge: { network: 'x' }, ingress: {} }))).toEqual([]);
  });
});

describe('logs of JSON', () => {
  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)('reach the server on %s', (target) => {
    const stack = stackOf({ logs: { level: 'warning' } });
    const output = outputOf(stack, target);
    const text = Object.values(output).join('\n');
    expect(text).toContain('"path_name": "/etc/asgi-synth/logs.py"');
    expect(text).toContain('"level": "WARNING"');
    expect(text).toContain('class JsonFormatter');
    expect(text.includes('"--log-config"')).toBe(target !== 'bare-metal');
    expect(text.includes('logconfig_json = "/etc/asgi-synth/logging.json"')).toBe(target === 'bare-metal');
  });

  test.each(['bare-metal', 'swarm'] as const)('roll the app on %s when they change', (target) => {
    const mark = (level: 'info' | 'debug') => {
      const { configs, services } = outputConfigs(stackOf({ logs: { level } }), target);
      return JSON.stringify([configs, services]);
    };
    expect(mark('info')).not.toBe(mark('debug'));
  });

  test('of several apps have one module and a configuration each', () => {
    const stack = stackOf({ logs: 'json' });
    addApp(stack, 'admin', { logs: 'json', pathPrefix: '/admin' });
    addApp(stack, 'plain', { pathPrefix: '/plain' });
    const paths = Object.keys(outputOf(stack, 'swarm')).filter((path) => /log/.test(path));
    expect(paths.toSorted()).toEqual(['admin/logging.json', 'api/logging.json', 'runtime/logs.py']);
  });
});

function outputConfigs(stack: Stack, target: 'bare-metal' | 'swarm') {
  const { configs, services } = parseAllDocuments(
    outputOf(stack, target)[target === 'swarm' ? 'stack.yaml' : 'compose.yaml'] ?? '',
  )[0]!.toJS() as { configs: object; services: object };
  return { configs, services };
}
