import { Secret, Stack, Swarm, Template, Volume, type AsgiAppProps } from 'asgi-synth';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { composeServiceSchema } from '../../../src/targets/compose-schema.js';
import { addApp, composeOf, nginxOf, option, outputOf, seconds, serviceOf, stackOf } from '../support/outputs.js';
import { richStack } from '../support/stacks.js';

describe('processes', () => {
  test('are replicas of one Uvicorn each', () => {
    const { command, deploy } = serviceOf(stackOf({ processes: 4 }), 'swarm');
    expect(deploy).toMatchObject({ mode: 'replicated', replicas: 4 });
    expect(command?.slice(0, 2)).toEqual(['uvicorn', 'main:app']);
    expect(option(command, '--workers')).toBe('1');
    const { 'runtime/health.py': _, ...files } = outputOf(
      stackOf({ processes: 4, source: './images/fastapi' }),
      'swarm',
    );
    expect(JSON.stringify(files)).not.toMatch(/gunicorn/i);
  });

  test('are made by a factory where the module names one', () => {
    expect(serviceOf(stackOf({ factory: true }), 'swarm').command).toContain('--factory');
  });

  test('have limits of their own, in a spelling that Docker takes', () => {
    expect(serviceOf(stackOf({ memory: '256Mi', cpu: 0.5, processes: 9 }), 'swarm').deploy.resources.limits).toEqual({
      cpus: '0.5',
      memory: '256M',
      pids: 192,
    });
    expect(serviceOf(stackOf({ cpu: 0.1 + 0.2 }), 'swarm').deploy.resources.limits.cpus).toBe('0.3');
  });
});

describe('updates', () => {
  test('start the new replica first, a quarter at a time, and go back by themselves', () => {
    for (const [processes, parallelism] of [
      [1, 1],
      [4, 1],
      [8, 2],
      [100, 25],
    ] as const) {
      const { update_config: update, rollback_config: back } = serviceOf(stackOf({ processes }), 'swarm').deploy;
      expect(update).toMatchObject({
        order: 'start-first',
        failure_action: 'rollback',
        max_failure_ratio: 0,
        parallelism,
      });
      expect(back).toMatchObject({ order: 'start-first', failure_action: 'pause', parallelism });
    }
  });

  test('watch a new replica until it must have shown its health', () => {
    for (const startup of [1, 60, 3600]) {
      const { deploy, healthcheck } = serviceOf(stackOf({ health: { startup } }), 'swarm');
      expect(seconds(deploy.update_config?.monitor)).toBeGreaterThanOrEqual(
        seconds(healthcheck.start_period) + seconds(healthcheck.interval) * healthcheck.retries,
      );
    }
  });

  test('never wait longer than a Swarm can for a stopping task', () => {
    for (const requestTimeout of [1, 30, 60]) {
      const service = serviceOf(stackOf({ requestTimeout }), 'swarm');
      expect(seconds(service.stop_grace_period)).toBeLessThanOrEqual(60);
      expect(
        Number(option(service.entrypoint, '--drain')) + Number(option(service.command, '--timeout-graceful-shutdown')),
      ).toBeLessThan(seconds(service.stop_grace_period));
    }
  });

  test('of the edge stop it first, since two containers cannot hold one port', () => {
    const { deploy, ports } = serviceOf(stackOf(), 'swarm', 'nginx');
    expect(ports).toEqual([{ target: 8080, published: 80, protocol: 'tcp', mode: 'host' }]);
    expect(deploy).toMatchObject({ mode: 'global', update_config: { order: 'stop-first', parallelism: 1 } });
  });

  test('of an app never touch the edge', () => {
    const before = composeOf(stackOf(), 'swarm');
    const after = composeOf(stackOf({ processes: 9, environment: { A: '1' }, image: 'acme/api:2' }), 'swarm');
    expect(after.services['nginx']).toEqual(before.services['nginx']);
    expect(after.configs).toEqual(before.configs);
  });
});

describe('configs', () => {
  const name = (app: Partial<AsgiAppProps> = {}, options = {}) =>
    composeOf(stackOf(app), 'swarm', options).configs?.['nginx']?.name;

  test('are named by content without the header comment', () => {
    expect(name()).toMatch(/^shop_nginx_[0-9a-f]{12}$/);
    expect(name({ bodyLimit: '1Mi' })).not.toBe(name());
    expect(name({}, { stackFile: 'elsewhere.ts', out: 'a/b', tag: 'x' })).toBe(name());
  });

  test('have names that Docker takes, for the longest stack and stage', () => {
    const stack = new Stack('s'.repeat(30));
    addApp(stack, 'a', { secrets: [new Secret(stack, 'k')] });
    const { configs = {} } = composeOf(stack, 'swarm', { stage: 't'.repeat(13) });
    expect(Math.max(...Object.values(configs).map((entry) => entry.name?.length ?? 0))).toBeLessThanOrEqual(64);
  });
});

