import { describe, expect, test } from 'vitest';
import { WORLD, type World } from '../../../src/cli/world.js';
import { runCli, runCliWith } from '../support/cli.js';
import { LATER } from '../support/defaults.js';
import { makeProject } from '../support/project.js';

const stackFile = (props = '') => `import { AsgiApp, Stack } from 'asgi-synth';
const stack = new Stack('shop', { ${props} });
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
export default stack;
`;

/** No engine, and the defaults of a later release. */
const LATER_WORLD: World = {
  connect: () => Promise.reject(new Error('an engine was asked')),
  defaults: LATER,
};

const project = (props?: string) => makeProject({ 'stacks/shop.ts': stackFile(props) });

describe('synth', () => {
  test('says once written that there are newer defaults, to whoever names none', async () => {
    using shop = project();
    const { code, stderr } = await runCliWith(LATER_WORLD, shop.directory, '--target', 'swarm');
    expect(code).toBe(0);
    expect(stderr.split('\n').slice(1)).toEqual([
      'note: shop names no defaults and has those of 2026-11; npx synth diff --defaults shows what those of 2027-05 would change',
      '',
    ]);
    expect(shop.contents()['out/shop/swarm/stack.yaml']).toContain('"nginx:1.30.4"');
  });

  test.each([
    ['names a date', LATER_WORLD, "defaults: '2026-11'"],
    ['has the newest, as there are no others', WORLD, ''],
  ])('says nothing to whoever %s', async (_, world, props) => {
    using shop = project(props);
    const { stderr } = await runCliWith(world, shop.directory, '--target', 'swarm');
    expect(stderr).toMatch(/^next: .*\n$/);
  });

  test('writes what a date says', async () => {
    using shop = project("defaults: '2027-05'");
    expect((await runCliWith(LATER_WORLD, shop.directory, '--target', 'swarm')).code).toBe(0);
    expect(shop.contents()['out/shop/swarm/stack.yaml']).toContain('"nginx:1.32.0"');
  });

  test('refuses a date that it does not know, at its place', async () => {
    using shop = project("defaults: '2027-05'");
    expect(await runCli(shop.directory, '--target', 'swarm')).toMatchObject({
      code: 1,
      stderr:
        'stacks/shop.ts:2:15 shop: defaults must be one of 2026-11, got "2027-05"; a later date needs a later release of asgi-synth\n',
    });
  });
});

describe('synth diff --defaults', () => {
  test('shows what the newest would change, on one target, and asks no engine', async () => {
    using shop = project();
    const result = await runCliWith(LATER_WORLD, shop.directory, 'diff', '--defaults', '--target', 'kubernetes');
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toBe(`kubernetes, with the defaults of 2027-05 instead of 2026-11:
  Deployment/shop-api
    spec.template.spec.containers[api].resources.limits.memory: "512Mi" -> "768Mi"
    spec.template.spec.containers[api].resources.requests.memory: "512Mi" -> "768Mi"
`);
    expect(Object.keys(shop.contents())).toEqual(['stacks', 'stacks/shop.ts']);
  });

  test('shows all targets unless one is named, as JSON too', async () => {
    using shop = project("defaults: '2026-11'");
    const { code, stdout } = await runCliWith(LATER_WORLD, shop.directory, 'diff', '--defaults', '--json');
    expect(code).toBe(1);
    const told = JSON.parse(stdout) as { targets: { target: string; differences: object[] }[] };
    expect(told).toMatchObject({ schemaVersion: 1, ok: false, stack: 'shop', defaults: '2026-11', newest: '2027-05' });
    expect(told.targets.map(({ target }) => target)).toEqual(['bare-metal', 'swarm', 'kubernetes']);
    expect(told.targets[1]?.differences).toContainEqual({
      of: 'nginx',
      field: 'image',
      before: 'nginx:1.30.4',
      after: 'nginx:1.32.0',
    });
  });

  test('ends with 0 where nothing would change', async () => {
    using shop = project("defaults: '2027-05'");
    expect(await runCliWith(LATER_WORLD, shop.directory, 'diff', '--defaults')).toEqual({
      code: 0,
      stdout: 'shop has the defaults of 2027-05, which are the newest\n',
      stderr: '',
    });
    using own = makeProject({
      'stack.ts': stackFile("images: { nginx: 'nginx:1' }").replace('module:', "memory: '64Mi', module:"),
    });
    expect(await runCliWith(LATER_WORLD, own.directory, 'diff', '--defaults', '--target', 'swarm')).toEqual({
      code: 0,
      stdout: 'swarm, with the defaults of 2027-05 instead of 2026-11: no difference\n',
      stderr: '',
    });
  });

  test('ends with 3 where it fails, and says that the newest are the reason', async () => {
    using shop = project("capacity: { memory: '1900Mi' }");
    const { code, stderr } = await runCliWith(LATER_WORLD, shop.directory, 'diff', '--defaults', '--target', 'swarm');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^stacks\/shop\.ts:2:15 shop: with the defaults of 2027-05: capacity\.memory is /);
  });

  test('is no question to an engine', async () => {
    using shop = project();
    const words = ['diff', '--defaults', '--context', 'production'];
    expect(await runCliWith(LATER_WORLD, shop.directory, ...words)).toMatchObject({
      code: 2,
      stderr: '--defaults asks no engine; leave --context out\n',
    });
  });
});
