import { synthesize, targets, type Stack } from 'asgi-synth';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainLines } from '../../../src/explanation/lines.js';
import { overviewOf } from '../../../src/explanation/overview.js';
import { placesIn } from '../../../src/formats/places/index.js';
import { linesOf } from '../../../src/formats/places/place.js';
import { IMAGE_REASONS } from '../../../src/targets/image-reasons.js';
import { reasonFinder } from '../../../src/targets/reasons.js';
import { STACKS, stackNamed } from '../support/every-stack.js';
import { richStack } from '../support/stacks.js';
import { dressedStacks } from './dressed.js';

// A field that is new has no reason: it fails here until the table of its target has one.

const everyStack: readonly (readonly [name: string, load: () => Stack | Promise<Stack>])[] = [
  ...STACKS.map((name) => [name, () => stackNamed(name)] as const),
  ['a rich stack', richStack],
  ...Object.entries(dressedStacks),
];

/** Dockerfiles of package managers and layouts that no stack here has. */
const DOCKERFILES = join(import.meta.dirname, '../formats/expected');

describe.each(targets.map((target) => [target.name, target] as const))('on %s', (name, target) => {
  test.each(everyStack)('every line of every file of %s is explained', async (_, load) => {
    const stack = await load();
    const silent: string[] = [];
    for (const file of synthesize(stack, name)) {
      const lines = explainLines({ stack, target, placeOf: () => undefined }, file);
      const written = linesOf(file.content).flatMap((text, index) => (text.trim() === '' ? [] : [index + 1]));
      expect(
        lines.map(({ line }) => line),
        file.path,
      ).toEqual(written);
      silent.push(
        ...lines.filter(({ why }) => why === undefined).map(({ line, path }) => `${file.path}:${line} ${path}`),
      );
    }
    expect(silent).toEqual([]);
  });

  test.each(everyStack)('every file of %s has a purpose', async (_, load) => {
    const stack = await load();
    const { files } = overviewOf(stack, target, synthesize(stack, name));
    expect(files.filter(({ what }) => what === '')).toEqual([]);
  });

  test('what is set to something is never explained by what it holds', async () => {
    const stack = await stackNamed('shop');
    const lines = synthesize(stack, name).flatMap((file) =>
      explainLines({ stack, target, placeOf: () => undefined }, file),
    );
    expect(lines.filter(({ value, why }) => value !== undefined && why?.startsWith('holds '))).toEqual([]);
  });
});

test('every reason is that of some line', async () => {
  const used = new Set<string>();
  for (const [, load] of everyStack) {
    const stack = await load();
    for (const { name, explanation } of targets) {
      const find = reasonFinder(explanation.reasons);
      for (const { path, content } of synthesize(stack, name)) {
        for (const place of placesIn(path, content)) {
          const found = find({ stack, ...explanation.subjectOf(path, place, stack), value: place.value });
          if (found) used.add(found.pattern);
        }
      }
    }
  }
  for (const file of readdirSync(DOCKERFILES).filter((name) => name.endsWith('Dockerfile'))) {
    const stack = await stackNamed('hello');
    for (const place of placesIn('api/Dockerfile', readFileSync(join(DOCKERFILES, file), 'utf8'))) {
      const found = reasonFinder(IMAGE_REASONS)({ stack, construct: stack, path: ['Dockerfile', ...place.path] });
      expect(found, `${file}:${place.line}`).toBeDefined();
      used.add(found?.pattern ?? '');
    }
  }
  const all = targets.flatMap(({ explanation }) => Object.keys(explanation.reasons));
  expect([...new Set(all)].filter((pattern) => !used.has(pattern))).toEqual([]);
});
