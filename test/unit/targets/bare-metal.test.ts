import { Secret, Stack, Template, type AsgiAppProps } from 'asgi-synth';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { START_SCRIPT } from '../../../src/formats/python.js';
import { addApp, composeOf, option, outputOf, serviceOf, stackOf } from '../support/outputs.js';
import { richStack } from '../support/stacks.js';

describe('processes', () => {
  test('are workers of one Gunicorn in one container', () => {
    expect(serviceOf(stackOf({ processes: 4 }), 'bare-metal').command).toEqual([
      'gunicorn',
      'main:app',
      '-c',
      '/etc/asgi-synth/gunicorn.conf.py',
      '-w',
      '4',
    ]);
  });

  test('are made by a factory where the module names one', () => {
    expect(serviceOf(stackOf({ module: 'shop.web:make', factory: true }), 'bare-metal').command?.[1]).toBe(
      'shop.web:make()',
    );
  });

  test('stay as many as the stack says, whatever WEB_CONCURRENCY and GUNICORN_CMD_ARGS say', () => {
    const { command } = serviceOf(stackOf({ processes: 3 }), 'bare-metal');
    expect(option(command, '-w')).toBe('3');
    expect(outputOf(stackOf({ processes: 3 }), 'bare-metal')['api/gunicorn.conf.py']).not.toMatch(
      /^workers\b|environ/m,
    );
  });

  test('must all have been ready before the container is healthy, which ends itself when it stays ill', () => {
    const { healthcheck } = serviceOf(stackOf({ processes: 4 }), 'bare-metal');
    expect([option(healthcheck.test, '--workers'), option(healthcheck.test, '--restart-after')]).toEqual(['4', '3']);
  });

  test("are nobody's business with a command of the user's own", () => {
    const stack = stackOf({ command: ['hypercorn', 'main:app'] });
    const { command, configs, healthcheck } = serviceOf(stack, 'bare-metal');
    expect(command).toEqual(['hypercorn', 'main:app']);
    expect(configs?.map(({ source }) => source)).toEqual(['start', 'health']);
    expect(option(healthcheck.test, '--workers')).toBeUndefined();
    expect(outputOf(stack, 'bare-metal')).not.toHaveProperty('api/gunicorn.conf.py');
  });

  test("are a problem where more than one is asked for and a command of the user's own would start them", () => {
    const command = ['hypercorn', 'main:app'];
    const errors = (props: Partial<AsgiAppProps>, accept = {}) =>
      Template.errors(stackOf({ command, ...props }, { accept }), 'bare-metal');
    expect(errors({ processes: 4 })).toEqual([
      "shop/api: processes is 4, but command replaces the Gunicorn that would start them, and is run once on one host; let it start 4 itself and accept this, or leave processes out (to accept it, give the stack accept: { 'processes-of-command': 'why' })",
    ]);
    expect(errors({ processes: 4 }, { 'processes-of-command': 'hypercorn starts its workers' })).toEqual([]);
    expect([errors({}), errors({ processes: 1 })]).toEqual([[], []]);
    expect(Template.errors(stackOf({ processes: 4 }), 'bare-metal')).toEqual([]);
    for (const target of ['swarm', 'kubernetes'] as const)
      expect(Template.errors(stackOf({ command, processes: 4, health: '/' }), target)).toEqual([]);
  });
});

describe('limits', () => {
  const limits = (props: Partial<AsgiAppProps>) => {
    const { deploy, cpu_shares: shares } = serviceOf(stackOf(props), 'bare-metal');
    return { ...deploy.resources.limits, shares };
  };

  test('give each process its memory and the manager 64 MiB', () => {
    expect(limits({ processes: 4, memory: '256Mi' })).toEqual({ memory: '1088M', pids: 576, shares: 4096 });
    expect(limits({ processes: 1, memory: '960Mi' })).toMatchObject({ memory: '1G' });
    expect(limits({ processes: 1, memory: '100M' })).toMatchObject({ memory: '167108864B' });
  });

  test('make cores a weight, which Docker never refuses', () => {
    expect(limits({ processes: 64, cpu: 64 })).not.toHaveProperty('cpus');
    expect(
      [
        limits({ processes: 1, cpu: 0.5 }),
        limits({ processes: 1000, cpu: 64 }),
        limits({ processes: 1, cpu: 0.01 }),
      ].map(({ shares }) => shares),
    ).toEqual([512, 262144, 10]);
  });
});

