import { expect, it } from 'vitest';
import { Fatal, waitFor } from '../../harness/wait.js';

it('returns the first value that is there, after failures of every kind', async () => {
  const answers = [
    () => false,
    () => undefined,
    () => {
      throw new Error('not yet');
    },
    () => 0,
  ];
  expect(await waitFor('a number', () => answers.shift()?.(), { intervalSeconds: 0.001 })).toBe(0);
});

it('says what was waited for, how long, and the last failure', async () => {
  const check = () => Promise.reject(new Error('connection refused'));
  await expect(waitFor('the API', check, { seconds: 0.02, intervalSeconds: 0.001 })).rejects.toThrow(
    'gave up waiting for the API after 0.02 s: connection refused',
  );
});

it('does not wait for a check that never returns', async () => {
  await expect(waitFor('the API', () => new Promise<boolean>(() => {}), { seconds: 0.02 })).rejects.toThrow(
    'gave up waiting for the API after 0.02 s: the last check did not return',
  );
});

it('says the last failure that was told when the end cuts the last check off', async () => {
  const answers = [() => Promise.reject(new Error('two instead of one'))];
  const check = () => answers.shift()?.() ?? new Promise<boolean>(() => {});
  await expect(waitFor('the API', check, { seconds: 0.02, intervalSeconds: 0.001 })).rejects.toThrow(
    'two instead of one',
  );
});

it('gives up at once when a check says so', async () => {
  let checks = 0;
  const check = () => {
    checks++;
    throw new Fatal('the container has exited');
  };
  await expect(waitFor('the API', check)).rejects.toThrow('the container has exited');
  expect(checks).toBe(1);
});
