import { Kubernetes, targets, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { buildsOf, imagesOf } from '../../../src/deployment/images.js';
import { loggedIds, planOf, startupOf } from '../../../src/deployment/plan.js';
import { servicesOf } from '../../../src/deployment/bare-metal/services.js';
import { readSources } from '../../../src/sources/read-sources.js';
import { folder, messages, read, UV } from '../sources/folder.js';
import { composeOf, nginxOf, outputOf, serviceOf, stackOf } from '../support/outputs.js';

const FILES = { static: { '/static': '/app/static' } } satisfies Partial<AsgiAppProps>;
const TARGETS = ['bare-metal', 'swarm', 'kubernetes'] as const;

/** A project with files, and the options that a target needs of it. */
function project(app: Partial<AsgiAppProps>, stack: StackProps = {}) {
  const directory = folder({ ...UV, 'static/a.css': 'a {}', 'static/.env': 'x' });
  const made = stackOf({ source: '.', ...app }, { directory, ...stack });
  const options = () => ({ sources: readSources(made, directory).sources });
  return { directory, stack: made, options };
}

const dockerfileOf = (output: Readonly<Record<string, string>>) => output['api-static/Dockerfile'] ?? '';

interface Object {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function objectOf(output: Readonly<Record<string, string>>, kind: string, name: string): Object {
  const all = Object.entries(output)
    .filter(([path]) => path.endsWith('.yaml'))
    .flatMap(([, content]) => parseAllDocuments(content).map((one) => one.toJS() as Object));
  const found = all.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}

describe('the image of static files', () => {
  test('is one for all targets, made from the folder alone', () => {
    const { stack, options } = project({ static: { '/static': 'static' } });
    const outputs = TARGETS.map((target) => outputOf(stack, target, options()));
    const text = (output: Record<string, string>) => dockerfileOf(output).split('\n').slice(3).join('\n');
    expect(new Set(outputs.map(text)).size).toBe(1);
    expect(text(outputs[0]!)).toContain('COPY static/ /srv/www/static/\n');
    expect(text(outputs[0]!)).not.toContain('python');
    const images = TARGETS.map((target) => buildsOf(stack, target, options()).find(({ id }) => id === 'api-static'));
    expect(new Set(images.map((build) => build?.image)).size).toBe(1);
    expect(images[0]).toMatchObject({ dockerfile: 'api-static/Dockerfile', folder: '../../..' });
  });

  test('has another tag when a file changes, and the same when only the code does', () => {
    const { directory, stack, options } = project({ static: { '/static': 'static' } });
    const tags = () => {
      const [app, files] = buildsOf(stack, 'swarm', options()).map(({ image }) => image);
      return { app, files };
    };
    const first = tags();
    writeFileSync(join(directory, 'main.py'), 'app = 1');
    const second = tags();
    expect([second.app === first.app, second.files === first.files]).toEqual([false, true]);
    writeFileSync(join(directory, 'static/a.css'), 'b {}');
    expect(tags().files).not.toBe(second.files);
  });

  test('holds what a command makes with the dependencies of the app', () => {
    const command = ['python', 'manage.py', 'collectstatic', '--noinput'];
    const { stack, options } = project({ static: { '/static': { folder: 'public', command } }, pathPrefix: '/shop' });
    const text = dockerfileOf(outputOf(stack, 'bare-metal', options()));
    const lines = text.split('\n').filter((line) => /^(FROM|RUN \[|COPY --from=app)/.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/^FROM python:.* AS build$/),
      'FROM build AS app',
      'RUN ["python", "manage.py", "collectstatic", "--noinput"]',
      'FROM nginx:1.30.4 AS files',
      'COPY --from=app /app/public/ /srv/www/shop/static/',
      'FROM nginx:1.30.4',
    ]);
    expect(text, 'bare metal needs no Gunicorn to make files').not.toContain('gunicorn');
  });

  test('is made from the image of an app that has one', () => {
    const output = outputOf(stackOf(FILES), 'swarm');
    expect(dockerfileOf(output)).toMatch(/^FROM acme\/api:1 AS app$/m);
    expect(dockerfileOf(output)).toMatch(/^COPY --from=app \/app\/static\/ \/srv\/www\/static\/$/m);
    expect(buildsOf(stackOf(FILES), 'swarm', {})).toMatchObject([{ id: 'api-static', folder: './api-static' }]);
    expect(output['README.md']).toContain('docker buildx build --file api-static/Dockerfile');
  });

  test('can be named on the command line, and is not built then', () => {
    const options = { images: { 'api-static': 'ghcr.io/acme/files:7' } };
    const stack = stackOf(FILES);
    expect(serviceOf(stack, 'swarm', 'api-static', options).image).toBe('ghcr.io/acme/files:7');
    expect(serviceOf(stack, 'bare-metal', 'api-static', options)).not.toHaveProperty('build');
    expect(outputOf(stack, 'swarm', options)).not.toHaveProperty('api-static/Dockerfile');
    expect(imagesOf(stack, 'swarm', options)).toMatchObject({ built: [], local: [] });
    expect(imagesOf(stack, 'swarm', options).foreign).toContain('ghcr.io/acme/files:7');
  });

  test('is locked and pushed as that of an app is', () => {
    const { stack, options } = project({ static: { '/static': 'static' } }, { registry: 'ghcr.io/acme', edge: 'none' });
    const { built, foreign } = imagesOf(stack, 'kubernetes', options());
    expect(built).toEqual([
      expect.stringMatching(/^ghcr\.io\/acme\/shop-api-static:[0-9a-f]{12}$/),
      expect.stringMatching(/^ghcr\.io\/acme\/shop-api:/),
    ]);
    expect(foreign).toContain('nginx:1.30.4');
  });
});

describe('a folder of static files', () => {
  test.each([
    ['is not there', UV, 'the folder of static files "public" is not a folder in source "."; name one that is there'],
    [
      'is kept out of the build',
      { ...UV, 'public/a.css': '', '.dockerignore': 'public' },
      'the folder of static files "public" has no file that reaches the build; put one there, or let it in with !public at the end of .dockerignore',
    ],
  ])('that %s is an error', (_, files, message) => {
    expect(messages(read(files, { folders: ['public'] }))).toEqual([message]);
  });

  test('that a command makes need not be there', () => {
    const { stack, directory } = project({ static: { '/static': { folder: 'made', command: ['make'] } } });
    expect(readSources(stack, directory).mistakes).toEqual([]);
  });
});

describe('nginx in front', () => {
  test('sends the paths of files to those who have them, before the app is asked', () => {
    const conf = nginxOf(stackOf({ ...FILES, pathPrefix: '/shop', hosts: ['a.example.com'] }), 'swarm');
    expect(conf).toContain('server tasks.api-static:8080 resolve max_fails=0;');
    expect(conf.indexOf('location ~ "^/shop/static(/|$)"')).toBeLessThan(conf.indexOf('location ~ "^/shop(/|$)"'));
    expect(conf).toContain('error_page 502 = @anew_api__static/shop/static;');
    expect(conf, 'nothing is stripped').not.toContain('$uri_api__static');
  });

  test('gives files the headers of the app, and counts no requests for them', () => {
    const conf = nginxOf(
      stackOf({ ...FILES, responseHeaders: { 'X-Cost': '$5' }, rateLimit: { requestsPerSecond: 1 } }),
      'bare-metal',
    );
    const files = conf.slice(
      conf.indexOf('location ~ "^/static(/|$)"'),
      conf.indexOf('location @anew_api__static/static'),
    );
    expect(files).toContain('add_header "X-Cost" $header_api__static_1 always;');
    expect(files).not.toContain('limit_req');
    expect(conf).toContain('geo $header_api__static_1 {');
  });
});

describe('the nginx with the files', () => {
  const conf = outputOf(
    stackOf({
      static: { '/a': '/a', '/a/b': { folder: '/b', hashed: true }, '/c': { folder: '/c', hashed: false, maxAge: 5 } },
    }),
    'bare-metal',
  )['api-static/nginx.conf'];
  const lifetimes = [...(conf ?? '').matchAll(/^ +"(~.*)" "(public.*)";$/gm)].map(
    ([, match = '', value]) => [new RegExp(match.slice(1)), value] as const,
  );
  const lifetimeOf = (path: string) => lifetimes.find(([match]) => match.test(path))?.[1];
  const FOREVER = 'public, max-age=31536000, immutable';

  test.each([
    ['/a/base.27e20196a850.css', FOREVER],
    ['/a/deep/main-0a1b2c3d.js', FOREVER],
    ['/a/base.27e20196a850.css/x.css', 'public, max-age=60'],
    ['/a/report-20240101.pdf', 'public, max-age=60'],
    ['/a/a.deadbeef.css', 'public, max-age=60'],
    ['/a/style.css', 'public, max-age=60'],
    ['/a/b/index.js', FOREVER],
    ['/c/base.27e20196a850.css', 'public, max-age=5'],
  ])('lets clients keep %s: %s', (path, value) => {
    expect(lifetimeOf(path)).toBe(value);
  });

  test('asks all of them for what it does not have, where nobody asks on', () => {
    const [own = '', peers = ''] = (conf ?? '').split('listen 8082');
    expect(own).toContain('server api-static:8082 resolve max_fails=0;');
    expect(own).toContain('try_files $uri @peers;');
    expect(peers).toContain('try_files $uri =404;');
    expect(peers).not.toContain('proxy_pass');
  });

  test('is replaced on one host when its configuration changes', () => {
    const label = (maxAge: number) =>
      serviceOf(stackOf({ static: { '/a': { folder: '/a', maxAge } } }), 'bare-metal', 'api-static').labels[
        'asgi-synth.config'
      ];
    expect(label(1)).not.toBe(label(2));
  });
});

describe('an update', () => {
  test('on a Swarm starts a container before it stops one, and waits between two of them', () => {
    const { deploy } = serviceOf(stackOf(FILES), 'swarm', 'api-static');
    expect(deploy).toMatchObject({
      replicas: 2,
      update_config: { parallelism: 1, order: 'start-first', delay: '30s' },
    });
  });

  test('in a cluster waits for as long', () => {
    const output = outputOf(stackOf(FILES), 'kubernetes');
    expect(objectOf(output, 'Deployment', 'shop-api-static').spec).toMatchObject({
      replicas: 2,
      minReadySeconds: 30,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
  });

  test('on one host is that of an app: the new container comes beside the old one', () => {
    const stack = stackOf(FILES);
    const files = Object.entries(outputOf(stack, 'bare-metal')).map(([path, content]) => ({ path, content }));
    const services = servicesOf(files, planOf(stack, 'bare-metal', {}));
    expect(services.map(({ name, kind }) => [name, kind])).toEqual([
      ['api', 'app'],
      ['api-static', 'app'],
      ['nginx', 'edge'],
    ]);
  });

  test.each(TARGETS)('is known to a deployment to %s, with its logs', (target) => {
    const plan = planOf(stackOf(FILES), target, {});
    expect(loggedIds(plan)).toContain('api-static');
    expect(startupOf(plan, 'api-static')).toBe(target === 'bare-metal' ? 30 : 60);
  });
});

describe('an edge of a cluster', () => {
  test('leads to them by a path of the Ingress', () => {
    const output = outputOf(stackOf({ ...FILES, hosts: ['a.example.com'] }), 'kubernetes');
    expect(objectOf(output, 'Ingress', 'shop-api').spec['rules']).toMatchObject([
      {
        http: {
          paths: [
            { path: '/static', pathType: 'Prefix', backend: { service: { name: 'shop-api-static' } } },
            { path: '/', backend: { service: { name: 'shop-api' } } },
          ],
        },
      },
    ]);
  });

  test('leads to them by a rule of the HTTPRoute, which strips nothing', () => {
    const app = { ...FILES, pathPrefix: '/shop', responseHeaders: { 'X-A': 'b' } };
    const output = outputOf(stackOf(app, { gateway: { name: 'public' } }), 'kubernetes');
    const [first] = objectOf(output, 'HTTPRoute', 'shop-api').spec['rules'] as { filters: { type: string }[] }[];
    expect(first).toMatchObject({
      matches: [{ path: { type: 'PathPrefix', value: '/shop/static' } }],
      backendRefs: [{ name: 'shop-api-static', port: 80 }],
    });
    expect(first?.filters.map(({ type }) => type)).toEqual(['ResponseHeaderModifier']);
  });

  test('may reach them, and they may reach each other alone', () => {
    const output = outputOf(stackOf(FILES, { edge: 'nginx' }), 'kubernetes');
    const { ingress, egress } = objectOf(output, 'NetworkPolicy', 'shop-api-static').spec as Record<
      string,
      { ports: { port: number }[] }[]
    >;
    expect(ingress?.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([8080, 8082]);
    expect(egress?.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53, 8082]);
    const nginx = objectOf(output, 'NetworkPolicy', 'shop-nginx').spec['egress'];
    expect(JSON.stringify(nginx)).toContain('8080');
  });

  test('patches of the app are not for them', () => {
    const stack = stackOf(FILES, { edge: 'nginx' });
    const [app] = stack.apps;
    const before = outputOf(stack, 'kubernetes')['api-static.yaml'];
    Kubernetes.of(app!).patch({ op: 'replace', path: '/spec/replicas', value: 7 });
    const after = outputOf(stack, 'kubernetes');
    expect(after['api-static.yaml']).toBe(before);
    expect(objectOf(after, 'Deployment', 'shop-api').spec['replicas']).toBe(7);
  });
});

test.each([
  ['bare-metal', { edge: 'none' }],
  ['swarm', { edge: { network: 'proxy' } }],
  ['kubernetes', { edge: 'none' }],
] as readonly (readonly [TargetName, StackProps])[])('without an edge on %s they are a problem', (target, props) => {
  const problems = targets.find(({ name }) => name === target)!.problems(stackOf(FILES, props));
  expect(problems.map(({ id, prop }) => `${prop}: ${id}`)).toEqual(['static: hosts-without-edge']);
});

test.each([
  ['bare-metal', 1],
  ['swarm', 2],
  ['kubernetes', 2],
] as const)('on %s they take memory', (target, containers) => {
  const found = targets.find(({ name }) => name === target)!.footprint(stackOf(FILES));
  expect(found.find(({ id }) => id === 'api-static')).toMatchObject({
    containers,
    memoryEach: 2 ** 26,
    surge: 2 ** 26,
  });
});

describe("the operator's page", () => {
  const page = (target: 'swarm' | 'kubernetes') => outputOf(stackOf(FILES), target)['README.md'] ?? '';
  const section = (target: 'swarm' | 'kubernetes', title: string) =>
    new RegExp(`\\n## ${title}\\n([^]*?)\\n## `).exec(page(target))?.[1];

  test('takes the files back with the version that wants them', () => {
    expect(section('swarm', 'Go back')).toContain('docker service rollback shop_api-static');
    expect(section('kubernetes', 'Go back')).toContain('kubectl rollout undo deployment/shop-api-static ');
  });

  test('waits for them, and shows what they tell', () => {
    expect(section('kubernetes', 'Deploy and update')).toContain('kubectl rollout status deployment/shop-api-static ');
    expect(section('swarm', 'Deploy and update')).toMatch(/docker service inspect .* shop_api-static\n/);
    expect(section('swarm', 'Look')).toMatch(/docker service logs .* shop_api-static\n/);
  });
});

test('an app without them has no such service', () => {
  for (const target of ['bare-metal', 'swarm'] as const)
    expect(Object.keys(composeOf(stackOf(), target).services)).toEqual(['api', 'nginx']);
});
