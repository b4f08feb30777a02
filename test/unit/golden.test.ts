import { synthesize, targets, type Stack, type TargetName } from 'asgi-synth';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ACME_SCRIPT, HEALTH_SCRIPT, SCHEDULE_SCRIPT, START_SCRIPT } from '../../src/formats/python.js';
import { contentsOf } from './support/project.js';

// The whole output of each stack, to be read in a review: `npm run test:unit -- golden --update` writes it anew.

const root = join(import.meta.dirname, '../..');
const stacks = readdirSync(join(root, 'stacks')).map((file) => file.replace(/\.ts$/, ''));

/** Copies of files of this repository, which would only say twice what changed. */
const COPIES: Readonly<Record<string, string>> = {
  'runtime/start.py': START_SCRIPT,
  'runtime/health.py': HEALTH_SCRIPT,
  'runtime/schedule.py': SCHEDULE_SCRIPT,
  'runtime/acme.py': ACME_SCRIPT,
};

async function load(stack: string): Promise<Stack> {
  const { default: exported } = (await import(join(root, 'stacks', `${stack}.ts`))) as {
    default: Stack | (() => Stack);
  };
  return typeof exported === 'function' ? exported() : exported;
}

describe.each(stacks.flatMap((stack) => targets.map(({ name }) => [stack, name as TargetName] as const)))(
  '%s on %s',
  (stack, target) => {
    const folder = join(root, 'test/golden', stack, target);

    test('is the golden output', async () => {
      const files = synthesize(await load(stack), target, {
        out: `out/${stack}/${target}`,
        stackFile: `stacks/${stack}.ts`,
      });
      for (const { path, content } of files) {
        if (path in COPIES) expect(content).toBe(COPIES[path]);
        else await expect(content, path).toMatchFileSnapshot(join(folder, path));
      }
      const there = existsSync(folder)
        ? Object.entries(contentsOf(folder)).flatMap(([path, content]) => (content === 'folder' ? [] : [path]))
        : [];
      expect(there.filter((path) => !files.some((file) => file.path === path))).toEqual([]);
    });
  },
);

test('no formatter touches a golden output', () => {
  expect(readFileSync(join(root, '.prettierignore'), 'utf8')).toContain('test/golden');
});
