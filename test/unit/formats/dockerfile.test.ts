import { DockerfileParser } from 'dockerfile-ast';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dockerfile, type DockerfileDependencies, type DockerfileValues } from '../../../src/formats/dockerfile.js';

const PLAIN = { project: false, members: [], files: ['pyproject.toml'], hashes: true } as const;

const DEPENDENCIES = {
  uv: { ...PLAIN, manager: 'uv', lock: 'uv.lock' },
  'uv-workspace': {
    ...PLAIN,
    manager: 'uv',
    lock: 'uv.lock',
    package: 'shop-api',
    project: true,
    members: ['services/api', 'libs/core'],
  },
  poetry: { ...PLAIN, manager: 'poetry', lock: 'poetry.lock', project: true },
  'poetry-with-folder': {
    ...PLAIN,
    manager: 'poetry',
    lock: 'poetry.lock',
    project: true,
    members: ['libs/core'],
    direct: true,
  },
  pdm: { ...PLAIN, manager: 'pdm', lock: 'pdm.lock', project: true },
  pip: { ...PLAIN, manager: 'pip', lock: 'requirements.txt', files: ['requirements/base.txt'] },
  'pip-with-folder': {
    ...PLAIN,
    manager: 'pip',
    lock: 'requirements.txt',
    files: [],
    members: ['libs/core'],
    hashes: false,
  },
} as const satisfies Record<string, DockerfileDependencies>;

const VALUES: DockerfileValues = {
  header: ['Made by asgi-synth from stacks/shop.ts.'],
  base: 'python:3.14.8-slim-trixie',
  flavour: 'gunicorn',
  module: 'main:app',
  factory: false,
  port: 8000,
  folder: '.',
  importRoot: '.',
  dependencies: DEPENDENCIES.uv,
  locked: {},
  systemPackages: [],
  arguments: {},
  secrets: {},
  folders: [],
};

