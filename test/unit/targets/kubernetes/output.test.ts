import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { AsgiApp } from '../../../../src/model/app.js';
import { mistakesBelow } from '../../../../src/model/mistakes.js';
import { Secret } from '../../../../src/model/secret.js';
import { Stack } from '../../../../src/model/stack.js';
import { Volume } from '../../../../src/model/volume.js';
import type { Source } from '../../../../src/sources/source.js';
import { verbatim } from '../../../../src/targets/kubernetes/expansion.js';
import { cores, size } from '../../../../src/targets/kubernetes/quantity.js';
import { allOf, containerIn, filesOf, IMAGE, kindsIn, objectOf, objectsOf, stackOf } from './support.js';

const GOLDEN = join(import.meta.dirname, '../../../golden');

/** Stacks whose whole output is written down. */
const stacks: Record<string, () => Stack> = {
  ingress() {
    const stack = new Stack('shop', {
      registry: 'registry.example.com/acme',
      imagePullSecrets: ['registry'],
      labels: { 'acme.com/team': 'web' },
      allowTo: [{ cidr: '10.1.0.0/16', ports: [5432] }],
    });
    const data = new Volume(stack, 'data', { shared: true, storageClass: 'nfs', size: '5Gi' });
    new AsgiApp(stack, 'api', {
      image: IMAGE,
      module: 'main:app',
      processes: 4,
      health: { readiness: '/readyz', liveness: '/livez' },
      hosts: ['shop.example.com', 'www.example.com'],
      environment: { LOG_LEVEL: 'info', ENABLED: 'yes', PRICE: '$(5)' },
      secrets: [new Secret(stack, 'db_password'), new Secret(stack, 'api_token', { as: 'environment' })],
      volumes: { '/data': data },
    });
    return stack;
  },

  gateway() {
    const stack = new Stack('shop', {
      gateway: { name: 'public', namespace: 'infra' },
      allowFrom: [{ namespace: 'infra' }],
    });
    new AsgiApp(stack, 'api', {
      image: IMAGE,
      module: 'main:app',
      health: '/healthz',
      hosts: ['shop.example.com'],
      pathPrefix: '/api',
      requestTimeout: 120,
    });
    return stack;
  },

  nginx() {
    const stack = new Stack('shop', { edge: 'nginx', httpPort: 8080, namespace: { name: 'apps', create: false } });
    new AsgiApp(stack, 'api', {
      image: IMAGE,
      module: 'main:app',
      health: '/healthz',
      hosts: ['shop.example.com'],
      pathPrefix: '/api',
    });
    new AsgiApp(stack, 'web', {
      image: 'acme/web:2',
      module: 'web:app',
      processes: 1,
      volumes: { '/data': new Volume(stack, 'data') },
    });
    return stack;
  },
};

const options = { stackFile: 'stacks/shop.ts' };

describe.each(Object.entries(stacks))('the output of the stack %s', (name, make) => {
  const files = filesOf(make(), options);

  test('is what is written down', async () => {
    for (const [path, content] of Object.entries(files))
      await expect(content).toMatchFileSnapshot(join(GOLDEN, name, 'kubernetes', path));
  });

  test('has every file that is written down', () => {
    const there = existsSync(join(GOLDEN, name, 'kubernetes')) ? readdirSync(join(GOLDEN, name, 'kubernetes')) : [];
    expect(there.filter((path) => !(path in files))).toEqual([]);
  });

  test('is the same each time', () => {
    expect(filesOf(make(), options)).toEqual(files);
  });

  test('is all applied, the namespace first and then what apps need', () => {
    const manifests = Object.keys(files).filter((path) => path.endsWith('.yaml') && path !== 'kustomization.yaml');
    expect(parse(files['kustomization.yaml']!)).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: manifests,
    });
    const order = ['namespace.yaml', 'data.yaml', 'api.yaml', 'web.yaml', 'nginx.yaml'];
    expect(manifests).toEqual(order.filter((path) => manifests.includes(path)));
  });

  test('says in each file what made it, and how to remake it', () => {
    for (const content of Object.values(files)) {
      expect(content).toContain('Made by asgi-synth from stacks/shop.ts. Do not edit: change the stack, then run');
      expect(content).toContain('npx synth --stack stacks/shop.ts --target kubernetes');
    }
  });
});

test('the output does not depend on the order in which props were written, nor on the environment of the process', () => {
  const environment = { B: '2', A: '1' };
  const there = filesOf(stackOf({ environment, hosts: ['a.example.com'] }));
  process.env['CDK8S_DISABLE_SORT'] = '1';
  try {
    expect(filesOf(stackOf({ hosts: ['a.example.com'], environment: { A: '1', B: '2' } }))).toEqual(there);
  } finally {
    delete process.env['CDK8S_DISABLE_SORT'];
  }
});

test('a stack can be synthesized twice, for two stages', () => {
  const stack = stackOf();
  expect(filesOf(stack, { stage: 'a' })).not.toEqual(filesOf(stack, { stage: 'b' }));
});

