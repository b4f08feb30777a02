import { describe, expect, test } from 'vitest';
import { readSource } from '../../../src/sources/read-source.js';
import { folder, GOOD, MAIN, messages, read, SHOP, UV, uvLock } from './folder.js';

const LOCKED = {
  fastapi: '0.165.0',
  h11: '0.16.0',
  httptools: '0.9.0',
  starlette: '1.10.0',
  uvicorn: '0.54.0',
  uvloop: '0.23.0',
};

describe('uv', () => {
  test('locks a project of its own', () => {
    expect(read(UV)).toMatchObject({
      complaints: [],
      source: {
        context: '.',
        folder: '.',
        python: { minor: '3.14', from: 'requires-python in pyproject.toml' },
        dependencies: { manager: 'uv', lock: 'uv.lock', files: ['pyproject.toml'], project: false, members: [] },
        importRoot: '.',
        locked: LOCKED,
      },
    });
  });

  test('needs uv.toml, which may name an index', () => {
    expect(read({ ...UV, 'uv.toml': '' }).source?.dependencies?.files).toEqual(['pyproject.toml', 'uv.toml']);
  });

  test('installs a project that is a package', () => {
    const lock = uvLock({ ...GOOD, shop: { ...SHOP, source: 'editable = "."' } });
    expect(read({ ...UV, 'uv.lock': lock }).source?.dependencies).toMatchObject({ project: true, members: ['.'] });
  });

  test('counts what the project needs on Linux, and nothing else', () => {
    const packages = {
      ...GOOD,
      uvicorn: {
        version: '0.54.0',
        needs: ['h11'],
        extras: { standard: ['httptools', "uvloop; sys_platform == 'win32'"] },
      },
      other: { needs: ['gunicorn'] },
      gunicorn: { version: '20.0' },
      shop: SHOP,
    };
    const reading = read({ ...UV, 'uv.lock': uvLock(packages) });
    expect(messages(reading)).toEqual([expect.stringMatching(/^uvloop is missing in uv\.lock/)]);
    expect(reading.source?.locked).not.toHaveProperty('gunicorn');
  });

  test.each(['uv.lock', 'poetry.lock', 'pdm.lock', 'pylock.toml'])(
    'says where a broken %s is broken, and nothing that merely follows from it',
    (file) => {
      const { 'uv.lock': _, ...files } = UV;
      const { complaints } = read({ ...files, [file]: 'version = \n' });
      expect(complaints.map(({ message }) => message)).toEqual([
        expect.stringMatching(new RegExp(`^${file} is not TOML at line 1, column \\d+: `)),
      ]);
    },
  );

  test('of a workspace that is broken is all that is said of its members', () => {
    const files = { 'api/pyproject.toml': UV['pyproject.toml'], 'api/main.py': 'app = 1', 'uv.lock': 'version = \n' };
    const root = { 'pyproject.toml': '[tool.uv.workspace]\nmembers = ["api"]\n' };
    expect(messages(read({ ...root, ...files }, { source: 'api' }))).toEqual([
      expect.stringMatching(/^uv\.lock is not TOML at line 1/),
    ]);
  });

  test('that is broken does not hide what is wrong besides it', () => {
    const files = { ...UV, 'uv.lock': 'version = \n', 'pyproject.toml': '[project\n' };
    expect(messages(read(files)).map((message) => message.replace(/ at line.*/, ''))).toEqual([
      'uv.lock is not TOML',
      'pyproject.toml is not TOML',
    ]);
  });

  test('refuses a package outside of the build context', () => {
    const lock = uvLock({
      ...GOOD,
      core: { source: 'directory = "../core"' },
      shop: { ...SHOP, needs: [...SHOP.needs, 'core'] },
    });
    expect(messages(read({ ...UV, 'uv.lock': lock }))).toEqual([
      expect.stringContaining('uv.lock installs a package from ../core'),
    ]);
  });
});

