import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gunicornCommand, gunicornConfig, pythonString, type GunicornValues } from '../../../src/formats/gunicorn.js';

const PYTHON = spawnSync('python3', ['-c', '']).status === 0;

const VALUES: GunicornValues = {
  header: ['Made by asgi-synth from stacks/shop.ts.'],
  port: 8000,
  startupSeconds: 60,
  gracefulSeconds: 65,
  appGracefulSeconds: 60,
  keepAliveSeconds: 75,
  webSocketPingSeconds: 20,
  trusted: ['10.1.0.0/16', '127.0.0.1'],
  rootPath: '/api',
  readyDirectory: '/tmp/asgi-synth-ready',
};

test('writes one file that needs nothing beside it', async () => {
  await expect(gunicornConfig(VALUES)).toMatchFileSnapshot('expected/gunicorn.conf.py');
});

test('keeps the count of processes where no variable can change it', () => {
  const config = '/etc/asgi-synth/gunicorn.conf.py';
  expect(gunicornCommand({ module: 'main:app', factory: false, processes: 4, config })).toEqual([
    'gunicorn',
    'main:app',
    '-c',
    config,
    '-w',
    '4',
  ]);
  expect(gunicornCommand({ module: 'main:create', factory: true, processes: 1, config })[1]).toBe('main:create()');
});

test('refuses a number that is not whole', () => {
  expect(() => gunicornConfig({ ...VALUES, port: 8000.5 })).toThrow(RangeError);
  expect(() => gunicornConfig({ ...VALUES, gracefulSeconds: Number.NaN })).toThrow(RangeError);
});

describe.runIf(PYTHON)('in Python', () => {
  test('a string is the same string, whatever it holds', () => {
    const hostile = ['', '"', '\\', '\\"', "'''", '"""', '\n\r\t\0', '\u2028', '{x}', '%s', '#', 'é', '𝄞', '\ud800'];
    const strings = [
      ...hostile,
      ...fc.sample(fc.string({ unit: 'binary' }), 300),
      ...fc.sample(fc.string({ unit: 'grapheme' }), 200),
    ];
    const read = python(
      'import ast, json, sys; print(json.dumps([ast.literal_eval(line) for line in sys.stdin.read().splitlines()]))',
      strings.map(pythonString).join('\n'),
    );
    expect(JSON.parse(read)).toEqual(strings);
  });

  test('a hostile value changes one literal and no more', () => {
    const evil = '"\nimport os\n#\\';
    const names = python(
      NAMES,
      gunicornConfig({ ...VALUES, header: [evil], rootPath: evil, readyDirectory: evil, trusted: [evil] }),
    );
    expect(names).toBe(python(NAMES, gunicornConfig(VALUES)));
  });
});

/** Every statement of a program, without the values of its strings. */
const NAMES = `
import ast, sys
class Blank(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node
    def visit_List(self, node):
        return ast.Constant("")
print(ast.dump(Blank().visit(ast.parse(sys.stdin.read()))))
`;

function python(program: string, input: string): string {
  return execFileSync('python3', ['-c', program], { input, encoding: 'utf8' });
}
