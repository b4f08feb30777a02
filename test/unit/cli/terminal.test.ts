import { describe, expect, test } from 'vitest';
import { mayColour } from '../../../src/cli/colour.js';
import { reportTo, table } from '../../../src/cli/terminal.js';

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 24, written, write: (text: string) => written.push(text) };
}

describe('a report', () => {
  test('is live on a terminal: one line that is replaced, never wider than it', () => {
    const terminal = stream(true);
    const report = reportTo(terminal, {});
    report.progress('api: 1 of 3');
    report.progress('api: 1 of 3');
    report.progress(`api: 2 of 3 ${'x'.repeat(40)}`);
    report.step('api: done');
    report.end();
    expect(terminal.written).toEqual([
      'api: 1 of 3',
      '\r\u001b[2K',
      'api: 2 of 3 xxxxxxxxxxx',
      '\r\u001b[2K',
      'api: done\n',
    ]);
  });

  test.each([
    ['a file', false, {}],
    ['CI', true, { CI: 'true' }],
    ['a dumb terminal', true, { TERM: 'dumb' }],
  ])('is plain lines in %s', (_, isTTY, env) => {
    const terminal = stream(isTTY);
    const report = reportTo(terminal, env);
    report.progress('api: 1 of 3');
    report.step('api: done\u001b[31m');
    report.end();
    expect(terminal.written).toEqual(['api: done\\u001b[31m\n']);
  });
});

test('colours are for a terminal whose reader wants them', () => {
  expect(mayColour({ isTTY: true }, {})).toBe(true);
  expect(mayColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(mayColour({}, {})).toBe(false);
});

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['a', 'long', ''],
      ['bb', 'c', 'd'],
    ]),
  ).toBe('a   long\nbb  c     d\n');
});