describe('a uv workspace', () => {
  const WORKSPACE = {
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n',
    'uv.lock': uvLock({
      ...GOOD,
      api: { source: 'virtual = "services/api"', needs: [...SHOP.needs, 'core'] },
      web: { source: 'virtual = "services/web"' },
      core: { source: 'editable = "libs/core"', needs: ['deep'] },
      deep: { source: 'editable = "libs/deep"' },
    }),
    'services/api/main.py': 'app = FastAPI()',
    'services/api/pyproject.toml': '',
    'services/web/pyproject.toml': '',
    'libs/core/pyproject.toml': '',
    'libs/deep/pyproject.toml': '',
    'README.md': '',
  };

  test('is the build context of its members', () => {
    const { source, complaints } = read(WORKSPACE, { source: 'services/api' });
    expect(complaints).toEqual([]);
    expect(source).toMatchObject({
      context: '.',
      folder: 'services/api',
      dependencies: { manager: 'uv', package: 'api', project: false, members: ['libs/core', 'libs/deep'] },
    });
  });

  test('sends a build only what its member needs', () => {
    const first = read(WORKSPACE, { source: 'services/api' }).source;
    expect(first?.dockerignore.split('\n').slice(0, 10)).toEqual(
      '* !libs/core !libs/core/pyproject.toml !libs/deep !libs/deep/pyproject.toml !pyproject.toml !services/api !services/api/pyproject.toml !services/web/pyproject.toml !uv.lock'.split(
        ' ',
      ),
    );
    expect(
      read({ ...WORKSPACE, 'services/web/main.py': '1', 'README.md': '1' }, { source: 'services/api' }).source?.digest,
    ).toBe(first?.digest);
    expect(read({ ...WORKSPACE, 'libs/deep/deep.py': '1' }, { source: 'services/api' }).source?.digest).not.toBe(
      first?.digest,
    );
  });

  test('may lie above the project root', () => {
    const directory = `${folder(WORKSPACE)}/services`;
    expect(readSource({ directory, source: 'api', module: 'main:app' }).source).toMatchObject({
      context: '..',
      folder: 'services/api',
    });
  });

  test('is not asked by a folder that it does not know', () => {
    const files = {
      ...WORKSPACE,
      'services/new/pyproject.toml': '[project]\nname = "new"',
      'services/new/main.py': 'app = 1',
    };
    expect(messages(read(files, { source: 'services/new' }))).toEqual([
      expect.stringMatching(
        /^source "services\/new" has no lock file .* run there: uv lock \(its workspace has a uv\.lock that does not know this folder\)$/,
      ),
    ]);
  });
});

