import { AsgiApp, Stack, synthesize, targets, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runs } from '../support/hostile.js';
import { addApp, nginxOf, outputOf, serviceOf, stackOf } from '../support/outputs.js';

const RULES = {
  routes: { '/upload': { bodyLimit: '100Mi', requestTimeout: 40 }, '/upload/small': { bodyLimit: '1Mi' } },
  responseHeaders: { 'X-Frame-Options': 'DENY' },
  rateLimit: { requestsPerSecond: 10, burst: 20 },
  requestTimeout: 30,
} satisfies Partial<AsgiAppProps>;

/** Directives of the location of a path, each on a line. */
function locationOf(conf: string, place: string): string[] {
  const lines = conf.split('\n').map((line) => line.trim());
  const start = lines.indexOf(`location ${place} {`);
  if (start < 0) throw new Error(`no location ${place}`);
  const own = lines.slice(start + 1);
  return own.slice(
    0,
    own.findIndex((line) => line.startsWith('location') || line === ''),
  );
}

const UPLOAD = '~ "^/upload(/|$)"';
const SMALL = '~ "^/upload/small(/|$)"';

describe('nginx', () => {
  const conf = nginxOf(stackOf(RULES), 'bare-metal');

  test('has limits of its own for each path, and those of the app for the rest', () => {
    expect(locationOf(conf, UPLOAD)).toEqual(
      expect.arrayContaining([
        'client_max_body_size 104857600;',
        'proxy_read_timeout 45s;',
        'proxy_request_buffering off;',
      ]),
    );
    expect(locationOf(conf, SMALL)).toEqual(
      expect.arrayContaining(['client_max_body_size 1048576;', 'proxy_read_timeout 35s;']),
    );
    expect(locationOf(conf, '/')).toEqual(
      expect.arrayContaining(['client_max_body_size 10485760;', 'proxy_read_timeout 35s;']),
    );
    expect(locationOf(conf, '/')).not.toContain('proxy_request_buffering off;');
  });

  test('asks for the longest path first, since it takes the first pattern that fits', () => {
    expect(conf.indexOf(SMALL)).toBeLessThan(conf.indexOf(UPLOAD));
  });

  test('passes a request on anew within the limits of its path', () => {
    expect(locationOf(conf, UPLOAD)).toContain('error_page 502 = @anew_api/upload;');
    expect(locationOf(conf, '@anew_api/upload')).toContain('proxy_read_timeout 45s;');
  });

  test('asks for the paths of an app with a longer prefix first', () => {
    const stack = stackOf({ routes: { '/administration/files': { bodyLimit: '1Mi' } } });
    addApp(stack, 'admin', { pathPrefix: '/admin', routes: { '/x': { requestTimeout: 5 } } });
    const text = nginxOf(stack, 'bare-metal');
    const places = [...text.matchAll(/location ~ "(.*)" \{/g)].map(([, pattern]) => pattern);
    expect(places).toEqual(['^/admin/x(/|$)', '^/admin(/|$)', '^/administration/files(/|$)']);
    expect(locationOf(text, '~ "^/admin/x(/|$)"')).toContain('proxy_pass http://$up_admin$uri_admin;');
  });

  test('sets headers of every answer in the place of those of the app', () => {
    for (const place of ['/', UPLOAD, '@anew_api', '@anew_api/upload'])
      expect(locationOf(conf, place)).toEqual(
        expect.arrayContaining(['proxy_hide_header "X-Frame-Options";', 'add_header "X-Frame-Options" "DENY" always;']),
      );
  });

  test('goes on telling clients to leave where it sets headers, since a level that has some inherits none', () => {
    const swarm = nginxOf(stackOf(RULES), 'swarm');
    expect(locationOf(swarm, '/')).toContain('add_header Connection $leaving;');
    expect(locationOf(nginxOf(stackOf(), 'swarm'), '/')).not.toContain('add_header Connection $leaving;');
  });

  test('makes room for a long name of a header', () => {
    const text = nginxOf(stackOf({ responseHeaders: { [`X-${'a'.repeat(60)}`]: '1' } }), 'swarm');
    expect(text).toContain('proxy_headers_hash_bucket_size 256;');
    expect(conf).not.toContain('proxy_headers_hash');
  });

  test('counts the requests of a client over all paths of an app, once each', () => {
    expect(conf.match(/limit_req_zone .*/g)).toEqual([
      'limit_req_zone $binary_remote_addr zone=rate_api:10m rate=10r/s;',
    ]);
    for (const place of ['/', UPLOAD])
      expect(locationOf(conf, place)).toEqual(
        expect.arrayContaining(['limit_req zone=rate_api burst=20 nodelay;', 'limit_req_status 429;']),
      );
    expect(locationOf(conf, '@anew_api').join()).not.toContain('limit_req');
  });

  test.each([
    [{ requestsPerSecond: 10 }, 'limit_req zone=rate_api burst=10 nodelay;'],
    [{ requestsPerSecond: 10, burst: 0 }, 'limit_req zone=rate_api;'],
  ])('lets a burst in at once: %j', (rateLimit, directive) => {
    expect(nginxOf(stackOf({ rateLimit }), 'bare-metal')).toContain(`            ${directive}\n`);
  });

  test('sends a host to another one with scheme, port, path and query', () => {
    const text = nginxOf(stackOf({}, { redirects: { 'www.example.com': 'example.com' } }), 'swarm');
    expect(text).toContain('return 308 $client_scheme://example.com$host_port$request_uri;');
    expect(text).toMatch(/server_name www\.example\.com;\n[^}]*set \$leaving "";/);
  });

  test('any header arrives as it was written', () => {
    const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,40}[\x21-\x7e])?$/);
    const hard = fc.constantFrom('$', '${x}', '\\', '"', '\\"', "'", '$request_uri', '{', '}', ';', '#', '\\n', '\\\\');
    fc.assert(
      fc.property(
        fc.oneof(
          value,
          fc.array(hard, { minLength: 1 }).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(headerIn(nginxOf(stackOf({ responseHeaders: { 'X-Test': text } }), 'bare-metal'))).toBe(text);
        },
      ),
      runs(200),
    );
  });
});