test('takes new privileges from every container', () => {
  for (const service of Object.values(composeOf(richStack(), 'bare-metal').services))
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
});

test('starts containers again, unless somebody stopped them', () => {
  for (const service of Object.values(composeOf(richStack(), 'bare-metal').services))
    expect(service.restart).toBe('unless-stopped');
});

describe('what is mounted', () => {
  const label = (...[app, options]: [Partial<AsgiAppProps>, object?]) =>
    serviceOf(stackOf(app), 'bare-metal', 'api', options).labels['asgi-synth.config'];

  test('is labelled by content, so that Compose replaces a container whose files have changed', () => {
    expect(label({})).toMatch(/^[0-9a-f]{12}$/);
    expect(label({ requestTimeout: 10 })).not.toBe(label({}));
  });

  test('is labelled without the header comment, and without what concerns others', () => {
    const options = { stackFile: 'elsewhere.ts', tag: 'x', out: 'a/b' };
    expect(label({}, options)).toBe(label({}));
    expect(label({ bodyLimit: '1Mi', hosts: ['a.example.com'], processes: 9 })).toBe(label({}));
  });

  test('of nginx changes no container: nginx is told to take it over', () => {
    const nginx = (app: Partial<AsgiAppProps>) => serviceOf(stackOf(app), 'bare-metal', 'nginx');
    expect(nginx({ bodyLimit: '1Mi' })).toEqual(nginx({}));
  });

  test('of nginx is the folder, so that it sees a new file, and is not made where it is missing', () => {
    const { volumes } = serviceOf(stackOf(), 'bare-metal', 'nginx');
    expect(volumes[0]).toEqual({
      type: 'bind',
      source: './nginx',
      target: '/etc/asgi-synth/nginx',
      read_only: true,
      bind: { create_host_path: false },
    });
  });

  test('is the script itself', () => {
    expect(outputOf(stackOf(), 'bare-metal')['runtime/start.py']).toBe(START_SCRIPT);
  });
});

describe('secrets', () => {
  test('are files beside compose.yaml, of which the output has none', () => {
    const { secrets } = composeOf(richStack(), 'bare-metal');
    expect(secrets).toMatchObject({
      db_password: { file: './secrets/db_password' },
      api_key: { file: './secrets/api_key' },
      license: { file: './secrets/license' },
    });
    expect(Object.keys(outputOf(richStack(), 'bare-metal')).filter((path) => path.startsWith('secrets'))).toEqual([]);
  });

  test('of a build are its own, even where two apps call theirs the same', () => {
    const stack = new Stack('shop');
    addApp(stack, 'api', {
      source: './images/fastapi',
      build: { secrets: { TOKEN: { environment: 'API_TOKEN' }, PIP: { file: 'pip.conf', target: '/etc/pip.conf' } } },
    });
    addApp(stack, 'admin', { source: './images/starlette', pathPrefix: '/admin', build: { secrets: { TOKEN: {} } } });
    const { services, secrets } = composeOf(stack, 'bare-metal');
    expect(secrets).toEqual({
      'build-api-TOKEN': { environment: 'API_TOKEN' },
      'build-api-PIP': { file: '../../../pip.conf' },
      'build-admin-TOKEN': { environment: 'TOKEN' },
    });
    expect(services['api']?.build?.secrets).toEqual([
      { source: 'build-api-PIP', target: 'PIP' },
      { source: 'build-api-TOKEN', target: 'TOKEN' },
    ]);
    expect(services['admin']?.build?.secrets).toEqual([{ source: 'build-admin-TOKEN', target: 'TOKEN' }]);
    expect(services['api']?.secrets).toBeUndefined();
  });
});