describe('Poetry', () => {
  const lock = (groups: string) =>
    Object.entries(LOCKED)
      .map(([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\noptional = false\n${groups}`)
      .join('\n\n') + '\n[metadata]\npython-versions = "^3.11"\n';
  const POETRY = {
    ...MAIN,
    'pyproject.toml':
      '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\n[build-system]\nrequires = ["poetry-core"]\n',
    'poetry.lock': lock('groups = ["main"]'),
  };

  test.each(['groups = ["main"]', 'category = "main"', ''])('locks main packages (%s)', (groups) => {
    expect(read({ ...POETRY, 'poetry.lock': lock(groups) })).toMatchObject({
      complaints: [],
      source: {
        locked: LOCKED,
        dependencies: { manager: 'poetry', lock: 'poetry.lock', files: ['pyproject.toml'], project: false },
      },
    });
  });

  test('does not count what only development needs', () => {
    expect(messages(read({ ...POETRY, 'poetry.lock': lock('groups = ["dev"]') }))[0]).toMatch(
      /^uvicorn is missing in poetry\.lock: .*run: poetry add 'uvicorn\[standard\]>=0\.51'$/,
    );
  });

  test('installs the project only where it finds its package', () => {
    expect(read({ ...POETRY, 'shop/__init__.py': '' }).source?.dependencies?.project).toBe(true);
    expect(read({ ...POETRY, 'src/shop/__init__.py': '' }).source?.dependencies?.project).toBe(true);
    const off = POETRY['pyproject.toml'].replace('name', 'package-mode = false\nname');
    expect(read({ ...POETRY, 'shop/__init__.py': '', 'pyproject.toml': off }).source?.dependencies?.project).toBe(
      false,
    );
  });

  test.each([
    ['directory', 'libs/core', true],
    ['file', 'libs/core.whl', true],
    ['git', 'https://example.com/core.git', true],
    ['url', 'https://example.com/core.whl', true],
    ['legacy', 'https://example.com/simple', false],
  ])('tells what an index has from what lies in a %s', (type, url, direct) => {
    const core = `[[package]]\nname = "core"\nversion = "1"\noptional = false\ngroups = ["main"]\n[package.source]\ntype = "${type}"\nurl = "${url}"\n\n`;
    const { source } = read({ ...POETRY, 'poetry.lock': `${core}${POETRY['poetry.lock']}` });
    expect(source?.dependencies).toMatchObject({ direct, members: type === 'directory' ? [url] : [] });
  });

  test('spells Python versions in a way of its own', () => {
    const pinned = (python: string) =>
      read({
        ...POETRY,
        'pyproject.toml': POETRY['pyproject.toml'].replace('^3.11', python),
        'poetry.lock': POETRY['poetry.lock'].replace('^3.11', python),
      });
    expect(pinned('^3.11').source?.python.minor).toBe('3.14');
    expect(pinned('~3.12').source?.python.minor).toBe('3.12');
    expect(pinned('3.13.*').source?.python.minor).toBe('3.13');
    expect(pinned('>=3.11,<3.13 || 3.10.*').source?.python.minor).toBe('3.12');
  });
});

test('PDM locks its default group', () => {
  const packages = Object.entries(LOCKED).map(
    ([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\ngroups = ["default"]`,
  );
  const files = {
    ...MAIN,
    'pyproject.toml': '[project]\nname = "shop"\n[build-system]\nrequires = ["pdm-backend"]\n',
    'pdm.lock': [...packages, '[[package]]\nname = "gunicorn"\nversion = "20.0"\ngroups = ["dev"]'].join('\n'),
  };
  expect(read(files)).toMatchObject({
    complaints: [],
    source: { locked: LOCKED, dependencies: { manager: 'pdm', lock: 'pdm.lock', project: true } },
  });
  const off = `${files['pyproject.toml']}[tool.pdm]\ndistribution = false\n`;
  expect(read({ ...files, 'pyproject.toml': off }).source?.dependencies?.project).toBe(false);
});

test('pylock.toml locks what its markers let in', () => {
  const packages = Object.entries(LOCKED).map(
    ([name, version]) => `[[packages]]\nname = "${name}"\nversion = "${version}"`,
  );
  const old = '[[packages]]\nname = "gunicorn"\nversion = "20.0"\nmarker = "python_version < \'3.12\'"';
  expect(read({ ...MAIN, 'pylock.toml': ['requires-python = ">=3.12"', ...packages, old].join('\n') })).toMatchObject({
    complaints: [],
    source: {
      locked: LOCKED,
      python: { minor: '3.14', from: 'pylock.toml' },
      dependencies: { manager: 'pip', lock: 'pylock.toml' },
    },
  });
});

describe('requirements.txt', () => {
  const PINS = Object.entries(LOCKED).map(([name, version]) => `${name}==${version}`);

  test('locks what it pins', () => {
    const text = [
      '# a comment',
      '--index-url https://example.com/simple',
      ...PINS,
      "gunicorn==20.0 ; sys_platform == 'win32'",
      '',
    ].join('\n');
    expect(read({ ...MAIN, 'requirements.txt': text })).toMatchObject({
      complaints: [],
      source: { locked: LOCKED, dependencies: { manager: 'pip', lock: 'requirements.txt', files: [], hashes: false } },
    });
  });

  test('includes other files, and constraints', () => {
    const files = {
      ...MAIN,
      'requirements.txt': '-r requirements/base.txt\n-c constraints.txt\nuvicorn[standard]\n',
      'requirements/base.txt': '--requirement=more.txt # nested\nfastapi==0.165.0',
      'requirements/more.txt': 'Starlette == 1.10.0',
      'constraints.txt': PINS.join('\n'),
    };
    const { source, complaints } = read(files);
    expect(complaints).toEqual([]);
    expect(source?.dependencies?.files).toEqual(['requirements/base.txt', 'requirements/more.txt', 'constraints.txt']);
    expect(source?.locked).toEqual(LOCKED);
  });

  test('knows hashes', () => {
    const hashed = PINS.map(
      (pin) =>
        `${pin} \\\n    --hash=sha256:${'0'.repeat(64)} \\\n    --hash=sha256:${'1'.repeat(64)}\n    # via something`,
    );
    expect(read({ ...MAIN, 'requirements.txt': hashed.join('\n') }).source?.dependencies?.hashes).toBe(true);
    expect(messages(read({ ...MAIN, 'requirements.txt': [...hashed, '-e .'].join('\n') }))).toEqual([
      expect.stringContaining('which pip refuses together'),
    ]);
  });

  test('names the folders that it installs from', () => {
    const text = [...PINS, '-e ./libs/core', 'deep @ file:./libs/deep', 'other @ https://example.com/other.whl'].join(
      '\n',
    );
    expect(read({ ...MAIN, 'requirements.txt': text }).source?.dependencies?.members).toEqual([
      'libs/core',
      'libs/deep',
    ]);
  });

  test.each([
    [
      'a package without a version',
      ['uvicorn[standard]', 'fastapi>=0.100'],
      'pins no version of uvicorn, fastapi; write what you need into requirements.in and run',
    ],
    ['a version with a star', [...PINS, 'httpx==0.28.*'], 'pins no version of httpx;'],
    ['only what was asked for', ['uvicorn==0.54.0', 'uvloop==1', 'httptools==1'], 'pins uvicorn but not h11'],
  ])('is no lock with %s', (_, lines, message) => {
    const complaints = read({ ...MAIN, 'requirements.txt': lines.join('\n') }).complaints.filter(
      ({ id }) => id === 'requirements-unpinned',
    );
    expect(complaints.map(({ message }) => message)).toEqual([expect.stringContaining(message)]);
  });

  test('says which file is missing', () => {
    expect(messages(read({ ...MAIN, 'requirements.txt': ['-r base.txt', ...PINS].join('\n') }))).toEqual([
      'requirements.txt includes base.txt, which is not there; write it, or take that line out',
    ]);
  });
});

describe('no lock file', () => {
  test.each([
    ['Pipfile.lock is not read: run there: pipenv requirements --hash > requirements.txt', { 'Pipfile.lock': '{}' }],
    [
      'run there: uv pip compile --generate-hashes requirements.in -o requirements.txt',
      { 'requirements.in': 'fastapi' },
    ],
    ['run there: uv lock', { 'pyproject.toml': '[project]\nname = "shop"' }],
    ['run there: poetry lock', { 'pyproject.toml': '[tool.poetry]\nname = "shop"' }],
    ['run there: pdm lock', { 'pyproject.toml': '[build-system]\nrequires = ["pdm-backend"]' }],
    [`run there: uv init --bare && uv add fastapi 'uvicorn[standard]'`, {}],
  ])('leads to: %s', (advice, files) => {
    const reading = read({ ...MAIN, ...files });
    expect(messages(reading)).toEqual([expect.stringMatching(/^source "\." has no lock file \(uv\.lock, /)]);
    expect(messages(reading)[0]?.endsWith(advice)).toBe(true);
    expect(reading.source).toBeUndefined();
  });

  test('is no matter for a Dockerfile of the user', () => {
    expect(read({ Dockerfile: 'FROM x' }, { build: { dockerfile: 'Dockerfile' } })).toMatchObject({
      complaints: [],
      source: { context: '.', dockerfile: 'Dockerfile', locked: {} },
    });
    expect(messages(read({}, { build: { dockerfile: 'Dockerfile' } }))).toEqual([
      'build.dockerfile "Dockerfile" is not a file in source "."; name one that is there',
    ]);
  });
});

test('a folder that is not there leads to one that is', () => {
  const directory = folder({ 'api/main.py': '' });
  expect(messages(readSource({ directory, source: './apy', module: 'main:app' }))).toEqual([
    'source "./apy" is not a folder; did you mean "./api"?',
  ]);
});