/** The header as nginx reads it: of a quoted word, and of a variable whose value holds no others. */
function headerIn(conf: string): string {
  const word = String.raw`"((?:[^"\\]|\\.)*)"`;
  const [, quoted, name] = new RegExp(`add_header "X-Test" (?:${word}|\\$(\\w+)) always;`).exec(conf)!;
  if (name === undefined && quoted!.includes('$')) throw new Error(`a variable would be read: ${quoted}`);
  const text = name === undefined ? quoted! : new RegExp(`geo \\$${name} \\{\n +default ${word};`).exec(conf)![1]!;
  return text.replace(/\\(.)/g, (both, behind: string) => {
    if ('trn'.includes(behind)) throw new Error(`nginx would read a control character: ${text}`);
    return `"'\\`.includes(behind) ? behind : both;
  });
}

describe('grace periods', () => {
  test('follow from the longest request of all paths', () => {
    const grace = (props: Partial<AsgiAppProps>) => serviceOf(stackOf(props), 'bare-metal').stop_grace_period;
    expect(grace({ requestTimeout: 20, routes: { '/x': { requestTimeout: 300 } } })).toBe(
      grace({ requestTimeout: 300 }),
    );
    expect(grace({ requestTimeout: 20, routes: { '/x': { requestTimeout: 5 } } })).toBe(grace({ requestTimeout: 20 }));
  });

  test('do not let a WebSocket be quiet for longer than the shortest path waits', () => {
    const conf = outputOf(stackOf({ routes: { '/ws': { requestTimeout: 8 } } }), 'bare-metal')['api/gunicorn.conf.py'];
    expect(conf).toContain('"ws_ping_interval": 4');
  });
});

interface HttpRoute {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly hostnames?: string[]; readonly rules: object[] };
}

