import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTurn } from '../../harness/turn.js';

it('lets one at a time, and the next after a failure as well', async () => {
  const seen: string[] = [];
  const visit = (name: string) =>
    inTurn(`a test ${process.pid}`, async () => {
      seen.push(`${name} comes`);
      await sleep(5);
      seen.push(`${name} goes`);
      throw new Error(name);
    });
  const ends = await Promise.allSettled([visit('one'), visit('two')]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(seen.map((line) => line.split(' ')[1])).toEqual(['comes', 'goes', 'comes', 'goes']);
});
