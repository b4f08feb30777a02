import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takesHttps } from '../../src/targets/edge.js';
import { STACKS, stackNamed } from './support/every-stack.js';

const root = join(import.meta.dirname, '../..');
const source = join(root, 'src');

/** Every file of `src`: what it imports of ours, what of others, and its text. */
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(source, path), 'utf8');
    const names = [...text.matchAll(/(?:^|\n)(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/g)].map(
      ([, a, b]) => (a ?? b)!,
    );
    const own = names
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.join(dirname(path), name.replace(/\.js$/, '.ts')));
    return { path, text, own, foreign: names.filter((name) => !name.startsWith('.')) };
  });

/** The rooms, from the bottom up. An arrow leads down, or stays in its room. */
const FLOORS: Readonly<Record<string, number>> = {
  errors: 0,
  formats: 0,
  model: 1,
  sources: 2,
  targets: 3,
  'targets/bare-metal': 4,
  'targets/swarm': 4,
  'targets/kubernetes': 4,
  'targets/index': 5,
  deployment: 6,
  'output-owner': 5.5,
  output: 5.8,
  synthesize: 6,
  report: 7,
  development: 7,
  explanation: 7,
  graph: 7,
  template: 7,
  'run-temporarily': 7,
  'running-stack': 7.2,
  index: 7.5,
  cli: 8,
};

function room(path: string): string {
  const name = path.replace(/\.ts$/, '');
  const [first = '', second = ''] = name.split('/');
  return [name, `${first}/${second}`, first].find((candidate) => candidate in FLOORS) ?? name;
}

const floor = (path: string) => FLOORS[room(path)] ?? Number.NaN;

const arrows = files.flatMap(({ path, own }) => own.map((to) => ({ path, to })));

const fromTo = (from: string, to: (path: string) => boolean) =>
  arrows.filter((arrow) => arrow.path.startsWith(from) && to(arrow.to)).map((arrow) => `${arrow.path} -> ${arrow.to}`);

