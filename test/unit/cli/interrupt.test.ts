import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { expect, test } from 'vitest';

const INTERRUPT = new URL('../../../src/cli/interrupt.ts', import.meta.url).href;

/** Says when it is told to end, and goes on. What is loaded here is given as its default. */
const STUBBORN = `
const { default: module } = await import(${JSON.stringify(INTERRUPT)});
const { signal } = module.untilInterrupted();
signal.addEventListener('abort', () => console.log('asked'));
setInterval(() => {}, 1000);
console.log('ready');
`;

test('the first Ctrl-C asks a command to go back, and the second ends it', async () => {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('jiti/register'), '--input-type=module', '--eval', STUBBORN],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said = async (word: string) => {
    for await (const [text] of on(child.stdout, 'data') as AsyncIterable<[Buffer]>)
      if (String(text).includes(word)) return;
  };
  await said('ready');
  child.kill('SIGINT');
  await said('asked');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
});
