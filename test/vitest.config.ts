import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const minute = 60_000;
const REASONS = 'test/unit/explanation/coverage.test.ts';
const PYTHON =
  'test/unit/formats/{acme,gunicorn,gunicorn-worker,health,logs,metrics,schedule,start,start-connections,taken}.test.ts';

export default defineConfig({
  root,
  resolve: { alias: { 'asgi-synth': `${root}src/index.ts` } },
  test: {
    projects: [
      // One load of the library for all files of a worker, and a worker more than cores since some tests wait, or the minute is not kept.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [REASONS, PYTHON],
          testTimeout: minute,
          hookTimeout: minute,
          isolate: false,
          maxWorkers: availableParallelism() + 1,
        },
      },
      // What we bring along in Python, with real servers.
      {
        extends: true,
        test: {
          name: 'python',
          include: [PYTHON],
          testTimeout: minute,
          hookTimeout: minute,
          isolate: false,
          maxWorkers: availableParallelism() + 1,
        },
      },
      // Every block of the pages is run, and every line of every output explained, which is longer than the minute of the unit tests.
      {
        extends: true,
        test: {
          name: 'docs',
          include: ['test/docs/**/*.test.ts', REASONS],
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'judges',
          include: ['test/judges/**/*.test.ts'],
          globalSetup: ['test/judges/global-setup.ts'],
          testTimeout: 5 * minute,
          hookTimeout: 10 * minute,
        },
      },
      // Two targets at a time: most of what they do is waiting, and each has an engine of its own.
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          testTimeout: 10 * minute,
          hookTimeout: 20 * minute,
          maxWorkers: 2,
          // Stacks at a time on each: more would be starved of the processor while they start.
          maxConcurrency: 3,
        },
      },
      // The life of a deployment by its commands: builds, deployments, faults. Longer than what a change of the output has to wait for.
      {
        extends: true,
        test: {
          name: 'life',
          include: ['test/life/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          testTimeout: 10 * minute,
          hookTimeout: 20 * minute,
          // Several files are about one target; where each is about another, `--fileParallelism` is right.
          fileParallelism: false,
        },
      },
    ],
  },
});