describe('arrows', () => {
  test('every file is in a room that is known', () => {
    expect(files.map(({ path }) => path).filter((path) => Number.isNaN(floor(path)))).toEqual([]);
  });

  test('every arrow leads to a file that is there', () => {
    expect(arrows.filter(({ to }) => !existsSync(join(source, to)))).toEqual([]);
  });

  test('lead down only', () => {
    expect(arrows.filter(({ path, to }) => room(path) !== room(to) && floor(path) <= floor(to))).toEqual([]);
  });

  test('no target imports another', () => {
    for (const target of ['bare-metal', 'swarm', 'kubernetes']) {
      expect(
        fromTo(`targets/${target}/`, (to) => /^targets\/[^/]+\//.test(to) && !to.startsWith(`targets/${target}/`)),
      ).toEqual([]);
    }
  });

  test('formats import nothing of ours', () => {
    expect(fromTo('formats/', (to) => !to.startsWith('formats/'))).toEqual([]);
  });

  test('the model knows no target and no format', () => {
    expect(fromTo('model/', (to) => !to.startsWith('model/') && to !== 'errors.ts')).toEqual([]);
    const names = files
      .filter(({ path }) => path.startsWith('model/'))
      .filter(({ text }) => /from 'cdk8s'|from 'kubernetes-types/.test(text));
    expect(names).toEqual([]);
  });

  test('go in no circle, types aside', () => {
    const next = new Map(
      files.map(({ path, text }) => [
        path,
        [...text.matchAll(/(?:^|\n)(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)'/g)].map(([, name = '']) =>
          posix.join(dirname(path), name.replace(/\.js$/, '.ts')),
        ),
      ]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      if (done.has(path) || way.includes(path)) return;
      for (const to of next.get(path) ?? []) visit(to, [...way, path]);
      done.add(path);
    };
    for (const { path } of files) visit(path, []);
    expect(circles).toEqual([]);
  });
});

const importing = (pattern: RegExp) =>
  files.filter(({ foreign }) => foreign.some((name) => pattern.test(name))).map(({ path }) => path);
const saying = (pattern: RegExp) =>
  files.filter(({ text }) => pattern.test(withoutComments(text))).map(({ path }) => path);
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
const outside = (paths: readonly string[], ...rooms: readonly string[]) =>
  paths.filter((path) => !rooms.some((one) => path.startsWith(one)));

describe('who may do what', () => {
  test('only output.ts, and what deploys, writes files', () => {
    const readers = [
      'existsSync',
      'lstatSync',
      'readdirSync',
      'readFileSync',
      'readlinkSync',
      'realpathSync',
      'statSync',
    ];
    const writers = files.filter(({ text }) => {
      const names = [...text.matchAll(/import \{([^}]*)\} from 'node:fs'/g)].flatMap(([, list = '']) =>
        list.split(',').map((name) => name.trim()),
      );
      return (
        /from 'node:(fs\/promises|child_process)'|\* as fs/.test(text) ||
        names.some((name) => name !== '' && !name.startsWith('type ') && !readers.includes(name))
      );
    });
    expect(
      outside(
        writers.map(({ path }) => path),
        'deployment/',
      ),
    ).toEqual(['output.ts']);
  });

  test('only sources and the command read the disk; a format reads its own scripts', () => {
    expect(
      outside(importing(/^node:fs/), 'sources/', 'cli/', 'output.ts', 'output-owner.ts', 'deployment/').toSorted(),
    ).toEqual(['formats/python.ts', 'synthesize.ts']);
    expect(files.find(({ path }) => path === 'synthesize.ts')?.text).toContain("import { statSync } from 'node:fs';");
  });

  test('targets, formats and the model know no disk, clock, network, chance, environment or terminal', () => {
    const pure = /^(targets|formats|model)\//;
    const impure = [
      ...importing(/^node:(fs|fs\/promises|child_process|http|https|http2|dgram|dns|tls|os|timers|worker_threads)$/),
      ...saying(
        /\bprocess\.|\bDate\b|\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bperformance\b|\bsetTimeout\b|\bfetch\(|\bconsole\.|\bimport\.meta\b/,
      ),
      ...saying(/\blocaleCompare\b|\btoLocale\w+\b|\bIntl\b/),
    ];
    expect([...new Set(impure)].filter((path) => pure.test(path))).toEqual(['formats/python.ts']);
  });

  test('of the network, everything but the command that deploys knows only how an address is spelled', () => {
    const users = files
      .filter(({ foreign }) => foreign.includes('node:net'))
      .map(({ path, text }) => [path, /import \{ (.*) \} from 'node:net'/.exec(text)?.[1]]);
    expect(users.filter(([path, names]) => !path?.startsWith('deployment/') && names !== 'isIP')).toEqual([]);
    expect(outside(importing(/^dockerode$/), 'deployment/')).toEqual([]);
  });

  test('only the command speaks', () => {
    expect(outside(saying(/\bconsole\.|\bprocess\.(stdout|stderr|stdin|exit)\b/), 'cli/')).toEqual([]);
    expect(saying(/\bconsole\.|\bprocess\.exit\b/)).toEqual([]);
  });

  test('nothing asks for the environment of the machine', () => {
    expect(outside(saying(/\bprocess\.env\b|\bos\.homedir\b|\bhostname\(\)/), 'deployment/', 'cli/')).toEqual([]);
  });
});

describe('how it is written', () => {
  test('every folder of a target is in the list, and nothing else is', () => {
    const folders = readdirSync(join(source, 'targets'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const list = readFileSync(join(source, 'targets/index.ts'), 'utf8');
    expect([...list.matchAll(/from '\.\/([a-z-]+)\/\1\.js'/g)].map(([, name]) => name).toSorted()).toEqual(
      folders.map(({ name }) => name).toSorted(),
    );
  });

  test('synthesize of a target is a table of contents: at most fifteen lines', () => {
    for (const target of ['bare-metal', 'swarm', 'kubernetes']) {
      const text = readFileSync(join(source, `targets/${target}/${target}.ts`), 'utf8');
      const body = /\n {2}synthesize\(.*?\{\n([\s\S]*?)\n {2}\},\n/.exec(text)?.[1];
      expect(body?.split('\n').length, target).toBeLessThanOrEqual(15);
    }
  });

  test('there are named exports alone, no any, and no enum', () => {
    expect(saying(/^export default\b/m)).toEqual([]);
    expect(saying(/(:|<|\bas) any\b/)).toEqual([]);
    expect(saying(/^(export )?(const )?enum\b|\bnamespace \w+ \{/m)).toEqual([]);
  });

  test('a file is one idea: at most 300 lines', () => {
    expect(files.filter(({ text }) => text.split('\n').length > 300).map(({ path }) => path)).toEqual([]);
  });

  test('what is public has a sentence that says what it means', () => {
    const names = /export \{([^}]*)\}|export type \{([^}]*)\}/g;
    const index = files.find(({ path }) => path === 'index.ts')!;
    const exported = [...index.text.matchAll(names)]
      .flatMap(([, values = '', types = '']) => `${values},${types}`.split(','))
      .map((name) => name.replace(/^\s*type\b/, '').trim());
    const undocumented = exported.filter(
      (name) =>
        name !== '' &&
        !files.some(({ text }) =>
          new RegExp(`\\*/\\nexport (abstract )?(class|interface|type|const|function|async function) ${name}\\b`).test(
            text,
          ),
        ),
    );
    expect(undocumented).toEqual([]);
  });
});

describe('what is tested', () => {
  test('every stack has a golden output for every target', () => {
    const wanted = STACKS.flatMap((stack) =>
      ['bare-metal', 'swarm', 'kubernetes'].map((target) => `${stack}/${target}`),
    );
    expect(wanted.filter((path) => !existsSync(join(root, 'test/golden', path, 'README.md')))).toEqual([]);
  });

  test('every stack has an integration check', () => {
    const checks = readFileSync(join(root, 'test/stacks.ts'), 'utf8');
    expect(STACKS.filter((stack) => !checks.includes(`'${stack}.ts': {`))).toEqual([]);
  });

  test('no two stacks want the same port, for they are up on one host at a time', async () => {
    const ports = await Promise.all(
      STACKS.map(async (name) => {
        const stack = await stackNamed(name);
        return [stack.httpPort.port, ...(takesHttps(stack) ? [stack.httpsPort.port] : [])];
      }),
    );
    const all = ports.flat();
    expect(all.filter((port, index) => all.indexOf(port) !== index)).toEqual([]);
  });

  test('every target is held to the conformance tests, and brings every stack up', () => {
    for (const target of ['bare-metal', 'swarm', 'kubernetes']) {
      const text = readFileSync(join(root, `test/integration/${target}.test.ts`), 'utf8');
      expect(text).toContain(`conformance('${target}'`);
      expect(text).toContain(`stacks('${target}'`);
    }
  });
});