describe('builds', () => {
  const build = (props: Partial<AsgiAppProps>, options = {}) =>
    serviceOf(stackOf(props), 'bare-metal', 'api', options).build;

  test('use the source folder and the Dockerfile of the output, by relative paths', () => {
    expect(build({ source: './images/fastapi' })).toEqual({
      context: '../../../images/fastapi',
      dockerfile: '../../out/shop/bare-metal/api/Dockerfile',
    });
    expect(build({ source: 'images/fastapi' }, { out: 'deploy', root: '..' })).toEqual({
      context: '../images/fastapi',
      dockerfile: '../../deploy/api/Dockerfile',
    });
  });

  test("carry arguments for a Dockerfile of the user's own; ours holds them itself", () => {
    const props = { arguments: { B: '$2', A: '1' } };
    expect(
      build({ source: './test/fixtures/own-dockerfile', build: { dockerfile: 'docker/Dockerfile', ...props } })?.args,
    ).toEqual({ A: '1', B: '$$2' });
    expect(build({ source: './images/fastapi', build: props })?.args).toBeUndefined();
    expect(outputOf(stackOf({ source: './images/fastapi', build: props }), 'bare-metal')['api/Dockerfile']).toMatch(
      /^ARG A=.*\nARG B=/m,
    );
  });

  test("use the user's own Dockerfile, which Compose looks for in the context", () => {
    expect(build({ source: './test/fixtures/own-dockerfile', build: { dockerfile: 'docker/Dockerfile' } })).toEqual({
      context: '../../../test/fixtures/own-dockerfile',
      dockerfile: 'docker/Dockerfile',
    });
  });

  test('there are none for a ready image', () => {
    expect(build({})).toBeUndefined();
  });
});

test('publishes on the address that the stack names, IPv6 too', () => {
  const port = (httpPort: string | number) => serviceOf(stackOf({}, { httpPort }), 'bare-metal', 'nginx').ports?.[0];
  expect(port(80)).toEqual({ target: 8080, published: '80', protocol: 'tcp' });
  expect(port('127.0.0.1:8080')).toMatchObject({ published: '8080', host_ip: '127.0.0.1' });
  expect(port('[::1]:8080')).toMatchObject({ published: '8080', host_ip: '::1' });
});

describe('README', () => {
  const readme = (stack = richStack(), options = {}) => outputOf(stack, 'bare-metal', options)['README.md'] ?? '';
  const commands = (text: string) => [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');

  test('holds commands that a shell can read, and never a value', () => {
    for (const block of commands(readme())) expect(spawnSync('sh', ['-n', '-c', block]).status).toBe(0);
    expect(commands(readme()).join('')).toContain('docker compose up -d --wait --remove-orphans');
  });

  test('says where each secret comes from', () => {
    expect(readme()).toContain('printf %s "${DB_PASSWORD:?}" > secrets/db_password');
    expect(readme()).toContain('cat ../../../keys/api > secrets/api_key');
  });

  test('says nothing of what the stack does not have', () => {
    const text = readme(stackOf());
    expect(text).not.toMatch(/## (Build|Secrets)|--volumes/);
  });

  test('says how to remake it', () => {
    expect(
      readme(stackOf(), {
        stackFile: 'stacks/shop.ts',
        stage: 'staging',
        tag: '1',
        images: { nginx: 'a/b:1', api: 'c/d:2' },
      }),
    ).toContain(
      'run `npx synth --stack stacks/shop.ts --target bare-metal --stage staging --tag 1 --image api=c/d:2 --image nginx=a/b:1`',
    );
  });
});

test('a secret of an app that only another app uses is not built in', () => {
  const stack = new Stack('shop');
  addApp(stack, 'api', { secrets: [new Secret(stack, 'a')] });
  expect(composeOf(stack, 'bare-metal').secrets).toEqual({ a: { file: './secrets/a' } });
});

describe('images that are built', () => {
  const stack = () =>
    stackOf({ source: './images/fastapi', build: { secrets: { token: {} } } }, { registry: 'r.example.com' });
  const { image } = serviceOf(stack(), 'bare-metal');

  test('are built by Compose', () => {
    expect(serviceOf(stack(), 'bare-metal').build).toBeDefined();
    expect(Object.keys(composeOf(stack(), 'bare-metal').secrets ?? {})).toEqual(['build-api-token']);
    expect(outputOf(stack(), 'bare-metal')['README.md']).toContain('\ndocker compose build\ndocker compose push\n');
  });

  test('are pulled once they have a digest, since Docker gives no new image such a name', () => {
    const options = { digests: { [String(image)]: `sha256:${'a'.repeat(64)}` } };
    const service = serviceOf(stack(), 'bare-metal', 'api', options);
    expect(service.image).toMatch(/^r\.example\.com\/shop-api:[0-9a-f]{12}-gunicorn@sha256:a{64}$/);
    expect(service.build).toBeUndefined();
    expect(composeOf(stack(), 'bare-metal', options).secrets).toBeUndefined();
    const files = outputOf(stack(), 'bare-metal', options);
    expect(files['README.md']).toContain('\ndocker compose pull\n');
    expect(files['README.md']).not.toContain('docker compose build');
    expect(files).toHaveProperty('api/Dockerfile');
  });
});
