import { AsgiApp, Policies, Stack, Template, type Policy } from 'asgi-synth';
import { Construct } from 'constructs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { describe, expect, test } from 'vitest';
import orders from '../../examples/platform/orders.js';
import { runCli } from './support/cli.js';
import { addApp, outputOf, serviceOf } from './support/outputs.js';
import { makeProject } from './support/project.js';

const root = join(import.meta.dirname, '../..');
const example = (file: string) => readFileSync(join(root, 'examples/platform', file), 'utf8');

const small: Policy = (construct) =>
  construct instanceof AsgiApp && construct.processes > 4 ? `processes is ${construct.processes}, above 4` : undefined;

describe('a policy', () => {
  test('is asked of what is made before it and after it, on every target', () => {
    const stack = new Stack('shop');
    addApp(stack, 'one', { processes: 8, pathPrefix: '/one' });
    Policies.of(stack).add(small);
    addApp(stack, 'two', { processes: 2, pathPrefix: '/two' });
    addApp(stack, 'three', { processes: 6, pathPrefix: '/three' });
    for (const target of ['bare-metal', 'swarm'] as const)
      expect(Template.errors(stack, target)).toEqual([
        'shop/one: processes is 8, above 4',
        'shop/three: processes is 6, above 4',
      ]);
  });

  test('holds for its scope and what is below', () => {
    const stack = new Stack('shop');
    addApp(stack, 'outside', { processes: 8, pathPrefix: '/outside' });
    const team = new Construct(stack, 'team');
    Policies.of(team).add(small, (construct) => (construct === team ? ['one', 'two'] : undefined));
    new AsgiApp(team, 'inside', { image: 'acme/api:1', module: 'main:app', processes: 8 });
    expect(Template.errors(stack, 'swarm')).toEqual([
      'shop/team: one',
      'shop/team: two',
      'shop/team/inside: processes is 8, above 4',
    ]);
  });

  test('is told with all other mistakes, and cannot be accepted', () => {
    const stack = new Stack('shop', { accept: { 'http-port': 'x' } });
    addApp(stack, 'api', { processes: 8, port: 1 });
    Policies.of(stack).add(small);
    expect(Template.errors(stack, 'swarm')).toEqual([
      'shop/api: port must be a whole number from 1024 to 65535, got 1',
      'shop/api: processes is 8, above 4',
    ]);
  });

  test('that fails is the fault of whoever made it', () => {
    const stack = new Stack('shop');
    addApp(stack, 'api');
    Policies.of(stack).add((construct) => {
      if (construct instanceof AsgiApp) throw new TypeError('x is\nnot y');
      return undefined;
    });
    expect(Template.errors(stack, 'swarm')).toEqual([
      'shop/api: a policy failed: TypeError: x is\\nnot y; tell whoever made the policy',
    ]);
  });
});

describe('the platform of ACME', () => {
  test('gives every stack of a team what it has', () => {
    const service = serviceOf(orders, 'swarm');
    expect(service.image).toMatch(/^registry\.acme\.example\/orders\/orders-api:/);
    expect(service.labels).toMatchObject({ 'acme.example/team': 'orders' });
    const { 'api.yaml': api, 'mails.yaml': mails } = outputOf(orders, 'kubernetes');
    for (const text of [api, mails]) {
      expect(text).toContain('acme.example/team: "orders"');
      expect(text).toContain('- name: "acme-registry"');
    }
    expect(api).toContain('prometheus.io/port: "8000"');
    expect(mails, 'no app').not.toContain('prometheus.io');
  });

  test('is what a team imports as a package, and is told of at the lines of the team', async () => {
    const javaScript = transpileModule(example('acme.ts'), {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 },
    }).outputText;
    using project = makeProject({
      'node_modules/@acme/platform/package.json':
        '{ "name": "@acme/platform", "type": "module", "exports": "./index.js" }',
      'node_modules/@acme/platform/index.js': javaScript,
      'stacks/orders.ts': `import { AsgiApp, Postgres, Worker } from 'asgi-synth';
import { AcmeStack } from '@acme/platform';

const stack: AcmeStack = new AcmeStack('orders', { team: 'orders', edge: 'none' });

const api = new AsgiApp(stack, 'api', {
  image: 'acme/api:1',
  module: 'main:app',
  memory: '2Gi',
  hosts: ['orders.acme.example', 'orders.example.com'],
});

new Worker(stack, 'mails', { app: api, command: ['work'] });
new Postgres(stack, 'db', { version: '18', memory: '512Mi' });
new AsgiApp(stack, 'admin', { image: 'acme/admin:1', module: 'main:app', memory: '64Mi', port: 8001 });
export default stack;
`,
    });
    const told = [
      'stacks/orders.ts:4:26 orders: edge must not be "none" at ACME, whose firewall is the edge; leave it out',
      'stacks/orders.ts:6:13 orders/api: memory must be at most "1024Mi" at ACME, got "2048Mi"; ask in #platform for more',
      'stacks/orders.ts:6:13 orders/api: hosts must be below acme.example, got "orders.example.com"',
      'stacks/orders.ts:13:1 orders/mails: memory is missing; say what it takes at most, up to "1024Mi" at ACME',
      'stacks/orders.ts:15:1 orders/admin: hosts is missing; name at least one below acme.example',
      '',
    ];
    for (const words of [['--target', 'all'], ['list'], ['report']]) {
      const { code, stderr } = await runCli(project.directory, ...words);
      expect(code).toBe(1);
      expect(stderr.split('\n')).toEqual(told);
    }
  });

  test('lets the stack of the example pass', async () => {
    const { code, stdout } = await runCli(root, 'list', '--stack', 'examples/platform/orders.ts');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^orders +AcmeStack\n/);
  });
});