test('a namespace that is there already is not made', () => {
  expect(kindsIn(stackOf({}, { namespace: { create: false } }))).not.toContain('Namespace');
  expect(objectOf(stackOf(), 'Namespace', 'shop').metadata.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
  });
});

test('no text of the user is anything but a text in the output', () => {
  const hostile = fc.constantFrom(
    ...'$(HOME) $$ $é $ yes 0755 12:30:00 1e3 --- {{x}} # *a !x `id` \\ \' " \u2028 \ufeff'.split(' '),
    ' \n ',
    '\t',
    '\r\n',
  );
  const text = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), hostile), { maxLength: 5 })
    .map((parts) => parts.join(''));
  const kinds = kindsIn(stackOf());
  fc.assert(
    fc.property(text, text, (variable, word) => {
      const stack = stackOf({ environment: { TEXT: variable }, command: ['serve', word] });
      fc.pre(mistakesBelow(stack).length === 0);
      const objects = objectsOf(stack);
      const { env, command } = containerIn(objects);
      expect(expanded(env[0]!.value)).toBe(variable);
      expect(expanded(command[1]!)).toBe(word);
      expect(objects.map(({ kind }) => kind)).toEqual(kinds);
    }),
    { numRuns: 200 },
  );
});

/** What Kubernetes makes of a text, byte by byte: `k8s.io/kubernetes/third_party/forked/golang/expansion`. */
function expanded(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const result = bytes.replace(/\$(\$|\([^)]*\)|[^])/g, (found, next: string) => {
    if (next === '$') return '$';
    return next.length > 1 ? '(a variable)' : Buffer.from(found).toString('latin1');
  });
  return Buffer.from(result, 'latin1').toString();
}

test('each dollar is doubled', () => {
  expect(verbatim('$(A) $$ $é a$')).toBe('$$(A) $$$$ $$é a$$');
});

test.each([
  [512 * 2 ** 20, '512Mi'],
  [1536 * 2 ** 20, '1536Mi'],
  [2 ** 31, '2Gi'],
  [2 ** 40, '1Ti'],
  [1500, '1500'],
  [0, '0'],
])('%i bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test.each([
  [1, '1'],
  [0.5, '500m'],
  [0.015, '15m'],
  [64, '64'],
])('%f cores are %s', (count, text) => {
  expect(cores(count)).toBe(text);
});

describe('an app with a source folder', () => {
  const source: Source = {
    context: 'services/api',
    folder: '.',
    python: { minor: '3.14', from: 'default' },
    dependencies: {
      manager: 'uv',
      lock: 'uv.lock',
      files: ['pyproject.toml'],
      project: false,
      members: [],
      hashes: false,
    },
    importRoot: '.',
    locked: { uvicorn: '0.54.0' },
    dockerignore: '.venv\n',
    digest: 'f'.repeat(64),
  };
  const stack = (props: { readonly dockerfile?: string } = {}, registry = 'registry.example.com/acme') => {
    const made = new Stack('shop', { registry });
    new AsgiApp(made, 'api', {
      source: 'services/api',
      module: 'main:app',
      build: props,
    });
    return made;
  };
  const sources = new Map([['shop/api', source]]);

  test('has a Dockerfile, and says how its image is built and pushed', () => {
    const files = filesOf(stack(), { sources, tag: '7' });
    expect(files).toHaveProperty(['api/Dockerfile']);
    expect(files['api/Dockerfile.dockerignore']).toBe('.venv\n');
    expect(files['README.md']).toContain(
      `docker buildx build --file api/Dockerfile --tag registry.example.com/acme/shop-api:7 --push ../../../services/api\n`,
    );
    expect(allOf(stack(), 'Deployment', { sources, tag: '7' })[0]?.spec.template.spec.containers[0]?.image).toBe(
      'registry.example.com/acme/shop-api:7',
    );
  });

  test('has no Dockerfile of ours where it has its own, or where another image is given', () => {
    const own = new Map([['shop/api', { ...source, dockerfile: 'docker/Dockerfile' }]]);
    expect(Object.keys(filesOf(stack({ dockerfile: 'docker/Dockerfile' }), { sources: own }))).not.toContain(
      'api/Dockerfile',
    );
    expect(filesOf(stack({ dockerfile: 'docker/Dockerfile' }), { sources: own })['README.md']).toContain(
      '--file ../../../services/api/docker/Dockerfile',
    );
    expect(Object.keys(filesOf(stack(), { sources, images: { api: 'acme/api:1' } }))).not.toContain('api/Dockerfile');
  });

  test('is named by its digest where that is known', () => {
    const reference = 'registry.example.com/acme/shop-api:7';
    const digests = { [reference]: `sha256:${'a'.repeat(64)}` };
    expect(
      allOf(stack(), 'Deployment', { sources, tag: '7', digests })[0]?.spec.template.spec.containers[0]?.image,
    ).toBe(`${reference}@${digests[reference]}`);
  });
});
