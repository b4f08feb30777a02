import { AsgiApp, reportOn, Stack, Template, UserError, withStages, type Staged, type StageValues } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { stagesOf } from '../../src/model/stages.js';
import stages from '../../stacks/stages.js';
import { runCli } from './support/cli.js';
import { serviceOf } from './support/outputs.js';
import { makeProject } from './support/project.js';

const NAMES = ['staging', 'production'] as const;

type Told = Staged<(typeof NAMES)[number]>;

/** A stack whose app has as many processes as `choose` says. */
function shop(choose: (staged: Told) => number) {
  return withStages(NAMES, (staged) => {
    const stack = new Stack('shop');
    new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', processes: choose(staged) });
    return stack;
  });
}

/** Values as somebody writes them who has no types. */
const untyped = (values: unknown) => values as StageValues<(typeof NAMES)[number], number>;

const errorsOf = (values: unknown, stage?: string) =>
  Template.errors(shop(({ forStage }) => forStage(untyped(values)))({ stage }), 'swarm', stage ? { stage } : {});

describe('withStages', () => {
  test.each([
    [undefined, 1],
    ['staging', 1],
    ['production', 4],
  ])('chooses the value of the stage, else the default: %s', (stage, processes) => {
    const stack = shop(({ forStage }) => forStage({ default: 1, production: 4 }))({ stage });
    expect(stack.apps[0]?.processes).toBe(processes);
    expect(stagesOf(stack)).toEqual({ names: NAMES, stage });
  });

  test('needs no default where every stage has a value', () => {
    const stack = shop(({ forStage }) => forStage({ staging: 2, production: 8 }));
    expect(stack({ stage: 'production' }).apps[0]?.processes).toBe(8);
  });

  test('is checked by the compiler', () => {
    // @ts-expect-error: prod is no stage
    shop(({ forStage }) => forStage({ default: 1, prod: 4 }));
    // @ts-expect-error: staging has no value
    shop(({ forStage }) => forStage({ production: 4 }));
    // @ts-expect-error: no process is a text
    shop(({ forStage }) => forStage({ default: 1, production: '4' }));
    expect(errorsOf({ default: 1, production: 4 })).toEqual([]);
  });

  test.each([
    [
      { default: 1, prodution: 4 },
      'forStage names the stage "prodution", which is not one of staging, production; did you mean production?',
    ],
    [{ default: 1, x: 4 }, 'forStage names the stage "x", which is not one of staging, production'],
    [{ production: 4 }, 'forStage has no value for staging; add it, or a default for the rest'],
    [4, 'forStage takes an object with a value for each stage, got 4'],
  ])('records what is wrong with values: %j', (values, message) => {
    expect(errorsOf(values, 'production')).toContain(`shop: ${message}`);
  });

  test('asks for a default where there may be no stage', () => {
    expect(errorsOf({ staging: 1, production: 4 })).toEqual([
      'shop: forStage has no default for a deployment without a stage; add one, or choose --stage staging or production',
    ]);
  });

  test('refuses a stage that it does not know', () => {
    const unknown = () => shop(() => 1)({ stage: 'prodution' });
    expect(unknown).toThrow(UserError);
    expect(unknown).toThrow('the stage must be one of staging, production, got "prodution"; did you mean production?');
  });

  test.each([
    [[], 'withStages takes a list of the names of stages, such as ["staging", "production"], got an empty list'],
    ['staging', 'withStages takes a list of the names of stages, such as ["staging", "production"], got "staging"'],
    [['a', 'a'], 'withStages names "a" twice; drop one of them'],
    [
      ['My Stage'],
      'a stage must be lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), and not "default", got "My Stage"',
    ],
    [
      ['default'],
      'a stage must be lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), and not "default", got "default"',
    ],
  ])('records what is wrong with names: %j', (names, message) => {
    const stack = withStages(names as unknown as string[], () => {
      const made = new Stack('shop');
      new AsgiApp(made, 'api', { image: 'acme/api:1', module: 'main:app' });
      return made;
    })();
    expect(Template.errors(stack, 'swarm')).toEqual([`shop: ${message}`]);
  });

  test('waits for a description that waits', async () => {
    const describe = withStages(NAMES, async ({ forStage }) => {
      await Promise.resolve();
      return new Stack('shop', { httpPort: forStage({ default: 8080, production: 80 }) });
    });
    const stack = await describe({ stage: 'production' });
    expect([stack.httpPort.port, stagesOf(stack)?.stage]).toEqual([80, 'production']);
  });

  test('keeps the values of one stage from the name of another', () => {
    const described = shop(() => 1)({ stage: 'staging' });
    expect(Template.errors(described, 'swarm', { stage: 'production' })).toEqual([
      'shop: the stack was made for the stage "staging", but the stage "production" is asked for; name the same one in both places',
    ]);
    expect(() => reportOn(described)).toThrow('but no stage is asked for');
  });
});

test('the stack that shows stages has those values', () => {
  const production = serviceOf(stages({ stage: 'production' }), 'swarm', 'api', { stage: 'production' });
  expect(production.environment).toMatchObject({ STAGE: 'production', LOG_LEVEL: 'info' });
  expect(production.deploy.replicas).toBe(4);
  expect(serviceOf(stages(), 'swarm').environment).toMatchObject({ STAGE: 'none', LOG_LEVEL: 'debug' });
});

const FILE = `import { AsgiApp, Stack, withStages } from 'asgi-synth';

export default withStages(['staging', 'production'], ({ forStage }) => {
  const stack: Stack = new Stack('shop');
  new AsgiApp(stack, 'api', {
    image: 'acme/api:1',
    module: 'main:app',
    processes: forStage({ default: 0, production: 4 }),
    memory: forStage({ default: '64Mi', prod: '1Gi' }),
  });
  return stack;
});
`;

const GOOD = FILE.replace('default: 0', 'default: 1').replace('prod:', 'production:');

describe('a stack file with stages', () => {
  test('is told the stage that the command line names', async () => {
    using project = makeProject({ 'stacks/shop.ts': GOOD });
    const { code } = await runCli(project.directory, '--target', 'swarm', '--stage', 'production');
    expect(code).toBe(0);
    expect(project.contents()['out/shop-production/swarm/stack.yaml']).toContain('replicas: 4');
  });

  test.each([['--target', 'swarm'], ['report'], ['list'], ['status', '--target', 'swarm']])(
    'refuses a stage that is not in the list, at the list: synth %s',
    async (...words) => {
      using project = makeProject({ 'stacks/shop.ts': GOOD });
      expect(await runCli(project.directory, ...words, '--stage', 'prodution')).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'stacks/shop.ts:3:26: the stage must be one of staging, production, got "prodution"; did you mean production?\n',
      });
    },
  );

  test('has its mistakes where they are, all at once', async () => {
    using project = makeProject({ 'stacks/shop.ts': FILE });
    const { code, stderr } = await runCli(project.directory, '--target', 'swarm');
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'stacks/shop.ts:5:3 shop/api: processes must be a whole number from 1 to 1000, got 0',
      'stacks/shop.ts:9:13 shop: forStage names the stage "prod", which is not one of staging, production; did you mean production?',
      '',
    ]);
  });

  test('is listed with its stages', async () => {
    using project = makeProject({ 'stacks/shop.ts': GOOD });
    expect((await runCli(project.directory, 'list')).stdout).toMatch(/^shop +Stack +stages staging, production\n/);
    const { stdout } = await runCli(project.directory, 'list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ stacks: [{ name: 'shop', stages: ['staging', 'production'] }] });
  });
});