function httpRoutes(props: Partial<AsgiAppProps>, stack: StackProps = {}): HttpRoute[] {
  const files = synthesize(
    stackOf(props, { gateway: { name: 'public' }, accept: { 'body-limit': 'x', 'rate-limit': 'x' }, ...stack }),
    'kubernetes',
  );
  return files
    .filter(({ path }) => path.endsWith('.yaml'))
    .flatMap(({ content }) => parseAllDocuments(content).map((one) => one.toJS() as HttpRoute))
    .filter(({ kind }) => kind === 'HTTPRoute');
}

describe('a Gateway', () => {
  test('has a rule for each path, sets the headers and strips the prefix of each', () => {
    const [route] = httpRoutes({ ...RULES, pathPrefix: '/api' });
    const header = {
      type: 'ResponseHeaderModifier',
      responseHeaderModifier: { set: [{ name: 'X-Frame-Options', value: 'DENY' }] },
    };
    const rule = (path: string, replacePrefixMatch: string, request: string) => ({
      matches: [{ path: { type: 'PathPrefix', value: path } }],
      filters: [
        { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch } } },
        header,
      ],
      backendRefs: [{ name: 'shop-api', port: 80 }],
      timeouts: { request },
    });
    expect(route!.spec.rules).toEqual([
      rule('/api/upload/small', '/upload/small', '35s'),
      rule('/api/upload', '/upload', '45s'),
      rule('/api', '/', '35s'),
    ]);
  });

  test('redirects a host', () => {
    const redirects = { 'www.example.com': 'example.com' };
    expect(httpRoutes({ hosts: ['example.com'] }, { redirects })[0]).toMatchObject({
      metadata: { name: 'shop-redirect-1' },
      spec: {
        hostnames: ['www.example.com'],
        rules: [
          { filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'example.com', statusCode: 308 } }] },
        ],
      },
    });
  });

  test('lets in the hosts that an nginx behind it redirects', () => {
    const [route] = httpRoutes(
      { hosts: ['example.com'] },
      { edge: 'nginx', redirects: { 'www.example.com': 'example.com' } },
    );
    expect(route!.spec.hostnames).toEqual(['example.com', 'www.example.com']);
  });
});

describe('what an edge cannot do is a problem', () => {
  const everything = { redirects: { 'www.example.com': 'example.com' } };
  const problems = (target: TargetName, stack: StackProps) =>
    targets
      .find(({ name }) => name === target)!
      .problems(stackOf(RULES, { ...everything, ...stack }))
      .map(({ id, prop }) => `${prop}: ${id}`)
      .toSorted();

  test.each([
    ['bare-metal', {}, []],
    ['swarm', {}, []],
    ['kubernetes', { edge: 'nginx' }, []],
    ['kubernetes', { gateway: { name: 'public' } }, ['rateLimit: rate-limit', 'routes: body-limit']],
    [
      'kubernetes',
      {},
      [
        'rateLimit: rate-limit',
        'redirects: redirects',
        'responseHeaders: response-headers',
        'routes: body-limit',
        'routes: edge-timeout',
      ],
    ],
    ...(['bare-metal', 'kubernetes'] as const).map(
      (target) =>
        [
          target,
          { edge: 'none' },
          ['rateLimit', 'redirects', 'responseHeaders', 'routes'].map((prop) => `${prop}: hosts-without-edge`),
        ] as const,
    ),
  ] as readonly (readonly [TargetName, StackProps, string[]])[])('on %s with %j', (target, stack, expected) => {
    expect(problems(target, stack)).toEqual(expected);
  });

  test('a path that takes longer than a Swarm waits', () => {
    const stack = new Stack('shop');
    new AsgiApp(stack, 'api', {
      ...{ image: 'acme/api:1', module: 'main:app' },
      routes: { '/report': { requestTimeout: 300 } },
    });
    expect(() => synthesize(stack, 'swarm')).toThrow('the longest requestTimeout of routes is 300, but a Swarm waits');
  });
});
