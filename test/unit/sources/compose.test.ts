import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.js';
import { readComposeFile } from '../../../src/sources/compose/compose-file.js';
import { dockerfileFacts, healthPath } from '../../../src/sources/compose/dockerfile-facts.js';
import { imageKind, imageParts } from '../../../src/sources/compose/images.js';
import { interpolate } from '../../../src/sources/compose/interpolate.js';
import { entryAt, nodeAt, parseCompose, textAt } from '../../../src/sources/compose/node.js';
import { serverCommand } from '../../../src/sources/compose/server-command.js';
import { taskKind, taskWords } from '../../../src/sources/compose/task-command.js';
import { variableLines } from '../../../src/sources/compose/variables.js';
import { commandIn, shellSteps } from '../../../src/sources/compose/words.js';

const VALUES = new Map([
  ['NAME', 'shop'],
  ['EMPTY', ''],
]);

describe('variables in a Compose file', () => {
  test.each([
    ['plain', 'plain'],
    ['$NAME-1', 'shop-1'],
    ['${NAME}s', 'shops'],
    ['${OTHER:-a b}', 'a b'],
    ['${EMPTY:-full}', 'full'],
    ['${EMPTY-full}', ''],
    ['${OTHER-full}', 'full'],
    ['${OTHER:-${NAME}-${MORE:-x}}', 'shop-x'],
    ['${NAME:+set}', 'set'],
    ['${EMPTY:+set}', ''],
    ['${EMPTY+set}', 'set'],
    ['${NAME:?say it}', 'shop'],
    ['$$NAME costs 5$', '$NAME costs 5$'],
    ['${1} ${', '${1} ${'],
  ])('%s is %s', (raw, text) => {
    expect(interpolate(raw, VALUES).text).toBe(text);
  });

  test('that nothing sets are named', () => {
    expect(interpolate('${A}-${B:-b}-${C:?c}', VALUES)).toMatchObject({ names: ['A', 'B', 'C'], unset: ['A', 'C'] });
  });

  test('come from lines of a file, with quotes and comments taken off', () => {
    const text = '# all\nA=1\nexport B="two words" # why\nC=\'#3\'\n  D = 4 # four\nno line\nE=\n';
    expect(variableLines('.env', text).map(({ name, value, at }) => [name, value, at.line])).toEqual([
      ['A', '1', 2],
      ['B', 'two words', 3],
      ['C', '#3', 4],
      ['D', '4', 5],
      ['E', '', 7],
    ]);
  });
});

const parse = (text: string) => parseCompose('compose.yaml', text, VALUES);

