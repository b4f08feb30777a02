import { Construct } from 'constructs';
import { AsgiApp, Secret, Stack, Volume, deployedName } from 'asgi-synth';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest } from '../../src/model/closest.js';
import { secretLookingVariables } from '../../src/model/leaks.js';
import { mistakesBelow } from '../../src/model/mistakes.js';
import { positionOf } from '../../src/model/position.js';
import { bytes, tryBytes } from '../../src/model/quantity.js';
import { timeoutsOf } from '../../src/model/timeouts.js';
import { appSecretsOf, mountsOf, secretsOf, volumesOf } from '../../src/model/tree.js';
import { cidr, HOST_NAME, IMAGE_REFERENCE, show } from '../../src/model/values.js';
import * as v from 'valibot';
import { addApp, stackOf } from './support/outputs.js';
import { runs } from './support/hostile.js';

const mistakes = (stack: Stack) =>
  mistakesBelow(stack).map(({ construct, message }) => `${construct.node.path}: ${message}`);

describe('an app', () => {
  test('has the defaults that its documentation promises', () => {
    const app = addApp(new Stack('shop'), 'api');
    expect(app).toMatchObject({
      factory: false,
      processes: 2,
      memory: 512 * 2 ** 20,
      cpu: 1,
      port: 8000,
      health: { readiness: undefined, liveness: undefined, startup: 60 },
      hosts: [],
      pathPrefix: '/',
      environment: {},
      secrets: [],
      volumes: {},
      requestTimeout: 60,
      bodyLimit: 10 * 2 ** 20,
      command: undefined,
      build: {},
    });
    expect(app.given).toEqual(new Set(['image', 'module']));
  });

  test('takes a health path as text or in parts', () => {
    const health = (props: object) => addApp(new Stack('shop'), 'api', props).health;
    expect(health({ health: '/healthz' })).toEqual({ readiness: '/healthz', liveness: '/healthz', startup: 60 });
    expect(health({ health: { liveness: '/live', startup: 5 } })).toEqual({
      readiness: undefined,
      liveness: '/live',
      startup: 5,
    });
  });

  test('may be part of a construct of the user, as deep as they like, and of a class of theirs', () => {
    class Web extends Construct {
      readonly api: AsgiApp;
      constructor(scope: Construct, id: string) {
        super(scope, id);
        this.api = new (class Api extends AsgiApp {})(this, 'api', { image: 'a', module: 'a:b', processes: 0 });
      }
    }
    const stack = new Stack('shop');
    const { api } = new Web(stack, 'Web 1');
    expect(stack.apps).toEqual([api]);
    expect(mistakes(stack)).toEqual(['shop/Web 1/api: processes must be a whole number from 1 to 1000, got 0']);
    expect(positionOf(api)?.file).toMatch(/model\.test\.ts$/);
  });

  test('keeps thousandths of a core, since engines refuse more', () => {
    const cpu = (given: number) => addApp(new Stack('shop'), 'api', { cpu: given }).cpu;
    expect([cpu(0.1 + 0.2), cpu(1 / 3), cpu(64)]).toEqual([0.3, 0.333, 64]);
  });

  test('mounts volumes in the order of their paths', () => {
    const stack = new Stack('shop');
    const volumes = { '/z': new Volume(stack, 'b'), '/a': new Volume(stack, 'a') };
    expect(mountsOf(addApp(stack, 'api', { volumes })).map(({ path }) => path)).toEqual(['/a', '/z']);
  });
});

