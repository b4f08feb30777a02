import { WORLD } from '../../../src/cli/world.js';
import { LAYOUTS } from '../cli/layouts.js';
import type { Case } from './case.js';

const STACK = `import { AsgiApp, Secret, Stack } from 'asgi-synth';
import { Construct } from 'constructs';
const stack = new Stack('shop');
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
new Secret(stack, 'unused');
new Construct(stack, 'group');
export default stack;
`;
const SHOP = { 'stacks/shop.ts': STACK };
const PLAIN = LAYOUTS['plain main.py with requirements.txt']!;
const SETTINGS = LAYOUTS['a factory with pydantic-settings']!;

const inShop =
  (...args: readonly string[]) =>
  (title: string, more: Partial<Case> = {}): Case => ({ title, args, ...more, files: { ...SHOP, ...more.files } });

const wrong = (line: string, files: Case['files'] = SHOP): Case => ({
  title: `synth ${line}`.trim(),
  files,
  args: line.split(' '),
});

/** sha256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const FOLDER = 'out/shop/bare-metal';
const manifest = (files: object, stack = 'shop') =>
  JSON.stringify({ schemaVersion: 1, stack, target: 'bare-metal', files });
const synth = inShop('--target', 'bare-metal');

export const OUTPUT: readonly Case[] = [
  synth('files that are written'),
  synth('a folder that is a file', { files: { out: '' } }),
  synth('a folder of another stack', { files: { [`${FOLDER}/.asgi-synth.json`]: manifest({}, 'blog') } }),
  synth('a list of files that cannot be read', { files: { [`${FOLDER}/.asgi-synth.json`]: '{' } }),
  synth('a file that somebody else wrote', { files: { [`${FOLDER}/compose.yaml`]: 'services: {}\n' } }),
  synth('a file where a folder should be', { files: { [`${FOLDER}/nginx`]: '' } }),
  synth('a folder of a stage', {
    files: {
      [`${FOLDER}/.asgi-synth.json`]: JSON.stringify({
        schemaVersion: 1,
        stack: 'shop',
        stage: 'staging',
        target: 'bare-metal',
        files: {},
      }),
    },
  }),
  synth('a link where a folder should be', {
    files: { [`${FOLDER}/.asgi-synth.json`]: manifest({}) },
    links: { [`${FOLDER}/nginx`]: '/tmp' },
  }),
  synth('a file that was changed', {
    files: {
      [`${FOLDER}/compose.yaml`]: 'services: {}\n',
      [`${FOLDER}/.asgi-synth.json`]: manifest({ 'compose.yaml': '0' }),
    },
  }),
  synth('a file that the stack makes no more', {
    files: { [`${FOLDER}/old.txt`]: '', [`${FOLDER}/.asgi-synth.json`]: manifest({ 'old.txt': EMPTY }) },
  }),
  inShop('--target', 'bare-metal', '--out', '/proc/shop')('a folder that cannot be made'),
];

const explain = (...args: readonly string[]) => inShop('explain', ...args, '--target', 'swarm');

export const EXPLAIN: readonly Case[] = [
  explain('shop/apy')('a construct that is not there'),
  explain('stack.yml:4')('a file that is not there'),
  explain('stack.yaml:4000')('a line that is not there'),
  explain('stack.yaml:3')('an empty line'),
  explain('stack.yaml:4')('a line that was changed', { files: { 'out/shop/swarm/stack.yaml': 'a\nb\nc\nd\n' } }),
  explain('group')('a construct that becomes nothing'),
  wrong('explain'),
  wrong('explain api web --target swarm'),
  wrong('explain --target all'),
  wrong('graph --format sgv'),
  wrong('graph --target heroku'),
  wrong('graph shop'),
  wrong('graph', {}),
  wrong('explain --target swarm', {}),
];

export const WATCH: readonly Case[] = [
  wrong('watch --target swarm'),
  wrong('watch --tag 1'),
  wrong('watch --port 0'),
  wrong('watch shop'),
  wrong('doctor --context prod'),
  wrong('doctor --target heroku'),
  wrong('doctor shop'),
  wrong('completion'),
  wrong('completion cmd'),
  wrong('completion bahs'),
  wrong('completion bash zsh'),
  {
    title: 'something that we did not think of',
    files: SHOP,
    args: ['doctor'],
    world: { ...WORLD, machine: () => Promise.reject(new Error('no machine')) },
  },
];

/** Somebody who answers the questions. */
const answering = (...answers: readonly string[]) => {
  const left = [...answers];
  return {
    ...WORLD,
    ask: (question: string) => {
      const answer = left.shift() ?? '';
      process.stderr.write(`${question}${answer}\n`);
      return Promise.resolve(answer);
    },
  };
};

export const INIT: readonly Case[] = [
  { title: 'no terminal', files: PLAIN, args: ['init'] },
  wrong('init shop', PLAIN),
  wrong('init --ci jenkins', PLAIN),
  wrong('init --ci github --target all', SHOP),
  wrong('init --from', PLAIN),
  wrong('init --from compose.yaml --yes', PLAIN),
  {
    title: 'questions, and answers that are not right',
    files: {
      'package.json': '{}',
      ...Object.fromEntries(
        ['shop', 'users'].flatMap((name) => [
          [`${name}/main.py`, PLAIN['main.py']!],
          [`${name}/requirements.txt`, PLAIN['requirements.txt']!],
        ]),
      ),
    },
    args: ['init'],
    world: answering('3', '2', 'My Shop', 'shop', 'https://shop.example.com', 'shop.example.com'),
  },
  {
    title: 'a question before a file is changed',
    files: SETTINGS,
    args: ['init'],
    world: answering('', '', 'maybe', 'no'),
  },
  { title: 'as JSON', files: SETTINGS, args: ['init', '--json'] },
  { title: 'as JSON, of nothing', files: {}, args: ['init', '--json'] },
  { title: 'a file in the place of the folder', files: { ...PLAIN, stacks: '' }, args: ['init', '--yes'] },
  {
    title: 'a file that changes while somebody is asked',
    files: SETTINGS,
    args: ['init'],
    world: answering('', '', 'yes'),
    meanwhile: '.env.example',
  },
  { title: 'a pipeline', files: { ...SHOP, 'package.json': '{}' }, args: ['init', '--ci', 'github'] },
  {
    title: 'a pipeline that is there',
    files: { ...SHOP, 'package.json': '{}' },
    args: ['init', '--ci', 'github'],
    twice: true,
  },
  {
    title: 'another pipeline that is there',
    files: { ...SHOP, 'package.json': '{}', '.gitlab-ci.yml': 'test: { script: pytest }\n' },
    args: ['init', '--ci', 'gitlab'],
  },
  wrong('import', {}),
  wrong('import a.yaml b.yaml', {}),
];
