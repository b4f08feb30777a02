import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Changes, Watch } from '../../../../src/deployment/development/changes.js';
import { makeProject, type Project } from '../../support/project.js';

const never = new AbortController().signal;

/** Watches paths of a project, and gives what changed by relative path. */
function watching({ directory }: Project, ...paths: readonly string[]) {
  const changes = new Changes();
  const watch = new Watch(
    paths.map((path) => join(directory, path)),
    changes,
  );
  return {
    next: async () => (await changes.next(never)).map((path) => path.slice(directory.length + 1)),
    write: (path: string) => writeFileSync(join(directory, path), String(performance.now())),
    path: (path: string) => join(directory, path),
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

describe('a watched file', () => {
  test('has changed when it is written, replaced or made; its neighbours are nothing to it', async () => {
    using project = makeProject({ 'stack.ts': '', 'other.ts': '' });
    using seen = watching(project, 'stack.ts', '.env');
    seen.write('other.ts');
    seen.write('stack.ts');
    expect(await seen.next()).toEqual(['stack.ts']);
    seen.write('new.tmp');
    renameSync(seen.path('new.tmp'), seen.path('stack.ts'));
    expect(await seen.next()).toEqual(['stack.ts']);
    seen.write('.env');
    expect(await seen.next()).toEqual(['.env']);
  });

  test('may be in a folder that is not there', () => {
    using project = makeProject({});
    expect(() => watching(project, 'nowhere/file')[Symbol.dispose]()).not.toThrow();
  });
});

describe('a watched folder', () => {
  const FILES = { 'app/main.py': '', 'app/shop/cart.py': '', 'app/node_modules/x/y.js': '', 'app/.venv/z.py': '' };

  test('has changed with whatever is below it', async () => {
    using project = makeProject(FILES);
    using seen = watching(project, 'app');
    seen.write('app/main.py');
    seen.write('app/shop/cart.py');
    expect(await seen.next()).toEqual(['app/main.py', 'app/shop/cart.py']);
  });

  test('does not change with what tools keep there, and with outputs', async () => {
    using project = makeProject({ ...FILES, 'app/out/shop/swarm/.asgi-synth.json': '{}', 'app/__pycache__/x': '' });
    using seen = watching(project, 'app');
    seen.write('app/node_modules/x/y.js');
    seen.write('app/.venv/z.py');
    seen.write('app/__pycache__/x');
    seen.write('app/main.pyc');
    seen.write('app/.main.py.swp');
    seen.write('app/out/shop/swarm/stack.yaml');
    seen.write('app/main.py');
    expect(await seen.next()).toEqual(['app/main.py']);
  });

  test('changes with folders that come, and with those that come again', async () => {
    using project = makeProject(FILES);
    using seen = watching(project, 'app');
    for (let round = 0; round < 2; round += 1) {
      mkdirSync(seen.path('app/new/deep'), { recursive: true });
      expect(await seen.next()).toContain('app/new');
      seen.write('app/new/deep/x.py');
      expect(await seen.next()).toEqual(['app/new/deep/x.py']);
      rmSync(seen.path('app/new'), { recursive: true });
      expect(await seen.next()).toContain('app/new');
    }
  });
});

describe('changes', () => {
  test('are told together, when they are over', async () => {
    const changes = new Changes();
    const told = changes.next(never);
    for (const path of ['b', 'a', 'b']) {
      changes.add(path);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await told).toEqual(['a', 'b']);
  });

  test('are kept while nobody asks', async () => {
    const changes = new Changes();
    changes.add('a');
    expect(await changes.next(never)).toEqual(['a']);
  });

  test('are waited for until the signal is aborted', async () => {
    const controller = new AbortController();
    const told = new Changes().next(controller.signal);
    controller.abort(new Error('enough'));
    await expect(told).rejects.toThrow('enough');
  });
});
