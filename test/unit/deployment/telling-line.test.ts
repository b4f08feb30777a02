import { describe, expect, test } from 'vitest';
import { exceptionIn, tellingLine } from '../../../src/deployment/telling-line.js';

describe('the line of a log that tells why a process ended', () => {
  test('is what follows the last traceback, not what is said after it', () => {
    expect(
      tellingLine([
        'ERROR:    Traceback (most recent call last):',
        '  File "main.py", line 23, in lifespan',
        'RuntimeError: FAIL_STARTUP is set',
        '',
        'ERROR:    Application startup failed. Exiting.',
      ]),
    ).toBe('RuntimeError: FAIL_STARTUP is set');
  });

  test('is the exception that was raised while another one was handled', () => {
    expect(
      tellingLine([
        'Traceback (most recent call last):',
        '  File "main.py"',
        "KeyError: 'URL'",
        '',
        'During handling of the above exception, another exception occurred:',
        '',
        'Traceback (most recent call last):',
        '  File "main.py"',
        'app.errors.Misconfigured: no URL',
        'bye',
        '',
      ]),
    ).toBe('app.errors.Misconfigured: no URL');
  });

  test('is an exception that somebody has printed alone, or what the start shim says', () => {
    expect(tellingLine(['app.errors.ConfigError: no URL', 'bye'])).toBe('app.errors.ConfigError: no URL');
    expect(exceptionIn(['asgi-synth: secret token cannot be read', 'bye'])).toBe(
      'asgi-synth: secret token cannot be read',
    );
  });

  test('is found in what an app logs as JSON', () => {
    const record = (fields: object) => JSON.stringify({ time: '2026-11-01', level: 'ERROR', ...fields });
    const trace = 'Traceback (most recent call last):\n  File "main.py"\nRuntimeError: no {database}';
    const rest = ['', record({ message: 'Application startup failed. Exiting.' })];
    expect(tellingLine([record({ message: trace }), ...rest])).toBe('RuntimeError: no {database}');
    expect(tellingLine([record({ message: 'failed', exception: trace }), ...rest])).toBe('RuntimeError: no {database}');
    expect(tellingLine(rest)).toBe('Application startup failed. Exiting.');
    expect(tellingLine(['{no JSON', '{"a":1}', '{'])).toBe('{');
  });

  test('is the last one where there is no exception', () => {
    expect(tellingLine(['one', 'ERROR:    Error loading ASGI app. Could not import module "x".', ''])).toBe(
      'Error loading ASGI app. Could not import module "x".',
    );
    expect(exceptionIn(['one', 'two'])).toBeUndefined();
    expect(tellingLine([])).toBeUndefined();
  });

  test('is one line that can be read', () => {
    expect(tellingLine([`ValueError: ${'x'.repeat(1000)}`])).toHaveLength(300);
    expect(tellingLine(['a\tb  c'])).toBe('a b c');
  });
});
