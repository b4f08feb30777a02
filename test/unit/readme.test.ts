import * as library from 'asgi-synth';
import { synthesize, targets, type Stack, type TargetName } from 'asgi-synth';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { runCli } from './support/cli.js';
import { lengthOf } from '../../bench/length.js';
import hello from '../../stacks/hello.js';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!);

describe('the README', () => {
  test('shows the smallest stack as it is', () => {
    expect(blocks('ts')[0]).toBe(readFileSync(join(root, 'stacks/hello.ts'), 'utf8'));
  });

  test('shows files that are written', () => {
    const tree = blocks('').find((text) => text.startsWith('out/hello/'));
    const lines =
      tree
        ?.trim()
        .split('\n')
        .map((line) => line.split(/\s+/)) ?? [];
    expect(lines.map(([folder]) => folder)).toEqual(targets.map(({ name }) => `out/hello/${name}/`));
    for (const [folder = '', ...names] of lines) {
      const written = synthesize(hello as Stack, folder.split('/')[2] as TargetName).map(({ path }) => path);
      const shown = names.flatMap((name) =>
        name.endsWith('/') ? written.filter((path) => path.startsWith(name)) : [name],
      );
      expect(names.filter((name) => name.endsWith('/') && !written.some((path) => path.startsWith(name)))).toEqual([]);
      expect(shown.toSorted()).toEqual(written.filter((path) => !path.endsWith('.dockerignore')).toSorted());
    }
  });

  test('says how much longer a stack is by hand', () => {
    const { stackFile, byHand, times } = lengthOf('stacks/full.ts');
    const lines = Object.values(byHand).reduce((sum, one) => sum + one);
    expect(times).toBeGreaterThan(10);
    expect(readme.replaceAll('\n', ' ')).toContain(
      `in ${stackFile} lines, takes ${lines.toLocaleString('en')} lines by hand for the three targets, ${times.toFixed(0)} times as many`,
    );
  });

  test('shows a report as it is printed', async () => {
    const { stdout } = await runCli(root, 'report', '--stack', 'stacks/scaling.ts');
    const shown = readme.split('```').find((text) => text.startsWith('\nconstruct '));
    const lines = shown?.split('\n').filter((line) => line !== '') ?? [];
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.filter((line) => !stdout.split('\n').includes(line))).toEqual([]);
  });

  test('names options and commands of synth that there are', () => {
    const program = createProgram();
    const known = [...program.options, ...program.commands.flatMap(({ options }) => options)].map(({ long }) => long);
    const used = [...readme.matchAll(/\bsynth ((?:[\w./=-]+ ?)+)/g)].flatMap(([, words]) =>
      words!.split(' ').filter((word) => /^--\w/.test(word)),
    );
    expect(used.length).toBeGreaterThan(1);
    expect(used.filter((option) => !known.includes(option))).toEqual([]);
  });

  test('names scripts of npm and files that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(
      [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!).filter((name) => !(name in scripts)),
    ).toEqual([]);
    const paths = [...readme.matchAll(/\b(?:stacks|images|test|bench|src|bin)\/[\w./-]*\w/g)].map(([path]) => path);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names exports that there are', () => {
    const imported = blocks('ts').flatMap((text) =>
      [...text.matchAll(/import \{([^}]*)\} from 'asgi-synth'/g)].flatMap(([, names]) =>
        names!.split(',').map((name) => name.trim()),
      ),
    );
    const called = [...readme.matchAll(/`(Compose|Swarm|Kubernetes|Template|Match)\b/g)].map(([, name]) => name!);
    expect(imported.length).toBeGreaterThan(1);
    expect([...imported, ...called].filter((name) => !(name in library))).toEqual([]);
  });

  test('shows an error as it is', () => {
    const stack = new library.Stack('shop');
    new library.AsgiApp(stack, 'api', { image: 'a', module: 'a:b', processes: 0 });
    const [line] = library.Template.errors(stack, 'swarm');
    expect(readme).toContain(`stacks/shop.ts:12:3 ${line}\n`);
  });

  test('has a license', () => {
    expect(readFileSync(join(root, 'LICENSE'), 'utf8')).toMatch(/Apache License\s+Version 2\.0/);
    expect(readdirSync(root)).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'package.json', 'package-lock.json']),
    );
  });
});
