import { describe, expect, test } from 'vitest';
import { cronNumbers, parseCron } from '../../src/model/cron.js';

const numbers = (expression: string) => {
  const cron = parseCron(expression);
  return typeof cron === 'string' ? cron : cronNumbers(cron);
};

describe('a cron expression', () => {
  test.each([
    ['* * * * *', '* * * * *'],
    ['0 3 * * *', '0 3 * * *'],
    ['*/20 8-10 1,15 * *', '0,20,40 8,9,10 1,15 * *'],
    ['0 0 * jan-mar mon-fri', '0 0 * 1,2,3 1,2,3,4,5'],
    ['5-11/3 * * * SUN,6', '5,8,11 * * * 0,6'],
    ['@daily', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['  0   3 * *  * ', '0 3 * * *'],
    ['0 0 29 2 *', '0 0 29 2 *'],
    ['0 0 31 2 MON', '0 0 31 2 1'],
  ])('%j is %j', (expression, expected) => {
    expect(numbers(expression)).toBe(expected);
  });

  test.each([
    ['', 'must have five fields'],
    ['0 3 * *', 'must have five fields'],
    ['0 0 3 * * *', 'must have five fields'],
    ['@reboot', 'must have five fields'],
    ['60 * * * *', 'has a wrong minute "60"; it takes "*", numbers from 0 to 59, ranges'],
    ['* 24 * * *', 'has a wrong hour "24"'],
    ['* * 0 * *', 'has a wrong day "0"'],
    ['* * * FOO *', 'has a wrong month "FOO"; it takes "*", numbers from 1 to 12 or JAN to DEC'],
    ['* * * * 7', 'has a wrong weekday "7"; it takes "*", numbers from 0 to 6 or SUN to SAT'],
    ['5/10 * * * *', 'has a wrong minute "5/10"'],
    ['*/0 * * * *', 'has a wrong minute "*/0"'],
    ['9-3 * * * *', 'has a wrong minute "9-3"'],
    ['* * L * *', 'has a wrong day "L"'],
    ['* * ? * *', 'has a wrong day "?"'],
    ['1, * * * *', 'has a wrong minute "1,"'],
    ['0 0 30 2 *', 'never comes: no month of it has such a day'],
    ['0 0 31 4,6 *', 'never comes'],
  ])('%j is refused', (expression, message) => {
    expect(numbers(expression)).toContain(message);
  });
});