describe('a Dockerfile', () => {
  test.each(Object.keys(DEPENDENCIES) as (keyof typeof DEPENDENCIES)[])('for %s', async (name) => {
    const folder = name === 'uv-workspace' ? { folder: 'services/api', importRoot: 'src' } : {};
    await expect(dockerfile({ ...VALUES, ...folder, dependencies: DEPENDENCIES[name] })).toMatchFileSnapshot(
      `expected/${name}.Dockerfile`,
    );
  });

  test('with all that a build can be given', async () => {
    const all = dockerfile({
      ...VALUES,
      flavour: 'uvicorn',
      module: 'shop.main:create',
      factory: true,
      importRoot: 'src',
      systemPackages: ['libpq5', 'libmagic1'],
      arguments: { VERSION: '1.4 $HOME "x" \\' },
      secrets: { UV_INDEX_PRIVATE_PASSWORD: {}, netrc: { target: '/root/.netrc' } },
      folders: ['/data'],
    });
    await expect(all).toMatchFileSnapshot('expected/all.Dockerfile');
  });

  test('adds only what is not locked, and only where Gunicorn runs', () => {
    expect(dockerfile({ ...VALUES, flavour: 'uvicorn' })).not.toContain('gunicorn');
    expect(dockerfile({ ...VALUES, locked: { gunicorn: '27.0.1' } })).toMatch(
      /constraints\.txt uvicorn-worker==0\.4\.0$/m,
    );
    expect(dockerfile({ ...VALUES, locked: { gunicorn: '27.0.1', 'uvicorn-worker': '0.4.0' } })).not.toContain(
      'constraints.txt',
    );
  });

  test('asks for nothing that the BuildKit of Engine 20.10 does not know', () => {
    for (const dependencies of Object.values(DEPENDENCIES)) {
      const text = dockerfile({ ...VALUES, dependencies });
      expect(text).not.toMatch(/^# *(syntax|escape|check) *=|<<|--link|--chmod|,env=|^COPY.*--parents/im);
    }
  });

  test('does not hold the value of a secret, only its name', () => {
    const text = dockerfile({ ...VALUES, secrets: { TOKEN: {} } });
    expect(text.match(/TOKEN="\$\(cat \/run\/secrets\/TOKEN\)" \/opt\/build\/bin\//g)).toHaveLength(3);
    expect(text).not.toMatch(/^(ARG|ENV).*TOKEN/m);
  });

  test('gives the secrets to each command of a step that may need them, and keeps no credentials of an index', () => {
    const text = dockerfile({ ...VALUES, dependencies: DEPENDENCIES.poetry, secrets: { TOKEN: {} } });
    const step = text.split('\nRUN ').find((one) => one.includes('poetry export')) ?? '';
    const commands = step.split('&& ');
    expect(commands.map((one) => one.includes('TOKEN="$(cat /run/secrets/TOKEN)" /opt/build/bin/'))).toEqual([
      true,
      true,
      false,
    ]);
    expect(commands.at(-1)).toMatch(/^rm \/tmp\/locked\.txt$/);
  });
});

describe('a hostile value', () => {
  const hostile = [
    '\n',
    '"',
    "'",
    '\\',
    '$HOME',
    '`id`',
    '<<EOF',
    '--mount=type=bind',
    '# syntax=evil',
    ' ',
    ';',
    '&&',
    '\u2028',
    '{{',
    '\r',
    'é',
  ];
  const evil = fc
    .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme', maxLength: 5 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join(''));

  test.each<[string, (value: string) => Partial<DockerfileValues>]>([
    ['header', (value) => ({ header: [value] })],
    ['base', (value) => ({ base: value })],
    ['module', (value) => ({ module: value })],
    ['folder', (value) => ({ folder: value })],
    ['importRoot', (value) => ({ importRoot: value })],
    ['lock', (value) => ({ dependencies: { ...DEPENDENCIES.uv, lock: value } })],
    ['file', (value) => ({ dependencies: { ...DEPENDENCIES.uv, files: [value] } })],
    ['package', (value) => ({ dependencies: { ...DEPENDENCIES.uv, package: value } })],
    ['systemPackages', (value) => ({ systemPackages: [value] })],
    ['argument', (value) => ({ arguments: { NAME: value } })],
    ['argument name', (value) => ({ arguments: { [value]: 'x' } })],
    ['secret', (value) => ({ secrets: { [value]: {} } })],
    ['secret target', (value) => ({ secrets: { TOKEN: { target: value } } })],
    ['folders', (value) => ({ folders: [value] })],
  ])('as %s is refused, or changes no instruction', (_, values) => {
    const harmless = shape(dockerfile({ ...VALUES, ...values('harmless') }));
    fc.assert(
      fc.property(evil, (value) => {
        const text = tryDockerfile({ ...VALUES, ...values(value) });
        if (text !== undefined) expect(shape(text)).toEqual(harmless);
      }),
      { numRuns: 300 },
    );
  });

  test('in an argument stands between quotes, where only three characters are live', () => {
    const text = dockerfile({ ...VALUES, arguments: { NAME: '$HOME ${x} "quoted" it\'s \\n <<EOF' } });
    expect(text).toContain('\nARG NAME="\\$HOME \\${x} \\"quoted\\" it\'s \\\\n <<EOF"\n');
  });

  test('in a command line reaches it as one word', () => {
    const text = dockerfile({ ...VALUES, folders: ['/a b'], module: 'x"y:z' });
    expect(text).toContain('RUN ["install", "-d", "-o", "10001", "-g", "10001", "--", "/a b"]');
    expect(text).toContain('CMD ["gunicorn", "x\\"y:z", ');
  });
});

/** The keywords of all instructions: what a value must never change. */
function shape(text: string): string[] {
  const instructions = DockerfileParser.parse(text).getInstructions();
  return instructions.map((instruction) => instruction.getKeyword());
}

function tryDockerfile(values: DockerfileValues): string | undefined {
  try {
    return dockerfile(values);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