describe('a stack', () => {
  test('knows its apps, secrets and volumes in the order in which they were written', () => {
    const stack = new Stack('shop');
    const apps = ['z', 'a'].map((id) => addApp(stack, id, { pathPrefix: `/${id}` }));
    const secrets = ['y', 'b'].map((id) => new Secret(stack, id));
    const volumes = ['x', 'c'].map((id) => new Volume(stack, id));
    expect([stack.apps, secretsOf(stack), volumesOf(stack)]).toEqual([apps, secrets, volumes]);
  });

  test('is deployed under its name, and under that of its stage', () => {
    expect([deployedName(new Stack('shop')), deployedName(new Stack('shop'), 'staging')]).toEqual([
      'shop',
      'shop-staging',
    ]);
  });

  test.each([
    [80, { address: undefined, port: 80 }],
    ['127.0.0.1:8080', { address: '127.0.0.1', port: 8080 }],
    ['[::1]:8080', { address: '[::1]', port: 8080 }],
    ['0.0.0.0:65535', { address: '0.0.0.0', port: 65535 }],
  ])('takes requests on %s', (httpPort, expected) => {
    const stack = new Stack('shop', { httpPort });
    expect(stack.httpPort).toEqual(expected);
    expect(mistakes(stack)).toEqual([]);
  });

  test.each([
    0,
    1.5,
    65536,
    -1,
    '80',
    ':80',
    '127.0.0.1',
    '256.0.0.1:80',
    '1.2.3:80',
    '[:::]:80',
    '::1:80',
    '127.0.0.1:0',
    '127.0.0.1:080',
    '127.0.0.1:99999',
    'localhost:80',
    null,
    {},
  ])('does not take requests on %j', (httpPort) => {
    expect(mistakes(new Stack('shop', { httpPort: httpPort as never }))).toHaveLength(1);
  });
});

describe('HTTPS', () => {
  const OWN = { certificate: {}, key: {} };

  test('with an own certificate is two secrets, of which no app is told', () => {
    const stack = new Stack('shop', { tls: { certificate: { file: 'shop.pem' }, key: { external: 'shop-key' } } });
    const api = new AsgiApp(stack, 'api', { image: 'a', module: 'a:b' });
    expect(secretsOf(stack).map(({ node, file, external }) => [node.id, file, external])).toEqual([
      ['tls_certificate', 'shop.pem', undefined],
      ['tls_key', undefined, 'shop-key'],
    ]);
    expect([appSecretsOf(stack), api.secrets, mistakes(stack)]).toEqual([[], [], []]);
  });

  test('is on port 443, sends HTTP there, and is meant for a day', () => {
    const { tls, httpsPort } = new Stack('shop', { tls: OWN });
    expect(httpsPort).toEqual({ address: undefined, port: 443 });
    expect(tls).toMatchObject({ redirect: true, hsts: 86_400, source: { kind: 'own' } });
    expect(new Stack('shop').tls).toBeUndefined();
  });

  test('may be on the port of HTTP at another address', () => {
    const ports = (httpPort: string | number, httpsPort: string) =>
      mistakes(new Stack('shop', { httpPort, httpsPort, tls: OWN }));
    expect(ports('127.0.0.1:8443', '127.0.0.2:8443')).toEqual([]);
    expect(ports('127.0.0.1:8443', '127.0.0.1:8443')).toHaveLength(1);
    expect(ports(8443, '127.0.0.1:8443')).toHaveLength(1);
  });
});

describe('a secret', () => {
  test('has the variable of its name in capitals', () => {
    expect(new Secret(new Stack('shop'), 'db_password2').variable).toBe('DB_PASSWORD2');
    expect(new Secret(new Stack('shop'), 'db__password').variable).toBe('DB__PASSWORD');
  });

  test.each(['a', 'a1', 'db_password', 'db__password', 'a_1_b'])('may be called %s', (id) => {
    const stack = new Stack('shop');
    new Secret(stack, id);
    expect(mistakes(stack)).toEqual([]);
  });

  test.each(['', 'A', '1a', '_a', 'a_', 'a__', 'a-b', 'a b', 'ä', 'constructor', 5, null, undefined, ['a']])(
    'may not be called %j',
    (id) => {
      const stack = new Stack('shop');
      new Secret(stack, id as string);
      expect(mistakes(stack)).toHaveLength(1);
    },
  );
});

