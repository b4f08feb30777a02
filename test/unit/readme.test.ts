import * as library from 'asgi-synth';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

// What its blocks show is tested with those of the other pages, in docs.test.ts.
describe('the README', () => {
  test('shows the smallest stack as it is, first of all', () => {
    expect(/^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1]).toBe(readFileSync(join(root, 'stacks/hello.ts'), 'utf8'));
  });

  test('says how much longer a stack is by hand', () => {
    expect(Number(/, (\d+) times as many/.exec(readme)?.[1])).toBeGreaterThan(10);
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

  test('names exports that there are', () => {
    const called = [...readme.matchAll(/`(Compose|Swarm|Kubernetes|Template|Match)\b/g)].map(([, name]) => name!);
    expect(called.length).toBeGreaterThan(1);
    expect(called.filter((name) => !(name in library))).toEqual([]);
  });

  test('leads to every page of the documentation', () => {
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expect(pages.filter((name) => !readme.includes(`(docs/${name}`))).toEqual([]);
  });

  test('has a license', () => {
    expect(readFileSync(join(root, 'LICENSE'), 'utf8')).toMatch(/Apache License\s+Version 2\.0/);
    expect(readdirSync(root)).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'package.json', 'package-lock.json']),
    );
  });
});
