import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CONFIRM = new URL('../../../src/cli/confirm.ts', import.meta.url).href;

/** Asks as `synth destroy` does. What is loaded here is given as its default. */
const ASKS = `
const { default: module } = await import(${JSON.stringify(CONFIRM)});
try {
  console.log((await module.isConfirmed('shop', 'to remove it')) ? 'will go' : 'stays');
} catch (error) {
  if (error.name !== 'Exit') throw error;
  console.log('ends');
  process.exitCode = error.code;
}
`;

/** What is shown, and the exit code, where somebody types on a real terminal. */
function typed(keys: string): Promise<{ shown: string; exitCode: number }> {
  const node = [process.execPath, '--import', import.meta.resolve('jiti/register'), '--input-type=module', '--eval'];
  const script = join(import.meta.dirname, '../support/on-terminal.py');
  return new Promise((resolve) => {
    execFile('python3', [script, 'type shop to remove it: ', keys, ...node, ASKS], (error, shown) =>
      resolve({ shown, exitCode: error === null ? 0 : Number(error.code) }),
    );
  });
}

test.each([
  ['the name', 'shop\n', 'will go', 0],
  ['the name with space around it', ' shop \n', 'will go', 0],
  ['another name', 'shopp\n', 'stays', 0],
  ['yes', 'yes\n', 'stays', 0],
  ['nothing', '\n', 'stays', 0],
  ['Ctrl-C', '\u0003', 'ends', 130],
  ['Ctrl-D', '\u0004', 'ends', 130],
])('asked for the name of what goes, %s is taken for what it is', async (_, keys, end, exitCode) => {
  const told = await typed(keys);
  expect(told.shown).toContain(end);
  expect(told.shown).not.toContain('Error');
  expect(told.exitCode).toBe(exitCode);
});