describe('sizes', () => {
  test.each([
    ['1', 1],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['100M', 1e8],
    ['0.000001k', 0],
  ])('%s is %i bytes', (size, expected) => {
    expect(bytes(size)).toBe(expected);
  });

  test.each(['', 'Mi', '1K', '1kb', '1MB', '1 Mi', '-1', '+1', '1e3', '1,5Gi', '0x10', '1Mi ', '１Mi', 512, null])(
    '%j is none',
    (size) => {
      expect(tryBytes(size)).toBeUndefined();
    },
  );
});

describe('timeouts', () => {
  test('form one chain, whatever the app and the platform ask for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 0, max: 40 }),
        fc.option(fc.integer({ min: 60, max: 300 }), { nil: undefined }),
        (requestTimeout, drain, longestStopGrace) => {
          const app = addApp(new Stack('shop'), 'api', { requestTimeout });
          const chain = timeoutsOf(app, { drain, ...(longestStopGrace === undefined ? {} : { longestStopGrace }) });
          expect(chain.graceful).toBeGreaterThan(0);
          expect(chain.manager).toBeGreaterThan(chain.graceful);
          expect(chain.stopGrace).toBeGreaterThan(chain.drain + chain.graceful);
          if (longestStopGrace === undefined) expect(chain.stopGrace).toBeGreaterThan(chain.drain + chain.manager);
          else expect(chain.stopGrace).toBeLessThanOrEqual(longestStopGrace);
          expect(chain.proxyRead).toBeGreaterThan(requestTimeout);
          expect(chain.upstreamIdle).toBeLessThan(chain.keepAlive);
          expect(chain.webSocketPing).toBeLessThan(chain.proxyRead);
          for (const value of Object.values(chain)) expect(Number.isInteger(value)).toBe(true);
        },
      ),
      runs(300),
    );
  });
});

describe('spelling of values', () => {
  test.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '192.168.1.7',
    '192.168.1.7/32',
    '::1',
    '::/0',
    'fd00::/8',
    '2001:db8::/32',
    '::ffff:10.0.0.0/104',
    '2001:db8:0:1::/64',
  ])('%s is an address range', (range) => {
    expect(v.is(cidr, range)).toBe(true);
  });

  test.each([
    '',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    '010.0.0.0',
    'fd00::1/8',
    '::/129',
    'fe80::1%eth0',
    'fe80::%1/10',
    'example.com',
    '10.0.0.0/8 ',
    '*',
    10,
    null,
  ])('%j is none', (range) => {
    expect(v.is(cidr, range)).toBe(false);
  });

  test('an IPv6 range is right exactly where its host bits are zero', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 0, max: 128 }),
        (groups, prefix) => {
          const bits = groups.map((group) => group.toString(2).padStart(16, '0')).join('');
          expect(v.is(cidr, `${groups.map((group) => group.toString(16)).join(':')}/${prefix}`)).toBe(
            !bits.slice(prefix).includes('1'),
          );
        },
      ),
      runs(300),
    );
  });

  test.each([
    'nginx',
    'nginx:1.30.4',
    'ghcr.io/acme/api',
    'localhost:5000/a/b_c.d-e:V1_2.3-x',
    `a/b@sha256:${'0'.repeat(64)}`,
    `a/b:1@sha256:${'a'.repeat(64)}`,
    'a--b',
    'a__b',
  ])('%s is an image', (reference) => {
    expect(IMAGE_REFERENCE.test(reference)).toBe(true);
  });

  test.each([
    '',
    'Nginx',
    'a/B',
    'a:',
    ':1',
    'a/',
    '/a',
    'a//b',
    'a..b',
    'a:1:2',
    'https://a/b',
    'a b',
    'a\nb',
    'a:-1',
    'a@sha256:abc',
    `a:${'x'.repeat(129)}`,
    '-a',
    '$a',
  ])('%j is none', (reference) => {
    expect(IMAGE_REFERENCE.test(reference)).toBe(false);
  });

  test('are told right from wrong in no time, however long they are', () => {
    const long = [
      'a'.repeat(1e5),
      'a-'.repeat(5e4),
      '-'.repeat(1e5),
      'a.'.repeat(5e4),
      '1:'.repeat(5e4),
      'a_'.repeat(5e4),
      'a/'.repeat(5e4),
    ];
    const start = process.cpuUsage().user;
    for (const text of long) {
      new Stack(text, {
        registry: text,
        trustedProxies: [text],
        labels: { [text]: text },
        httpPort: text,
        images: { nginx: text },
      });
      new AsgiApp(new Stack('shop'), text, {
        image: text,
        module: text,
        hosts: [text],
        pathPrefix: `/${text}`,
        health: `/${text}`,
        environment: { [text]: text, A: `a://${text}` },
        memory: text,
        command: [text],
      });
    }
    expect((process.cpuUsage().user - start) / 1e6).toBeLessThan(2);
    expect(HOST_NAME.test('a'.repeat(254))).toBe(false);
  });

  test('are shown short, on one line, and never from inside an object', () => {
    expect(
      [
        undefined,
        null,
        5,
        -0,
        5n,
        true,
        'a"b\n',
        Symbol('x'),
        () => 1,
        class {},
        [],
        [1],
        {},
        new Map(),
        Object.create(null),
      ].map(show),
    ).toEqual([
      'nothing',
      'null',
      '5',
      '0',
      '5n',
      'true',
      '"a\\"b\\n"',
      'a symbol',
      'a function',
      'a class',
      'an empty list',
      'a list',
      'an object',
      'an instance of Map',
      'an object',
    ]);
    expect(show('x'.repeat(70_000))).toHaveLength(63);
  });
});

