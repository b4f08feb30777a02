import { targets, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNginx } from '../../../src/model/nginx-reader.js';
import { mistakesBelow } from '../../../src/model/mistakes.js';
import { ruleOf } from '../../../src/model/nginx-rules.js';
import { hostileUnicode, runs } from '../support/hostile.js';
import { nginxOf, outputOf, stackOf } from '../support/outputs.js';

const directivesOf = (text: string) => {
  const read = readNginx(text);
  if (!Array.isArray(read)) throw new Error(`line ${read.line} ${read.fault}`);
  return read;
};

/** What the directives of a configuration are in: `http server location = /x`. */
const placesOf = (conf: string, name: string) =>
  directivesOf(conf)
    .filter(({ words }) => words[0] === name)
    .map(({ within }) => within.join(' '));

const mistakesOf = (app: Partial<AsgiAppProps>, stack?: StackProps) =>
  mistakesBelow(stackOf(app, stack)).map(({ message }) => message);

describe('a snippet', () => {
  const RATES = { '/upload': { requestTimeout: 5 } };

  test('that sets a header of requests leaves them the id that a trusted balancer gave', () => {
    const stack = stackOf(
      { nginx: { location: 'proxy_set_header X-Own 1;' } },
      { requestId: true, trustedProxies: ['10.0.0.0/8'] },
    );
    const conf = nginxOf(stack, 'swarm');
    // Above all servers, in the place of the app, and in that for what is passed on anew.
    expect(conf.match(/proxy_set_header X-Request-ID .*/g)).toEqual(
      Array(3).fill('proxy_set_header X-Request-ID $edge_request_id;'),
    );
  });

  test('stands in its place alone', () => {
    const stack = stackOf(
      { nginx: { location: 'proxy_buffering off;' }, routes: RATES, hosts: ['a.example.com'] },
      {
        nginx: { http: 'limit_conn_log_level info;', server: 'etag off;' },
        redirects: { 'b.example.com': 'a.example.com' },
      },
    );
    for (const target of ['bare-metal', 'swarm'] as const) {
      const conf = nginxOf(stack, target);
      expect(placesOf(conf, 'limit_conn_log_level')).toEqual(['http']);
      expect(placesOf(conf, 'etag'), 'of a server with an app, not of one that turns away').toEqual(['http server']);
      // Two paths, each of which has a place for what is passed on anew.
      expect(placesOf(conf, 'proxy_buffering')).toEqual(Array(4).fill('http server location'));
    }
    expect(outputOf(stackOf({}, { edge: 'nginx', nginx: { http: 'a b;' } }), 'kubernetes')['nginx.yaml']).toContain(
      'a b;',
    );
  });

  test('takes nothing with it that follows, however it ends', () => {
    for (const end of ['# x', '# x \\', '# {', ''])
      expect(placesOf(nginxOf(stackOf({ nginx: { location: `a b; ${end}` } }), 'swarm'), 'proxy_pass')).toEqual(
        placesOf(nginxOf(stackOf(), 'swarm'), 'proxy_pass'),
      );
  });

  test('leaves the structure around it as it is, whatever it holds', () => {
    const alphabet = fc.constantFrom(
      'a',
      ' ',
      ';',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '#',
      '$',
      '\n',
      ')',
      '(',
      '\t',
      '"a"',
      'a b;',
      '{}',
    );
    const text = fc.oneof(
      hostileUnicode,
      fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (own) => {
        const read = readNginx(own);
        if (!Array.isArray(read)) return;
        const around = directivesOf(`outer {\n${own}\nlast 1;\n}\nend;`);
        expect(around.at(-2)).toMatchObject({ words: ['last', '1'], within: ['outer'] });
        expect(around.at(-1)).toMatchObject({ words: ['end'], within: [] });
        expect(around.length).toBe(read.length + 3);
      }),
      runs(2000),
    );
  });

  test('with headers keeps those that the edge itself gives', () => {
    const nginx = { location: 'add_header X-Id $request_id;\nproxy_set_header X-Tenant $host;' };
    const conf = nginxOf(stackOf({ nginx }), 'swarm');
    const inLocations = directivesOf(conf).filter(({ within }) => within.join() === 'http,server,location');
    expect(inLocations.filter(({ words }) => words[0] === 'add_header').map(({ words }) => words[1])).toEqual(
      expect.arrayContaining(['Connection', 'X-Id']),
    );
    const passed = (place: string) =>
      directivesOf(conf)
        .filter(({ words, within }) => words[0] === 'proxy_set_header' && within.join() === place)
        .map(({ words }) => words.slice(1).join(' '));
    expect(passed('http,server,location')).toEqual(expect.arrayContaining([...passed('http'), 'X-Tenant $host']));
  });

  test('may say once what ours would say as well', () => {
    const conf = nginxOf(
      stackOf({
        bodyLimit: '1Gi',
        rateLimit: { requestsPerSecond: 1 },
        nginx: { location: 'proxy_request_buffering on; limit_req_status 503;' },
      }),
      'swarm',
    );
    expect(placesOf(conf, 'limit_req_status')).toHaveLength(2);
    expect(conf).not.toContain('proxy_request_buffering off');
  });
});