describe('secrets', () => {
  test('go by revision, never by their value, and are readable by the app alone', () => {
    const { secrets, services } = composeOf(richStack(), 'swarm');
    expect(secrets).toEqual({
      db_password: { name: 'shop_db_password_${DB_PASSWORD_REVISION:-1}', external: true },
      api_key: { name: 'shop_api_key_${API_KEY_REVISION:-1}', external: true },
      license: { name: 'acme-license', external: true },
    });
    expect(services['api']?.secrets?.[0]).toEqual({
      source: 'db_password',
      target: 'db_password',
      uid: '10001',
      gid: '10001',
      mode: 0o400,
    });
  });
});

describe('the network', () => {
  test('leads nginx to the replicas themselves, not to an address that stands for them', () => {
    expect(nginxOf(stackOf(), 'swarm')).toContain('server tasks.api:8000 resolve max_fails=0;');
    expect(serviceOf(stackOf(), 'swarm').deploy.endpoint_mode).toBe('dnsrr');
  });

  test('publishes a Service at its own address where there is no edge', () => {
    const service = serviceOf(stackOf({}, { edge: 'none', httpPort: 8080 }), 'swarm');
    expect(service.ports).toEqual([{ target: 8000, published: 8080, protocol: 'tcp', mode: 'ingress' }]);
    expect(service.deploy.endpoint_mode).toBe('vip');
  });

  test('trusts only the balancers that the user names, where an app is published itself', () => {
    const trusted = (stack: Stack) => option(serviceOf(stack, 'swarm').command, '--forwarded-allow-ips');
    expect(trusted(stackOf({}, { edge: 'none' }))).toBe('127.0.0.1');
    expect(trusted(stackOf({}, { edge: 'none', trustedProxies: ['10.1.0.0/16'] }))).toBe('127.0.0.1,10.1.0.0/16');
    expect(trusted(stackOf())).not.toContain('*');
  });
});

describe('volumes', () => {
  const constraints = (volume: (stack: Stack) => Volume) => {
    const stack = new Stack('shop');
    addApp(stack, 'api', { volumes: { '/data': volume(stack) } });
    return serviceOf(stack, 'swarm').deploy.placement?.constraints;
  };

  test('that live on one node keep their app there', () => {
    expect(constraints((stack) => new Volume(stack, 'data'))).toEqual(['node.labels.shop.data == true']);
  });

  test('that nodes share leave it where it likes', () => {
    expect(
      constraints(
        (stack) => new Volume(stack, 'data', { shared: true, driver: 'local', driverOptions: { type: 'nfs' } }),
      ),
    ).toBeUndefined();
  });

  test('pass braces on to their driver, which Swarm would take for a template', () => {
    const stack = new Stack('shop');
    addApp(stack, 'api', {
      volumes: { '/data': new Volume(stack, 'data', { driver: 'rexray', driverOptions: { o: 'x{{.Node.ID}}$y' } }) },
    });
    expect(composeOf(stack, 'swarm').volumes?.['data']).toMatchObject({ driver_opts: { o: 'x{{"{{"}}.Node.ID}}$$y' } });
  });
});

test('variables pass braces and dollars on as they are', () => {
  expect(serviceOf(stackOf({ environment: { A: '{{.Node.Hostname}} ${B} $C' } }), 'swarm').environment).toEqual({
    A: '{{"{{"}}.Node.Hostname}} $${B} $$C',
  });
});

test('holds only what docker stack deploy takes and honours', () => {
  const { name, ...file } = composeOf(richStack(), 'swarm');
  expect(name).toBeUndefined();
  expect(Object.keys(file)).toEqual(['services', 'networks', 'volumes', 'configs', 'secrets']);
  const refused = [
    'build',
    'cpu_shares',
    'security_opt',
    'restart',
    'depends_on',
    'container_name',
    'privileged',
    'tmpfs',
    'mem_limit',
    'profiles',
    'platform',
    'pull_policy',
    'expose',
    'links',
    'network_mode',
    'init',
  ];
  for (const service of Object.values(file.services))
    expect(Object.keys(service).filter((key) => refused.includes(key))).toEqual([]);
  for (const service of Object.values(file.services))
    for (const port of service.ports ?? []) expect(port.published).toEqual(expect.any(Number));
});