describe('did you mean', () => {
  const known = ['environment', 'processes', 'requestTimeout', 'bodyLimit', 'hosts', 'health', 'cpu', 'port'];

  test.each([
    ['enviroment', 'environment'],
    ['env', 'environment'],
    ['Processes', 'processes'],
    ['procceses', 'processes'],
    ['timeout', 'requestTimeout'],
    ['limit', 'bodyLimit'],
    ['host', 'hosts'],
    ['cpus', 'cpu'],
    ['prot', 'port'],
  ])('%s: %s', (word, expected) => {
    expect(closest(word, known)).toBe(expected);
  });

  test.each(['', 'x', 'volumes', 'replicas', 'x'.repeat(70_000)])('nothing for %s', (word) => {
    expect(closest(word, known)).toBeUndefined();
  });
});

describe('what looks like a secret', () => {
  const looks = (environment: Record<string, string>) =>
    secretLookingVariables(stackOf({ environment }).apps[0]!.environment);

  test.each([
    'PASSWORD',
    'DB_PASSWORD',
    'db_password',
    'API_KEY',
    'APIKEY',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'CLIENT_SECRET',
    'SECRET_KEY',
    'PRIVATE_KEY',
    'SMTP_PASSWD',
  ])('the name %s', (name) => {
    expect(looks({ [name]: 'x' })).toEqual([name]);
  });

  test.each([
    'postgres://u:p@db/x',
    'redis://:p@cache:6379/0',
    'amqp+ssl://u:p@mq//',
    '-----BEGIN RSA PRIVATE KEY-----\nMII',
  ])('the value %s', (value) => {
    expect(looks({ URL: value })).toEqual(['URL']);
  });

  test.each([
    ['DB_PASSWORD', ''],
    ['DB_PASSWORD_FILE', '/run/secrets/db_password'],
    ['API_KEY', '/run/secrets/api_key'],
    ['KEYBOARD', 'us'],
    ['TOKENIZER', 'bpe'],
    ['URL', 'postgres://db/x'],
    ['URL', 'https://example.com:8080/a@b'],
    ['MONKEY', 'x'],
  ])('not %s=%s', (name, value) => {
    expect(looks({ [name]: value })).toEqual([]);
  });
});