describe('what is in a configuration of ours', () => {
  const conf = nginxOf(
    stackOf(
      { rateLimit: { requestsPerSecond: 1 }, bodyLimit: '1Gi', pathPrefix: '/api' },
      { trustedProxies: ['10.0.0.0/8'], tls: { certificate: {}, key: {} } },
    ),
    'bare-metal',
  );

  /** What stands beside its like, or in the place of which a snippet may speak. */
  const SHARED =
    /^(access_log|add_header|error_page|geo|if|include|keepalive|limit_req.*|location|log_format|map|proxy_request_buffering|proxy_set_header|set|zone|\$.*)$/;

  test('no snippet may say again', () => {
    for (const place of ['http', 'server', 'location'] as const) {
      const around = { http: ['http'], server: ['http', 'server'], location: ['http', 'server', 'location'] }[place];
      const ours = directivesOf(conf).filter(({ within }) => within.join() === around.join());
      expect(ours.length).toBeGreaterThan(3);
      for (const directive of ours.filter(({ words }) => !SHARED.test(words[0]!)))
        expect(ruleOf(place, { ...directive, within: [] }), directive.words.join(' ')).toBeDefined();
    }
  });

  test('no snippet may give a variable another value', () => {
    const variables = [...conf.matchAll(/^\s+(?:map|geo) .*\$(\w+) \{|\bset \$(\w+)|\(\?<(\w+)>/gm)].map(
      ([, a, b, c]) => a ?? b ?? c!,
    );
    expect(variables).toEqual(expect.arrayContaining(['client_scheme', 'uri_api', 'sent', 'port', 'path_api']));
    for (const name of variables)
      for (const text of [
        `set $${name} 1;`,
        `map 1 $${name.toUpperCase()} { default 1; }`,
        `location ~ "(?<${name}>x)" { a; }`,
      ])
        expect(mistakesOf({}, { nginx: { server: text } }), text).toEqual([expect.stringContaining('choose another')]);
    expect(mistakesOf({}, { nginx: { http: 'map $client_scheme $mine { default 1; }' } })).toEqual([]);
  });

  test('no snippet may give a header of which the app believes that the edge wrote it', () => {
    const headers = directivesOf(conf).filter(({ words }) => words[0] === 'proxy_set_header');
    expect(headers.length).toBeGreaterThan(5);
    for (const { words } of headers)
      expect(mistakesOf({ nginx: { location: `proxy_set_header ${words[1]?.toLowerCase()} x;` } })).toHaveLength(1);
  });
});

describe('an edge that takes no directives is a problem', () => {
  test.each([
    ['bare-metal', {}, []],
    ['bare-metal', { edge: 'none' }, ['shop: hosts-without-edge', 'shop/api: hosts-without-edge']],
    ['swarm', { edge: { network: 'proxy' } }, ['shop: hosts-without-edge', 'shop/api: hosts-without-edge']],
    ['kubernetes', {}, ['shop: nginx-snippet', 'shop/api: nginx-snippet']],
    ['kubernetes', { gateway: { name: 'public' } }, ['shop: nginx-snippet', 'shop/api: nginx-snippet']],
    ['kubernetes', { edge: 'none' }, ['shop: nginx-snippet', 'shop/api: hosts-without-edge']],
    ['kubernetes', { edge: 'nginx' }, []],
  ] as readonly (readonly [TargetName, StackProps, string[]])[])('on %s with %j', (target, props, expected) => {
    const stack = stackOf({ nginx: { location: 'etag off;' } }, { nginx: { server: 'etag off;' }, ...props });
    const found = targets.find(({ name }) => name === target)!.problems(stack);
    expect(found.map(({ construct, id }) => `${construct.node.path}: ${id}`).toSorted()).toEqual(expected.toSorted());
  });
});