describe('the YAML of a Compose file', () => {
  test('has anchors and merge keys followed, what is written itself before what is merged', () => {
    const root = parse('x: &a {image: one, port: 1}\ny: &b {image: two, user: me}\nz:\n  <<: [*a, *b]\n  port: 3\n');
    expect([textAt(root, 'z', 'image'), textAt(root, 'z', 'port'), textAt(root, 'z', 'user')]).toEqual([
      'one',
      '3',
      'me',
    ]);
    expect(entryAt(root, 'z', 'user')?.at).toEqual({ file: 'compose.yaml', line: 2, column: 20 });
  });

  test('keeps numbers as they are written', () => {
    expect(textAt(parse('a: 3.10\nb: 0o17\nc: 1_000\n'), 'a')).toBe('3.10');
  });

  test('that is none is refused with every line', () => {
    const bad = () => parse('a: [1\nb: "\n');
    expect(bad).toThrow(UserError);
    expect(bad).toThrow(/^compose\.yaml:\d+:\d+: this is no YAML: /);
  });

  test.each([
    ['a list', '- a\n'],
    ['a text', 'hello\n'],
    ['nothing', ''],
  ])('that is %s is refused', (_, text) => {
    expect(() => parse(text)).toThrow('a Compose file is a map with the key services');
  });

  test('whose anchors grow without end, or name themselves, is refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 8; n++)
      lines.push(
        `a${n}: &a${n} [${Array(10)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    expect(() => parse(lines.join('\n'))).toThrow('more than 50000 values');
    expect(() => parse('a: &a\n  b: *a\n')).toThrow('*a stands inside of what it repeats; write that out');
  });
});

const read = (files: Readonly<Record<string, string>>) => readComposeFile('compose.yaml', (path) => files[path]);

describe('what a service extends', () => {
  test('lies below it: maps are merged, lists added up, commands replaced', () => {
    const { services } = read({
      'compose.yaml':
        'services:\n  base:\n    command: [a, b]\n    ports: ["1:1"]\n    environment: {A: 1, B: 2}\n    depends_on: [db]\n  api:\n    extends: {service: base}\n    command: [c]\n    ports: ["2:2"]\n    environment: [B=3]\n',
    });
    const api = services.find(({ id }) => id === 'api')?.node;
    const texts = (key: string) => {
      const node = nodeAt(api, key);
      return node?.kind === 'list' ? node.items.map((item) => (item.kind === 'scalar' ? item.text : '')) : undefined;
    };
    expect([texts('command'), texts('ports'), texts('depends_on')]).toEqual([['c'], ['1:1', '2:2'], undefined]);
    expect([textAt(api, 'environment', 'A'), textAt(api, 'environment', 'B')]).toEqual(['1', '3']);
  });

  test('is listed where it cannot be found, and refused where it goes in a circle', () => {
    const { left } = read({ 'compose.yaml': 'services:\n  a:\n    extends: {file: none.yaml, service: b}\n' });
    expect(left).toMatchObject([
      { path: 'services.a.extends', message: 'not followed: none.yaml cannot be read', at: { line: 3 } },
    ]);
    expect(() => read({ 'compose.yaml': 'services:\n  a: {extends: b}\n  b: {extends: a}\n' })).toThrow(
      'compose.yaml:2:7: services.a.extends leads back to a itself; take it out',
    );
  });
});

describe('commands', () => {
  test.each([
    ['a "b c" d\\ e', [['a', 'b c', 'd e']]],
    ['a && b; c', [['a'], ['b'], ['c']]],
    ['set -e\na', [['a']]],
    ["'' x", [['', 'x']]],
    ['a || b', undefined],
    ['if true; then a; fi', undefined],
    ['a > b', undefined],
    ['"open', undefined],
  ])('%s', (line, steps) => {
    expect(shellSteps(line)).toEqual(steps);
  });

  test('behind sh -c are those of its line', () => {
    expect(commandIn(['/bin/bash', '-ec', 'a && b']).steps).toEqual([['a'], ['b']]);
  });

  test.each([
    ['uvicorn main:app', { module: 'main:app', workers: undefined, port: undefined }],
    ['uvicorn --workers=4 --host 0.0.0.0 --port 80 app.main:app', { module: 'app.main:app', workers: 4, port: 80 }],
    [
      'python -m uvicorn --factory shop:make --root-path /api',
      { module: 'shop:make', factory: true, rootPath: '/api' },
    ],
    ['poetry run uvicorn main:app --reload --log-level debug', { left: ['--reload', '--log-level debug'] }],
    ['uv run --no-dev uvicorn main:app', { module: 'main:app' }],
    [
      '/venv/bin/gunicorn -k uvicorn.workers.UvicornWorker -w2 -b :9000 a.b',
      { module: 'a.b:app', workers: 2, port: 9000 },
    ],
    ['gunicorn -k uvicorn_worker.UvicornWorker "a:make()"', { module: 'a:make', factory: true }],
    ['fastapi run backend/main.py --workers 3', { module: 'backend.main:app', workers: 3 }],
    ['fastapi run', { module: undefined }],
    ['fastapi run --entrypoint shop.api:web', { module: 'shop.api:web' }],
    ['hypercorn -b 0.0.0.0:7000 main:app', { module: 'main:app', port: 7000 }],
    ['granian --interface asgi main:app', { module: 'main:app' }],
    ['daphne -p 8001 main:app', { module: 'main:app', port: 8001 }],
    [
      'opentelemetry-instrument --traces_exporter=otlp uvicorn main:app',
      { module: 'main:app', left: ['opentelemetry-instrument'] },
    ],
    ['./wait-for-it.sh db:5432 -t 30 -- uvicorn main:app', { module: 'main:app' }],
    ['tini -- exec uvicorn main:app', { module: 'main:app' }],
  ])('that serve an ASGI application: %s', (line, expected) => {
    expect(serverCommand(shellSteps(line)![0]!)).toMatchObject(expected);
  });

  test.each([
    'gunicorn shop.wsgi:application',
    'granian --interface wsgi main:app',
    'celery -A a worker',
    'python main.py',
  ])('that serve none: %s', (line) => {
    expect(serverCommand(shellSteps(line)![0]!)).toBeUndefined();
  });

  test.each([
    ['celery -A a worker -l info', 'worker', ['celery', '-A', 'a', 'worker', '-l', 'info']],
    [
      'poetry run celery -A a beat',
      'scheduler',
      ['celery', '-A', 'a', 'beat', '--schedule', '/tmp/celerybeat-schedule'],
    ],
    ['celery -A a beat -s /tmp/x', 'scheduler', ['celery', '-A', 'a', 'beat', '-s', '/tmp/x']],
    ['celery -A a flower', 'monitor', ['celery', '-A', 'a', 'flower']],
    ['uv run python -m shop.consumer', undefined, ['python', '-m', 'shop.consumer']],
    ['python -m alembic upgrade head', 'migration', ['alembic', 'upgrade', 'head']],
    ['taskiq scheduler a:b', 'scheduler', ['taskiq', 'scheduler', 'a:b']],
    ['crond -f', 'clock', ['crond', '-f']],
    ['bash run.sh', undefined, ['bash', 'run.sh']],
  ])('that run tasks: %s', (line, kind, words) => {
    const step = shellSteps(line)![0]!;
    expect([taskKind(step), taskWords(step)]).toEqual([kind, words]);
  });
});

describe('a Dockerfile of somebody', () => {
  test('says its command, its check and its packages, from the stage that is built and those below', () => {
    const text =
      'FROM python:3.13 AS base\n# RUN apt-get install evil\nENV PORT=9000\nRUN apt-get update && apt-get install -y \\\n    libpq5 gcc libmagic1=1.0 \\\n && rm -rf x\nHEALTHCHECK CMD curl -f http://localhost:${PORT}/up || exit 1\nFROM base AS dev\nCMD ["uvicorn", "dev:app"]\nFROM base\nENTRYPOINT ["exec"]\nCMD uvicorn main:app --port ${PORT} --workers ${N:-3}\n';
    expect(dockerfileFacts(text)).toMatchObject({
      base: 'python:3.13',
      health: '/up',
      packages: ['libmagic1', 'libpq5'],
    });
    expect(dockerfileFacts(text, 'dev').command?.words).toEqual(['uvicorn', 'dev:app']);
    const only = text.replace('ENTRYPOINT ["exec"]\n', '');
    expect(serverCommand(dockerfileFacts(only).command!.steps![0]!)).toMatchObject({ port: 9000, workers: 3 });
  });

  test.each([
    ['curl -f http://localhost:8000/health || exit 1', '/health'],
    ['wget -qO- http://127.0.0.1/', '/'],
    [`python -c "urlopen('http://0.0.0.0:80/a/b?c=1')"`, '/a/b?c=1'],
    ['curl http://example.com/x', undefined],
    ['pg_isready', undefined],
  ])('asks %s', (check, path) => {
    expect(healthPath(check)).toBe(path);
  });
});

test.each([
  ['postgres:17-alpine', 'postgres', '17-alpine'],
  ['docker.io/bitnami/postgresql@sha256:0', 'postgres', ''],
  ['localhost:5000/valkey/valkey:8', 'redis', '8'],
  ['ghcr.io/acme/nginx:1.27', 'edge', '1.27'],
  ['acme/api:2', undefined, '2'],
])('the image %s is %s', (reference, kind, tag) => {
  expect([imageKind(reference), imageParts(reference).tag]).toEqual([kind, tag]);
});