describe('a patch', () => {
  const refusal = (patch: (stack: Stack) => void) => {
    const stack = stackOf();
    patch(stack);
    return Template.errors(stack, 'swarm').map((line) => line.replace(/^shop(\/api)?: patch is wrong: /, ''));
  };
  const ofApp = (path: string, value: unknown) =>
    refusal((stack) => Swarm.of(stack.apps[0]!).patch({ op: 'add', path, value }));
  const ofStack = (path: string, value: unknown) =>
    refusal((stack) => Swarm.of(stack).patch({ op: 'add', path, value }));

  test.each([
    ['/security_opt', ['no-new-privileges:true'], 'security_opt; take it out'],
    ['/tmpfs', ['/run'], 'tmpfs; use volumes with type "tmpfs"'],
    ['/restart', 'always', 'restart; use deploy.restart_policy'],
    ['/container_name', 'api', 'container_name; take it out'],
    ['/privileged', true, 'privileged; use cap_add'],
    ['/depends_on', ['nginx'], 'depends_on; a Swarm starts everything at once, so let the app wait for what it needs'],
    ['/build', { context: '.' }, 'build; build the image beforehand'],
    ['/volumes/0/tmpfs/mode', 0o1777, 'volumes[0].tmpfs.mode; take it out'],
    ['/networks/default', { ipv4_address: '10.0.0.5' }, 'networks.default.ipv4_address; take it out'],
  ])('that adds %s is refused: docker stack deploy would ignore it', (path, value, message) => {
    expect(ofApp(path, value)).toEqual([`docker stack deploy ignores ${message}`]);
  });

  test.each([
    ['/profiles', ['x'], 'profiles; take it out'],
    ['/platform', 'linux/arm64', 'platform; use deploy.placement.constraints, such as "node.platform.arch == x86_64"'],
    ['/mem_limit', '1G', 'mem_limit; use deploy.resources'],
    ['/cpu_shares', 512, 'cpu_shares; use deploy.resources'],
    ['/scale', 3, 'scale; use deploy.replicas'],
    ['/extends', { service: 'x' }, 'extends; take it out'],
    ['/group_add', [5], 'group_add; take it out'],
    ['/ports', [{ target: 80, app_protocol: 'http' }], 'ports[0].app_protocol; take it out'],
    ['/networks/default', { priority: 5 }, 'networks.default.priority; take it out'],
    ['/deploy/resources/reservations', { devices: [] }, 'deploy.resources.reservations.devices; use generic_resources'],
  ])('that adds %s is refused, as docker stack deploy would', (path, value, message) => {
    expect(ofApp(path, value)).toEqual([`docker stack deploy refuses ${message}`]);
  });

  test.each([
    ['/name', 'shop', 'name; docker stack deploy is given the name'],
    ['/include', ['x.yaml'], 'include; take it out'],
    ['/configs/start/content', 'x', 'configs.start.content; use file'],
    ['/secrets', { a: { environment: 'A' } }, 'secrets.a.environment; use external'],
    ['/networks/default/enable_ipv6', true, 'networks.default.enable_ipv6; take it out'],
    ['/services/nginx/cpus', 1, 'services.nginx.cpus; use deploy.resources'],
    [
      '/networks/more',
      { ipam: { config: [{ gateway: '10.0.0.1' }] } },
      'networks.more.ipam.config[0].gateway; take it out',
    ],
  ])('of the stack that adds %s is refused, as docker stack deploy would', (path, value, message) => {
    expect(ofStack(path, value)).toEqual([`docker stack deploy refuses ${message}`]);
  });

  test.each([
    [
      '/ports',
      [{ target: 80, published: '80' }],
      'ports[0].published must be a whole number from 1 to 65535, got "80"',
    ],
    [
      '/ports',
      ['127.0.0.1:80:80'],
      'ports[0] must be a port without an address, since a Swarm publishes on every address of its nodes, got "127.0.0.1:80:80"',
    ],
    ['/deploy/resources/limits/cpus', 1.5, 'deploy.resources.limits.cpus must be a text, got 1.5'],
    ['/env_file', [{ path: '.env' }], 'env_file[0] must be a text, got an object'],
    [
      '/configs/-',
      { source: 'start', mode: '0444' },
      'configs[2].mode must be a whole number from 0 to 4095, got "0444"',
    ],
  ])('that adds %s as Compose alone would take it is refused', (path, value, message) => {
    expect(ofApp(path, value)).toEqual([message]);
  });

  test('may hold notes only where docker stack deploy leaves them alone', () => {
    expect(ofApp('/x-note', 1)).toEqual([]);
    expect(ofStack('/networks/default/x-note', 1)).toEqual([]);
    expect(ofApp('/deploy/x-note', 1)).toEqual(['unknown key deploy["x-note"]; take it out']);
    expect(ofStack('/version', '3.8')).toEqual(['version must be "3.13", or be left out, got "3.8"']);
  });

  test('that adds any other key of Compose is refused with a reason', () => {
    const known = Object.keys(composeServiceSchema('stack').entries);
    const others = Object.keys(composeServiceSchema('compose').entries).filter((key) => !known.includes(key));
    expect(others.length).toBeGreaterThan(50);
    for (const key of others)
      expect(ofApp(`/${key}`, 'x')).toEqual([
        expect.stringMatching(new RegExp(`^docker stack deploy (ignores|refuses) ${key}; `)),
      ]);
    for (const key of ['name', 'include', 'models'])
      expect(ofStack(`/${key}`, 'x')[0]).toMatch(/^docker stack deploy refuses /);
  });

  test('that adds what has the name of something in every object is refused like any other', () => {
    expect(ofApp('/constructor', 1)).toEqual(['unknown key constructor; take it out']);
    expect(ofStack('/toString', 1)).toEqual(['unknown key toString; take it out']);
  });
});

