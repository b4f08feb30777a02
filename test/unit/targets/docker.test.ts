import { AsgiApp, Compose, Secret, Stack, Swarm, synthesize, Template, Volume, type PatchOperation } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import {
  addApp,
  composeOf,
  nginxNumbers,
  nginxOf,
  option,
  outputOf,
  seconds,
  serviceOf,
  stackOf,
} from '../support/outputs.js';
import { richStack } from '../support/stacks.js';

const DOCKER = ['bare-metal', 'swarm'] as const;

describe.each(DOCKER)('%s', (target) => {
  describe('privileges', () => {
    test('takes everything from every container that it does not need', () => {
      for (const service of Object.values(composeOf(richStack(), target).services)) {
        expect(service).toMatchObject({ user: '10001:10001', read_only: true, cap_drop: ['ALL'] });
        expect(service.deploy.resources.limits).toMatchObject({
          memory: expect.stringMatching(/^\d+[KMG]$/) as string,
          pids: expect.any(Number) as number,
        });
        expect(service.volumes.filter(({ type }) => type === 'tmpfs').map(({ target: path }) => path)).toEqual([
          '/tmp',
        ]);
        expect(service.logging).toEqual({ driver: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } });
        expect(service).not.toHaveProperty('privileged');
      }
    });

    test('gives uploads room: four bodies, at least 64 MiB and at most 1 GiB', () => {
      const size = (bodyLimit: string) =>
        serviceOf(stackOf({ bodyLimit }), target).volumes.find(({ type }) => type === 'tmpfs')?.tmpfs?.size;
      expect(['1Mi', '100Mi', '10Gi'].map(size)).toEqual([64 * 2 ** 20, 400 * 2 ** 20, 2 ** 30]);
    });
  });

  describe('the server', () => {
    test('runs under the start shim, in exec form, wherever the image has its entry point', () => {
      const service = serviceOf(stackOf(), target);
      expect(service.entrypoint).toEqual(['python3', '-I', '-S', '/etc/asgi-synth/start.py', '--drain', '3', '--']);
      expect(service.configs).toEqual(
        expect.arrayContaining([
          { source: 'start', target: '/etc/asgi-synth/start.py' },
          { source: 'health', target: '/etc/asgi-synth/health.py' },
        ]),
      );
    });

    test("runs the user's own command under it as well", () => {
      const service = serviceOf(stackOf({ command: ['hypercorn', 'main:app', '--bind', '$HOST:8000'] }), target);
      expect(service.entrypoint?.at(-1)).toBe('--');
      expect(service.command).toEqual(['hypercorn', 'main:app', '--bind', '$$HOST:8000']);
    });

    test('has one chain of timeouts, each link longer than the one inside it', () => {
      for (const requestTimeout of [1, 2, 10, 30, 52]) {
        const stack = stackOf({ requestTimeout });
        const conf = nginxOf(stack, target);
        const service = serviceOf(stack, target);
        const gunicorn = outputOf(stack, target)['api/gunicorn.conf.py'];
        const inside =
          target === 'swarm'
            ? Number(option(service.command, '--timeout-graceful-shutdown'))
            : Number(/"timeout_graceful_shutdown": (\d+)/.exec(gunicorn ?? '')?.[1]);
        const manager = target === 'swarm' ? inside : Number(/^graceful_timeout = (\d+)/m.exec(gunicorn ?? '')?.[1]);
        const keepAlive =
          target === 'swarm'
            ? Number(option(service.command, '--timeout-keep-alive'))
            : Number(/^keepalive = (\d+)/m.exec(gunicorn ?? '')?.[1]);
        const drain = Number(option(service.entrypoint, '--drain'));

        expect(inside).toBeGreaterThanOrEqual(requestTimeout);
        expect(manager).toBeGreaterThanOrEqual(target === 'swarm' ? inside : inside + 1);
        expect(seconds(service.stop_grace_period)).toBeGreaterThan(drain + manager);
        expect(nginxNumbers(conf, 'proxy_read_timeout')[0]).toBeGreaterThan(requestTimeout);
        const [idle, client] = [
          nginxNumbers(conf, 'keepalive_timeout').at(-1)!,
          nginxNumbers(conf, 'keepalive_timeout')[0]!,
        ];
        expect(idle).toBeLessThan(keepAlive);
        expect(client).toBeGreaterThan(idle);
      }
    });

    test('waits longer before it goes than nginx believes an old address', () => {
      const conf = nginxOf(stackOf(), target);
      expect(Number(/valid=(\d+)s/.exec(conf)?.[1])).toBeLessThan(
        Number(option(serviceOf(stackOf(), target).entrypoint, '--drain')),
      );
    });
  });

  describe('health', () => {
    test('is asked without curl, by a script of ours, with a host that the app answers', () => {
      const { healthcheck } = serviceOf(
        stackOf({
          health: { readiness: '/readyz', liveness: '/livez', startup: 40 },
          hosts: ['shop.example.com', 'b.example.com'],
          port: 9000,
        }),
        target,
      );
      expect(healthcheck.test.slice(0, 5)).toEqual(['CMD', 'python3', '-I', '-S', '/etc/asgi-synth/health.py']);
      expect(['--port', '--readiness', '--liveness', '--host'].map((name) => option(healthcheck.test, name))).toEqual([
        '9000',
        '/readyz',
        '/livez',
        'shop.example.com',
      ]);
      expect(healthcheck.start_period).toBe('40s');
      expect(seconds(healthcheck.timeout)).toBeGreaterThan(Number(option(healthcheck.test, '--timeout')));
    });

    test('asks the app itself where the user names no path', () => {
      const { healthcheck } = serviceOf(stackOf(), target);
      expect(['--readiness', '--liveness', '--host'].map((name) => option(healthcheck.test, name))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    test('uses one path for both where only one is given', () => {
      const { healthcheck } = serviceOf(stackOf({ health: '/healthz' }), target);
      expect(['--readiness', '--liveness'].map((name) => option(healthcheck.test, name))).toEqual([
        '/healthz',
        '/healthz',
      ]);
    });
  });

  describe('environment and secrets', () => {
    test('gives numbers and truth as text, in order of their names', () => {
      const { environment } = serviceOf(stackOf({ environment: { B: false, A: 3, C: 'x$y' } }), target);
      expect(Object.entries(environment ?? {})).toEqual([
        ['A', '3'],
        ['B', 'false'],
        ['C', 'x$$y'],
      ]);
    });

    test('gives a secret as a file to the apps that list it, and to no other', () => {
      const stack = new Stack('shop');
      const secret = new Secret(stack, 'db_password');
      addApp(stack, 'api', { secrets: [secret] });
      addApp(stack, 'admin', { pathPrefix: '/admin' });
      expect(serviceOf(stack, target, 'api').secrets?.map(({ source, target: path }) => [source, path])).toEqual([
        ['db_password', 'db_password'],
      ]);
      expect(serviceOf(stack, target, 'admin').secrets).toBeUndefined();
    });

    test('has a secret set as a variable by the shim, not by the engine', () => {
      const stack = new Stack('shop');
      addApp(stack, 'api', { secrets: [new Secret(stack, 'api_key', { as: 'environment' })] });
      const service = serviceOf(stack, target);
      expect(option(service.entrypoint, '--secret')).toBe('API_KEY=/run/secrets/api_key');
      expect(service.environment).toBeUndefined();
    });
  });

  describe('the edge', () => {
    test('is the only service that is published', () => {
      const { services } = composeOf(richStack(), target);
      expect(
        Object.entries(services).flatMap(([name, { ports }]) =>
          ports ? [[name, ports.map(({ target: inside, published }) => `${published}:${inside}`)]] : [],
        ),
      ).toEqual([['nginx', ['8080:8080']]]);
    });

    test('is not there with edge: "none": an app alone takes httpPort, several take their own ports', () => {
      const one = stackOf({}, { edge: 'none', httpPort: 8080 });
      expect(Object.keys(composeOf(one, target).services)).toEqual(['api']);
      expect(serviceOf(one, target).ports).toMatchObject([{ target: 8000 }]);
      expect(String(serviceOf(one, target).ports?.[0]?.published)).toBe('8080');
      expect(outputOf(one, target)).not.toHaveProperty('nginx/nginx.conf');
    });

    test('several apps without an edge are published on their own ports', () => {
      const stack = new Stack('shop', { edge: 'none', accept: { 'hosts-without-edge': 'internal' } });
      addApp(stack, 'api', { port: 8001 });
      addApp(stack, 'admin', { port: 8002, pathPrefix: '/admin' });
      expect(
        ['api', 'admin'].map((name) =>
          serviceOf(stack, target, name).ports?.map(({ target: inside, published }) => `${published}:${inside}`),
        ),
      ).toEqual([['8001:8001'], ['8002:8002']]);
    });

    test('of others is joined by network, under a name that no other stack has', () => {
      const file = composeOf(stackOf({}, { edge: { network: 'proxy' } }), target, { stage: 'staging' });
      expect(file.networks['edge']).toEqual({ name: 'proxy', external: true });
      expect(file.services['api']?.networks).toEqual({ default: null, edge: { aliases: ['shop-staging-api'] } });
      expect(Object.keys(file.services)).toEqual(['api']);
    });

    test('sends a request to the app with its host and its longest prefix', () => {
      const stack = new Stack('shop');
      addApp(stack, 'web', { hosts: ['a.example.com', 'b.example.com'] });
      addApp(stack, 'api', { hosts: ['a.example.com'], pathPrefix: '/api' });
      addApp(stack, 'v2', { hosts: ['a.example.com'], pathPrefix: '/api/v2' });
      addApp(stack, 'any', { pathPrefix: '/status' });
      expect(routes(nginxOf(stack, target))).toEqual({
        'a.example.com': ['/api/v2 -> v2', '/status -> any', '/api -> api', '/ -> web'],
        'b.example.com': ['/status -> any', '/ -> web'],
        _: ['/status -> any'],
      });
    });

    test('turns an unknown host away where every app has hosts', () => {
      const conf = nginxOf(stackOf({ hosts: ['a.example.com'] }), target);
      expect(routes(conf)).toEqual({ 'a.example.com': ['/ -> api'], _: [] });
      const rest = conf.slice(conf.indexOf('listen 8080 default_server;'));
      expect(rest).toMatch(/# No app has this Host\.\s+return 421;/);
      expect(rest).not.toContain('proxy_pass');
    });

    test('tells a balancer that asks when it is about to stop, where there may be one', () => {
      for (const props of [{}, { hosts: ['a.example.com'] }]) {
        const conf = nginxOf(stackOf(props), target);
        if (target !== 'swarm') {
          expect(conf).not.toContain('/-/healthz');
          continue;
        }
        const [, anyHost = ''] = conf.split('listen 8080 default_server;');
        expect(anyHost).toMatch(
          /if \(-f \/tmp\/asgi-synth-leaving\) \{\s+set \$leaving close;[^]+location = \/-\/healthz \{[^}]+if \(\$leaving\) \{\s+return 503;\s+\}\s+return 204;/,
        );
        expect(conf.match(/location = \/-\/healthz/g)).toHaveLength(1);
      }
    });

    test('looks up for itself where a request goes that is passed on anew', () => {
      const conf = nginxOf(stackOf(), target);
      const name = target === 'swarm' ? 'tasks.api' : 'api';
      expect(conf).toMatch(new RegExp(`map 1 \\$anew_api \\{\\s+default "${name}:8000";`));
      expect(conf).toMatch(/location @anew_api \{[^@]+proxy_pass http:\/\/\$anew_api;/);
    });

    test('believes nobody, or the balancers that the user names', () => {
      expect(nginxOf(stackOf(), target)).not.toContain('real_ip');
      const conf = nginxOf(stackOf({}, { trustedProxies: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'] }), target);
      expect([...conf.matchAll(/set_real_ip_from (.*);/g)].map(([, range]) => range)).toEqual([
        '10.0.0.0/8',
        'fd00::/8',
        '192.0.2.7',
      ]);
      expect(conf).toContain('real_ip_recursive on;');
    });

    test('overwrites what a client says of itself, and limits what it sends', () => {
      const conf = nginxOf(stackOf({ bodyLimit: '6Mi' }), target);
      for (const header of [
        'X-Forwarded-For $remote_addr',
        'X-Forwarded-Proto $client_scheme',
        'X-Forwarded-Host $host$host_port',
        'Forwarded ""',
        'X-Forwarded-Prefix ""',
        'X-Real-IP $remote_addr',
      ]) {
        expect(conf).toContain(`proxy_set_header ${header};`);
      }
      expect(nginxNumbers(conf, 'client_max_body_size')).toEqual([6 * 2 ** 20]);
    });

    test('lets requests end before it is killed itself, within a minute', () => {
      for (const requestTimeout of [1, 30, 60, 3600]) {
        const stack = stackOf({ requestTimeout }, { accept: { 'request-timeout': 'x' } });
        const grace = seconds(serviceOf(stack, target, 'nginx').stop_grace_period);
        const longest = Math.min(target === 'swarm' ? 47 : 55, requestTimeout);
        const shutdown = nginxNumbers(nginxOf(stack, target), 'worker_shutdown_timeout')[0]!;
        // On one host an update reloads nginx, which WebSockets and streams outlast.
        expect(shutdown).toBe(target === 'bare-metal' ? 3600 : longest);
        expect(grace).toBeGreaterThan(longest);
        expect(grace).toBeLessThanOrEqual(60);
      }
    });

    test('holds no large body in its memory', () => {
      expect(nginxOf(stackOf({ bodyLimit: '32Mi' }), target)).not.toContain('proxy_request_buffering');
      expect(nginxOf(stackOf({ bodyLimit: '33Mi' }), target)).toContain('proxy_request_buffering off;');
    });

    test('strips a prefix, which the app gets as root_path', () => {
      const stack = stackOf({ pathPrefix: '/admin' });
      expect(nginxOf(stack, target)).toContain(
        target === 'bare-metal' ? 'proxy_pass http://$up_api$uri_api;' : 'proxy_pass http://api$uri_api;',
      );
      const said =
        target === 'swarm'
          ? option(serviceOf(stack, target).command, '--root-path')
          : /"root_path": "(.*)"/.exec(outputOf(stack, target)['api/gunicorn.conf.py'] ?? '')?.[1];
      expect(said).toBe('/admin');
    });

    test('has names of variables that fit nginx, whatever the id is', () => {
      const stack = stackOf({ pathPrefix: '/a' });
      addApp(stack, 'string', { pathPrefix: '/b' });
      addApp(stack, 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t', { pathPrefix: '/c' });
      const conf = nginxOf(stack, target);
      const names = [...conf.matchAll(/\?<(\w+)>/g)].map(([, name]) => name!);
      // $query_string is nginx's own, and a group of that name is an error.
      expect(names).not.toContain('query_string');
      expect(new Set(names).size).toBe(names.length);
      expect(Number(/variables_hash_bucket_size (\d+);/.exec(conf)?.[1])).toBeGreaterThan(
        Math.max(...names.map((name) => name.length)) + 24,
      );
      expect(Number(/server_names_hash_bucket_size (\d+);/.exec(conf)?.[1])).toBeGreaterThan(253 + 24);
    });
  });

  describe('names', () => {
    test('hold the stage, so that two stages share nothing', () => {
      const names = (stage?: string) => {
        const {
          name = '',
          volumes = {},
          configs = {},
          secrets = {},
        } = composeOf(richStack(), target, stage === undefined ? {} : { stage });
        const given = [...Object.values(volumes), ...Object.values(configs), ...Object.values(secrets)].flatMap(
          (entry) => ('name' in entry ? [String(entry.name)] : []),
        );
        return [name, ...given].filter((one) => one !== '' && one !== 'acme-license');
      };
      const [production, staging] = [names(), names('staging')];
      expect(staging.filter((name) => production.includes(name))).toEqual([]);
      expect(staging.every((name) => name.startsWith('shop-staging'))).toBe(true);
    });

    test('labels say what everything belongs to', () => {
      const { services, volumes } = composeOf(richStack(), target, { stage: 'staging' });
      for (const part of [...Object.values(services), ...Object.values(volumes ?? {})] as { labels: object }[]) {
        expect(part.labels).toMatchObject({
          team: 'storefront',
          'acme.com/tier': 'web',
          'asgi-synth.stack': 'shop-staging',
        });
      }
      expect(services['api']?.labels).toMatchObject({ 'asgi-synth.app': 'api' });
    });
  });

  describe('images', () => {
    const api = (stack: Stack, options = {}) => serviceOf(stack, target, 'api', options).image;
    const source = { source: './images/fastapi' };
    const suffix = target === 'swarm' ? '' : '-gunicorn';

    test('of a source folder are tagged by what goes into them', () => {
      expect(api(stackOf(source))).toMatch(new RegExp(`^shop-api:[0-9a-f]{12}${suffix}$`));
      expect(api(stackOf(source))).toBe(
        api(stackOf({ ...source, environment: { A: '1' }, processes: 9, hosts: ['a.example.com'] })),
      );
      expect(api(stackOf(source))).toBe(
        api(stackOf(source), { stackFile: 'other.ts', stage: 'staging', out: 'elsewhere' }),
      );
      expect(api(stackOf(source))).not.toBe(api(stackOf({ ...source, build: { arguments: { A: '1' } } })));
      expect(api(stackOf(source))).not.toBe(api(stackOf({ ...source, build: { systemPackages: ['libpq5'] } })));
    });

    test('get the registry of the stack and the tag of the command', () => {
      expect(api(stackOf(source, { registry: 'ghcr.io/acme' }), { tag: '1.4.2' })).toBe(
        `ghcr.io/acme/shop-api:1.4.2${suffix}`,
      );
    });

    test('are those of the command line where it names them', () => {
      const options = { images: { api: 'ghcr.io/acme/api:ci', nginx: 'mirror.example.com/nginx:1.30.4' } };
      expect(api(stackOf(source), options)).toBe('ghcr.io/acme/api:ci');
      expect(serviceOf(stackOf(source), target, 'nginx', options).image).toBe('mirror.example.com/nginx:1.30.4');
      expect(outputOf(stackOf(source), target, options)).not.toHaveProperty('api/Dockerfile');
    });

    test('get the digest of the lock file, and never one that is not there', () => {
      const digest = `sha256:${'a'.repeat(64)}`;
      const options = {
        digests: {
          'nginx:1.30.4': digest,
          'acme/api:1': digest,
          constructor: digest,
          [`acme/api:2@sha256:${'b'.repeat(64)}`]: digest,
        },
      };
      expect(api(stackOf(), options)).toBe(`acme/api:1@${digest}`);
      expect(serviceOf(stackOf(), target, 'nginx', options).image).toBe(`nginx:1.30.4@${digest}`);
      expect(api(stackOf({ image: `acme/api:2@sha256:${'b'.repeat(64)}` }), options)).toBe(
        `acme/api:2@sha256:${'b'.repeat(64)}`,
      );
      expect(api(stackOf({ image: 'constructor' }))).toBe('constructor');
      expect(serviceOf(stackOf(), target, 'nginx').image).toBe('nginx:1.30.4');
    });

    test("are built by the user's own Dockerfile, where there is one", () => {
      const stack = stackOf({ source: './test/fixtures/own-dockerfile', build: { dockerfile: 'docker/Dockerfile' } });
      expect(outputOf(stack, target)).not.toHaveProperty('api/Dockerfile');
      expect(api(stack)).toMatch(/^shop-api:[0-9a-f]{12}/);
    });
  });

  describe('volumes', () => {
    test('outlive containers and carry the options of their driver', () => {
      const { volumes, services } = composeOf(richStack(), target);
      expect(volumes).toEqual({
        data: {
          name: 'shop_data',
          driver: 'local',
          driver_opts: { type: 'nfs', o: 'addr=10.0.0.5', device: ':/data' },
          labels: { 'acme.com/tier': 'web', team: 'storefront', 'asgi-synth.stack': 'shop' },
        },
      });
      expect(services['api']?.volumes).toContainEqual({ type: 'volume', source: 'data', target: '/srv/data' });
    });
  });

  describe('patches', () => {
    const of = target === 'swarm' ? Swarm : Compose;

    test('change what is emitted for one construct, and nothing else', () => {
      const build = () => {
        const stack = stackOf();
        addApp(stack, 'admin', { pathPrefix: '/admin' });
        return stack;
      };
      const before = composeOf(build(), target);
      const stack = build();
      of.of(stack.apps[0] as AsgiApp).patch(
        { op: 'replace', path: '/logging/options/max-size', value: '50m' },
        { op: 'add', path: '/hostname', value: 'a$b' },
      );
      const after = composeOf(stack, target);

      expect(after.services['api']).toEqual({
        ...before.services['api'],
        hostname: 'a$$b',
        logging: { driver: 'json-file', options: { 'max-file': '3', 'max-size': '50m' } },
      });
      expect(after.services['admin']).toEqual(before.services['admin']);
      expect(after.services['nginx']).toEqual(before.services['nginx']);
      expect(composeOf(build(), target)).toEqual(before);
    });

    test('of the stack reach the whole file, secrets with a revision included', () => {
      const stack = new Stack('shop');
      addApp(stack, 'api', { secrets: [new Secret(stack, 'key')] });
      const before = composeOf(stack, target);
      of.of(stack).patch(
        { op: 'add', path: '/services/nginx/extra_hosts', value: ['db:10.0.0.5'] },
        { op: 'add', path: '/networks/more', value: { external: true } },
      );
      const after = composeOf(stack, target);
      expect(after.services['nginx']).toMatchObject({ extra_hosts: ['db:10.0.0.5'] });
      expect(after.networks['more']).toEqual({ external: true });
      expect(after.secrets).toEqual(before.secrets);
    });

    test('move, copy and test as RFC 6902 says', () => {
      const stack = stackOf({ environment: { A: '1' } });
      of.of(stack.apps[0] as AsgiApp).patch(
        { op: 'test', path: '/environment/A', value: '1' },
        { op: 'copy', from: '/environment/A', path: '/environment/B' },
        { op: 'move', from: '/environment/A', path: '/environment/C' },
        { op: 'add', path: '/cap_drop/-', value: 'X' },
        { op: 'remove', path: '/cap_drop/0' },
      );
      expect(serviceOf(stack, target)).toMatchObject({ environment: { B: '1', C: '1' }, cap_drop: ['X'] });
    });

    test('that fail say where', () => {
      const stack = stackOf();
      of.of(stack.apps[0] as AsgiApp).patch({ op: 'test', path: '/read_only', value: false });
      expect(() => synthesize(stack, target)).toThrow(
        /docker\.test\.ts|outputs\.ts:\d+:\d+ shop\/api: patch cannot test "\/read_only": Test operation failed/,
      );
    });
  });

  describe('the patched output', () => {
    const of = target === 'swarm' ? Swarm : Compose;

    /** What is said of a patch of the app, and of one of the stack that does the same. */
    const refusals = (...operations: readonly PatchOperation[]) => {
      const [byApp, byStack] = [stackOf(), stackOf()];
      of.of(byApp.apps[0]!).patch(...operations);
      of.of(byStack).patch(
        ...operations.map((operation) => ({ ...operation, path: `/services/api${operation.path}` })),
      );
      return [Template.errors(byApp, target), Template.errors(byStack, target)];
    };
    const both = (message: string) => [
      [`shop/api: patch is wrong: ${message.replaceAll('@', '')}`],
      [`shop: patch is wrong: ${message.replaceAll('@', 'services.api.')}`],
    ];
    const add = (path: string, value: unknown): PatchOperation => ({ op: 'add', path, value });

    test.each<[PatchOperation, string]>([
      [add('/imgae', 'x'), 'unknown key @imgae; did you mean image?'],
      [add('/healthckeck', {}), 'unknown key @healthckeck; did you mean healthcheck?'],
      [add('/deploy/replcias', 3), 'unknown key @deploy.replcias; did you mean replicas?'],
      [
        add('/deploy/resources/limits/memroy', '1G'),
        'unknown key @deploy.resources.limits.memroy; did you mean memory?',
      ],
      [add('/healthcheck/intervall', '1s'), 'unknown key @healthcheck.intervall; did you mean interval?'],
      [add('/volumes/0/tmpfs/siez', 1), 'unknown key @volumes[0].tmpfs.siez; did you mean size?'],
      [add('/flavour', 1), 'unknown key @flavour; take it out'],
      [add('/image', 5), '@image must be the reference of an image, got 5'],
      [add('/image', ''), '@image must be the reference of an image, got ""'],
      [{ op: 'remove', path: '/image' }, '@image is missing; without one there is nothing to run'],
      [add('/command', 'uvicorn main:app'), '@command must be a list, got a text'],
      [add('/command/0', 5), '@command[0] must be a text, got 5'],
      [add('/entrypoint', null), '@entrypoint must be a list, got null'],
      [add('/environment', ['A=1']), '@environment must be an object, got a list'],
      [add('/environment', { A: true }), '@environment.A must be a text, a number or null, got true'],
      [add('/environment', { A: ['x'] }), '@environment.A must be a text, a number or null, got a list'],
      [add('/labels', 'a=b'), '@labels must be an object, got a text'],
      [add('/ports', { 80: 80 }), '@ports must be a list, got an object'],
      [add('/ports', [{ target: 80, publish: 80 }]), 'unknown key @ports[0].publish; did you mean published?'],
      [add('/volumes', 'data:/data'), '@volumes must be a list, got "data:/data"'],
      [add('/volumes/-', { type: 'tmp', target: '/x' }), '@volumes[1].type must be one of TYPES, got "tmp"'],
      [add('/volumes/-', { target: '/x' }), '@volumes[1].type is missing'],
      [add('/deploy/replicas', '3'), '@deploy.replicas must be a whole number from 0 to 2147483647, got "3"'],
      [add('/deploy/replicas', 1.5), '@deploy.replicas must be a whole number from 0 to 2147483647, got 1.5'],
      [
        add('/deploy/resources/limits/memory', 512),
        '@deploy.resources.limits.memory must be a size as Docker spells it, such as "512M", got 512',
      ],
      [
        add('/deploy/resources/limits/memory', '512Mi'),
        '@deploy.resources.limits.memory must be a size as Docker spells it, such as "512M", got "512Mi"',
      ],
      [
        add('/deploy/update_config', { order: 'start' }),
        '@deploy.update_config.order must be "start-first" or "stop-first", got "start"',
      ],
      [add('/stop_grace_period', 30), '@stop_grace_period must be a time with its unit, such as "30s", got 30'],
      [add('/healthcheck/interval', '5'), '@healthcheck.interval must be a time with its unit, such as "30s", got "5"'],
      [add('/healthcheck', ['CMD', 'true']), '@healthcheck must be an object, got a list'],
      [add('/read_only', 'yes'), '@read_only must be true or false, got "yes"'],
      [add('/networks/more', 'x'), '@networks.more must be an object, got "x"'],
      [add('/logging/driver', 5), '@logging.driver must be a text, got 5'],
    ])('is refused after %j', (operation, message) => {
      const types = `volume, bind, tmpfs, npipe, cluster${target === 'swarm' ? '' : ', image'}`;
      expect(refusals(operation)).toEqual(both(message.replace('TYPES', types)));
    });

    test.each<[PatchOperation, string]>([
      [add('/servces', {}), 'unknown key servces; did you mean services?'],
      [{ op: 'remove', path: '/services' }, 'services is missing'],
      [add('/services', []), 'services must be an object, got an empty list'],
      [
        add('/services/worker', { command: ['x'] }),
        'services.worker.image is missing; without one there is nothing to run',
      ],
      [add('/services/nginx/read_only', 1), 'services.nginx.read_only must be true or false, got 1'],
      [add('/services/a b', { image: 'a:1' }), 'services["a b"] must be named with letters, digits, ".", "_" and "-"'],
      [add('/networks/default', { drivr: 'x' }), 'unknown key networks.default.drivr; did you mean driver?'],
      [add('/volumes', { data: 5 }), 'volumes.data must be an object, got 5'],
      [add('/configs/start/file', 5), 'configs.start.file must be a text, got 5'],
      [add('/secrets', { a: { files: 'x' } }), 'unknown key secrets.a.files; did you mean file?'],
    ])('of the whole file is refused after %j', (operation, message) => {
      const stack = stackOf();
      of.of(stack).patch(operation);
      expect(Template.errors(stack, target)).toEqual([`shop: patch is wrong: ${message}`]);
    });

    test('is refused for everything at once, each where it was patched, and only once', () => {
      const stack = stackOf();
      const admin = addApp(stack, 'admin', { pathPrefix: '/admin' });
      of.of(stack.apps[0]!).patch(add('/init', 1), add('/foo', 1), add('/tty', 1));
      of.of(stack).patch(add('/services/admin/init', 2), add('/foo', 2), add('/services/api/labels/a', 'b'));
      of.of(admin).patch(add('/x-note', 'kept'));
      expect(Template.errors(stack, target).map((line) => line.replace(/;.*/, ''))).toEqual([
        'shop: patch is wrong: services.admin.init must be true or false, got 2',
        'shop: patch is wrong: unknown key foo',
        'shop/api: patch is wrong: init must be true or false, got 1',
        'shop/api: patch is wrong: tty must be true or false, got 1',
        'shop/api: patch is wrong: unknown key foo',
      ]);
    });

    test('is refused with the line that made the construct, and without a value that may be a secret', () => {
      const stack = stackOf();
      of.of(stack.apps[0]!).patch(add('/command', 'serve --token 5ca1ab1e'), add('/labels', '5ca1ab1e'));
      expect(() => synthesize(stack, target)).toThrow(
        /outputs\.ts:\d+:\d+ shop\/api: patch is wrong: command must be a list, got a text\n/,
      );
      expect(Template.errors(stack, target).join()).not.toContain('5ca1ab1e');
    });

    test('may hold what the engine takes and we never emit, and notes of its own', () => {
      const stack = stackOf();
      of.of(stack.apps[0]!).patch(
        add('/hostname', 'api'),
        add('/x-note', { any: ['thing'] }),
        add('/extra_hosts', { db: '10.0.0.5' }),
        add('/ulimits', { nofile: { soft: 1024, hard: 2048 }, nproc: 99 }),
        add('/sysctls', ['net.core.somaxconn=1024']),
        add('/dns', '10.0.0.1'),
        add('/ports', ['8000', { target: 9000, published: 9000 }]),
        add('/volumes/-', 'data:/data:ro'),
        add('/configs/-', 'extra'),
        add('/environment', { A: 'x', B: 5, C: null }),
        add('/healthcheck/start_interval', '1m30s'),
        add('/deploy/placement', {
          constraints: ['node.role == worker'],
          preferences: [{ spread: 'node.labels.zone' }],
        }),
        add('/deploy/resources/reservations', { cpus: '0.25', memory: '64M' }),
      );
      of.of(stack).patch(
        add('/volumes', { data: null }),
        add('/configs/extra', { file: './extra' }),
        add('/x-all', 1),
        add('/services/redis', { image: 'redis:8', command: ['redis-server'] }),
      );
      expect(Template.errors(stack, target)).toEqual([]);
    });
  });

  test('holds every mount, network, config and secret that a service names', () => {
    const file = composeOf(richStack(), target);
    for (const service of Object.values(file.services)) {
      for (const { source } of service.configs ?? []) expect(file.configs).toHaveProperty([source]);
      for (const { source } of service.secrets ?? []) expect(file.secrets).toHaveProperty([source]);
      for (const { type, source } of service.volumes)
        if (type === 'volume') expect(file.volumes).toHaveProperty([source!]);
      for (const network of Object.keys(service.networks)) expect(file.networks).toHaveProperty([network]);
    }
    for (const { file: path } of Object.values(file.configs ?? {}))
      expect(outputOf(richStack(), target)).toHaveProperty([path.replace('./', '')]);
  });

  test('a volume on an app that shares it is the same volume', () => {
    const stack = new Stack('shop');
    const data = new Volume(stack, 'data');
    addApp(stack, 'api', { volumes: { '/data': data } });
    addApp(stack, 'worker', { pathPrefix: '/w', volumes: { '/srv/data': data } });
    expect(Object.keys(composeOf(stack, target).volumes ?? {})).toEqual(['data']);
  });
});

/** `prefix -> upstream` by server name, in the order in which nginx tries them. */
function routes(conf: string): Record<string, string[]> {
  const servers = conf.split(/^ {4}server \{$/m).slice(2);
  return Object.fromEntries(
    servers.map((text) => [
      /server_name (.*);/.exec(text)?.[1],
      [
        ...text.matchAll(
          /location (?:~ "\^(.*?)\(\/\|\$\)"|(\/)) \{[\s\S]*?proxy_pass http:\/\/(?:\$up_)?([a-z0-9-]+)/g,
        ),
      ].map(([, prefix, root, upstream]) => `${(prefix ?? root)?.replaceAll('\\', '')} -> ${upstream}`),
    ]),
  ) as Record<string, string[]>;
}