describe('README', () => {
  const readme = (stack = richStack()) => outputOf(stack, 'swarm')['README.md'] ?? '';
  const commands = (text: string) => [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');

  test('holds commands that a shell can read, and never a value', () => {
    for (const block of commands(readme()))
      expect(spawnSync('sh', ['-n', '-c', block.replaceAll('NODE', 'node')]).status).toBe(0);
  });

  test('builds, creates secrets, labels nodes and deploys, in this order', () => {
    const text = readme(volumeStack());
    const order = [
      'docker buildx build',
      'docker secret create',
      'docker node update --label-add shop.data=true',
      'docker stack deploy',
    ].map((command) => text.indexOf(command));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.every((at) => at > 0)).toBe(true);
  });

  test('pushes and logs in where there is a registry', () => {
    expect(readme()).toMatch(
      /docker buildx build .* --tag registry\.example\.com\/acme\/shop-api:[0-9a-f]{12} --push /,
    );
    expect(readme()).toContain('--with-registry-auth');
  });

  test('says which requests an update cuts although they are allowed, and nothing where it cuts none', () => {
    const cut = (requestTimeout?: number, accept = {}) =>
      [
        ...readme(stackOf(requestTimeout === undefined ? {} : { requestTimeout }, { accept })).matchAll(
          /a replica of `api` is replaced, a request that takes longer than (\d+) s is cut/g,
        ),
      ].map(([, seconds]) => Number(seconds));
    expect([1, 30, 52].map((requestTimeout) => cut(requestTimeout))).toEqual([[], [], []]);
    expect([53, 60, undefined].map((requestTimeout) => cut(requestTimeout))).toEqual([[52], [52], [52]]);
    expect(cut(600, { 'request-timeout': 'the long ones are few' })).toEqual([52]);
    for (const requestTimeout of [53, 60]) {
      const { command } = serviceOf(stackOf({ requestTimeout }), 'swarm');
      expect(cut(requestTimeout)).toEqual([Number(option(command, '--timeout-graceful-shutdown'))]);
    }
  });

  test("says of a command of the user's own only when it is killed", () => {
    const command = ['hypercorn', 'main:app'];
    expect(readme(stackOf({ command, requestTimeout: 57 }))).not.toContain(' is cut,');
    const { entrypoint, stop_grace_period: grace } = serviceOf(stackOf({ command }), 'swarm');
    expect(readme(stackOf({ command }))).toContain(
      `takes longer than ${seconds(grace) - Number(option(entrypoint, '--drain'))} s is cut,`,
    );
  });

  test('says it of each app for itself', () => {
    const stack = stackOf({ requestTimeout: 10 });
    addApp(stack, 'slow', { pathPrefix: '/slow', requestTimeout: 58 });
    addApp(stack, 'slower', { pathPrefix: '/slower' });
    const lines = readme(stack)
      .split('\n')
      .filter((line) => line.includes(' is cut,'));
    expect(lines.map((line) => /`(\w+)`/.exec(line)?.[1])).toEqual(['slow', 'slower']);
  });

  test('names the secrets that must be there already', () => {
    expect(readme()).toContain('These must exist already: `acme-license`.');
    expect(readme()).not.toContain('docker secret create --label asgi-synth.stack=shop acme-license');
  });
});

function volumeStack(): Stack {
  const stack = new Stack('shop');
  addApp(stack, 'api', {
    source: './images/fastapi',
    secrets: [new Secret(stack, 'key')],
    volumes: { '/data': new Volume(stack, 'data') },
  });
  return stack;
}
