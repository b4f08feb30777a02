import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { Exit, EXIT } from '../../../src/cli/exit.js';
import { stackText } from '../../../src/cli/init/stack-text.js';
import { planStack } from '../../../src/cli/init/plan.js';
import { WORLD, type World } from '../../../src/cli/world.js';
import { discover } from '../../../src/sources/discovery/discover.js';
import { projectOf } from '../sources/discovery/projects.js';
import { runCli, runCliWith } from '../support/cli.js';
import { makeProject } from '../support/project.js';
import { LAYOUTS, type Layout } from './layouts.js';
import { transcript } from './transcript.js';

const PLAIN = LAYOUTS['plain main.py with requirements.txt']!;
const SETTINGS = LAYOUTS['a factory with pydantic-settings']!;

const fileName = (title: string) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

describe('synth init --yes', () => {
  test.each(Object.entries(LAYOUTS))('writes a stack that every target takes: %s', async (title, layout) => {
    using project = makeProject(layout);
    const result = await runCli(project.directory, 'init', '--yes');
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/init-${fileName(title)}.txt`);
    const made = await runCli(project.directory, '--target', 'all', '--out', 'out/made');
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('out/made/kubernetes/api.yaml');
  });

  test('takes a lock file that Poetry wrote', async () => {
    using project = makeProject({});
    cpSync(join(import.meta.dirname, '../../fixtures/projects/poetry'), project.directory, { recursive: true });
    const { code, stdout, stderr } = await runCli(project.directory, 'init', '--yes');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'stacks/shop.ts\npackage.json\n.gitignore\n' });
    expect(stderr).toMatch(/^FastAPI +shop\.main:app in \. +src\/shop\/main\.py:3$/m);
    expect(stderr).toMatch(/^dependencies +poetry +poetry\.lock$/m);
    expect(stderr).not.toMatch(/^(first|accepted)/m);
    expect(await runCli(project.directory, '--target', 'all')).toMatchObject({ code: 0 });
  });

  test.each(Object.entries(LAYOUTS))('writes it as prettier would: %s', async (_, layout) => {
    using project = makeProject(layout);
    const { stdout } = await runCli(project.directory, 'init', '--yes');
    const text = project.contents()[stdout.split('\n')[0] ?? ''] ?? '';
    expect(text).toBe(await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
  });
});

const NESTED = {
  ...PLAIN,
  'package.json': '{}',
  'requirements.txt': `${PLAIN['requirements.txt']}aio-pika==9.5.0\n`,
  'config.py':
    'from pydantic import BaseModel, Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\n\nclass Api(BaseModel):\n    url: str\n    token: str\n\n\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter="__")\n    api: Api\n    salt: str = Field(alias="_SALT")\n',
};

/** What may be met in a folder, as it is said. */
const MET: Readonly<Record<string, Layout>> = {
  'no application': { 'main.py': 'print("hello")\n' },
  'an application of a package above': { ...PLAIN, '__init__.py': '' },
  'versions that nobody pinned': { ...PLAIN, 'requirements.txt': 'fastapi[standard]\n' },
  'no server': { ...PLAIN, 'requirements.txt': 'fastapi\n' },
  'no lock file': { 'main.py': PLAIN['main.py']! },
  'a version that is too old': { ...PLAIN, 'requirements.txt': PLAIN['requirements.txt']!.replace('1.10.0', '0.40.0') },
  'several applications': {
    'package.json': '{}',
    'shop/main.py': PLAIN['main.py']!,
    'shop/requirements.txt': PLAIN['requirements.txt']!,
    'users/main.py': PLAIN['main.py']!,
    'users/requirements.txt': PLAIN['requirements.txt']!,
  },
  'a stack file of that name': { ...PLAIN, 'stacks/project.ts': 'export default 1;\n' },
  'another stack file': { ...PLAIN, 'package.json': '{}', 'stacks/other.ts': 'export default 1;\n' },
  'files of containers, trusted hosts and WebSockets': {
    ...PLAIN,
    'package.json': '{}',
    Dockerfile: 'FROM python\n',
    'compose.yaml': 'services: {}\n',
    'main.py': `${PLAIN['main.py']}
@app.websocket("/ws")
async def ws(socket): ...

app.add_middleware(TrustedHostMiddleware, allowed_hosts=["shop.example.com", "localhost"])
`,
  },
  'a database by host and password': {
    ...PLAIN,
    'package.json': '{}',
    'requirements.txt': `${PLAIN['requirements.txt']}psycopg==3.2.9\nsqlmodel==0.0.24\n`,
    'config.py':
      'from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    POSTGRES_SERVER: str\n    POSTGRES_PORT: int = 5432\n    POSTGRES_USER: str\n    POSTGRES_PASSWORD: str\n    POSTGRES_DB: str = ""\n',
  },
  'nested settings, and a driver of RabbitMQ': NESTED,
  'a folder that code is imported from by bare names': {
    'package.json': '{}',
    'requirements.txt': PLAIN['requirements.txt']!,
    'app/main.py': `import settings\n${PLAIN['main.py']}`,
    'app/settings.py': 'DEBUG = False\n',
  },
};

const SYNTHESIZED = [
  'nested settings, and a driver of RabbitMQ',
  'versions that nobody pinned',
  'several applications',
  'files of containers, trusted hosts and WebSockets',
  'a database by host and password',
  'a folder that code is imported from by bare names',
];

describe('what synth init says', () => {
  test.each(Object.entries(MET))('of %s', async (title, layout) => {
    using project = makeProject(layout);
    const result = await runCli(project.directory, 'init', '--yes');
    await expect(transcript(project, result)).toMatchFileSnapshot(`expected/init-${fileName(title)}.txt`);
    if (!SYNTHESIZED.includes(title)) return;
    expect(await runCli(project.directory, '--target', 'all')).toMatchObject({ code: 0 });
  });

  test('without a terminal is that --yes is missing', async () => {
    using project = makeProject(PLAIN);
    const { code, stderr } = await runCli(project.directory, 'init');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'init asks up to three questions, and there is no terminal to ask on; add --yes to take what was found\n',
    });
    expect(project.contents()).toEqual(PLAIN);
  });

  test('as JSON is what was found and written', async () => {
    using project = makeProject(SETTINGS);
    const { code, stdout, stderr } = await runCli(project.directory, 'init', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      stack: 'project',
      application: { module: 'shop.factory:create_app', factory: true, source: '.' },
      written: ['stacks/project.ts', '.env.example', '.gitignore'],
      standIns: ['ADMIN', 'PAGE_SIZE'],
      toDo: [],
      next: ['npx synth --target bare-metal'],
    });
  });

  test('of a word that it does not know', async () => {
    using project = makeProject(PLAIN);
    expect(await runCli(project.directory, 'init', 'shop')).toMatchObject({
      code: 2,
      stderr: 'unexpected "shop"; --help lists what may stand there\n',
    });
  });
});

/** Somebody who types these lines, and what they were asked. */
function typing(...answers: readonly (string | Error)[]): World & { readonly asked: string[] } {
  const asked: string[] = [];
  const left = [...answers];
  return {
    ...WORLD,
    asked,
    ask: (question) => {
      asked.push(question);
      const answer = left.shift() ?? '';
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

describe('the questions of synth init', () => {
  test('are the name and the hosts, each with what was found', async () => {
    using project = makeProject({ ...PLAIN, 'pyproject.toml': '[project]\nname = "Shop API"\n' });
    const world = typing('', 'shop.example.com www.example.com');
    expect(await runCliWith(world, project.directory, 'init')).toMatchObject({ code: 0 });
    expect(world.asked).toEqual(['Name of the stack [shop-api]: ', 'Host names that it answers, or any [any]: ']);
    expect(project.contents()['stacks/shop-api.ts']).toContain("  hosts: ['shop.example.com', 'www.example.com'],\n");
  });

  test('are which application as well, where there are several', async () => {
    using project = makeProject(MET['several applications']!);
    const world = typing('2', 'users', '');
    expect(await runCliWith(world, project.directory, 'init')).toMatchObject({ code: 0 });
    expect(world.asked[0]).toBe(
      '  1  main:app in ./shop, shop/main.py:3\n  2  main:app in ./users, users/main.py:3\nWhich application [1]: ',
    );
    expect(project.contents()['stacks/users.ts']).toContain("source: './users'");
  });

  test('are asked again after a wrong answer, which says what is right', async () => {
    using project = makeProject(PLAIN);
    const world = typing('My Shop', 'shop', 'https://shop.example.com', 'any');
    expect(await runCliWith(world, project.directory, 'init')).toMatchObject({ code: 0 });
    expect(world.asked).toEqual([
      'Name of the stack [project]: ',
      'a name has 1 to 40 lower-case letters, digits and hyphens, with a letter first\nName of the stack [project]: ',
      'Host names that it answers, or any [any]: ',
      'a host name is like shop.example.com, without scheme, port or path\nHost names that it answers, or any [any]: ',
    ]);
    expect(project.contents()['stacks/shop.ts']).not.toContain('hosts');
  });

  test('end with Ctrl-C, and then nothing is written', async () => {
    using project = makeProject(PLAIN);
    const world = typing('shop', new Exit(EXIT.interrupted));
    expect(await runCliWith(world, project.directory, 'init')).toMatchObject({ code: 130, stdout: '' });
    expect(project.contents()).toEqual(PLAIN);
  });

  test('come before a file that is there is changed, with the change; a no leaves it alone', async () => {
    using project = makeProject(SETTINGS);
    const world = typing('', '', 'no');
    const { code, stdout, stderr } = await runCliWith(world, project.directory, 'init');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'stacks/project.ts\n.gitignore\n' });
    expect(world.asked.at(-1)).toBe('Change .env.example like this? [Y/n]: ');
    expect(stderr).toContain('+SECRET_KEY=\n');
    expect(project.contents()['.env.example']).toBe(SETTINGS['.env.example']);
  });
});

describe('.gitignore', () => {
  const written = async (before: string | undefined) => {
    using project = makeProject({ ...PLAIN, ...(before === undefined ? {} : { '.gitignore': before }) });
    const { code } = await runCli(project.directory, 'init', '--yes');
    expect(code).toBe(0);
    return project.contents()['.gitignore'];
  };

  test('gets what belongs into no repository', async () => {
    expect(await written(undefined)).toBe('node_modules/\n.env\n/out/\n');
    expect(await written('.venv')).toBe('.venv\nnode_modules/\n.env\n/out/\n');
  });

  test('is left alone where it says all of that, in its own words', async () => {
    expect(await written('out\n/node_modules\n.env\n')).toBe('out\n/node_modules\n.env\n');
  });
});

describe('the text of a stack', () => {
  const textOf = (files: Layout) => {
    const { applications, about } = discover(projectOf(files));
    return stackText(planStack({ discovery: about(applications[0]!), name: 'shop', hosts: [], unpinned: undefined }));
  };

  test('has no comment that ends where a path has a line break', () => {
    const config = 'import os\nos.environ["STRIPE_API_KEY"]\nos.environ["REGION"]\n';
    const text = textOf({ 'main.py': PLAIN['main.py']!, 'a\nevil();//.py': config });
    expect(text).not.toMatch(/^evil/m);
  });

  test('has values with quotes, backslashes and line ends as texts', () => {
    const value = `it's "x" \\ y`;
    const text = textOf({
      'main.py': `${PLAIN['main.py']}import os\nos.environ["MOTTO"]\n`,
      '.env.example': `MOTTO=${value}\n`,
    });
    const written = /MOTTO: ('.*'), \/\//.exec(text)?.[1] ?? '';
    expect(new Function(`return ${written}`)()).toBe(value);
  });

  test('shares the password that the application reads under the same name', () => {
    const text = textOf({
      'main.py': `${PLAIN['main.py']}import os\nos.environ["DATABASE_URL"]\nkey = os.environ["DB_PASSWORD"]\n`,
      'requirements.txt': 'psycopg==3.2\n',
    });
    expect(text).toContain("const dbPassword = new Secret(stack, 'db_password', { as: 'environment' });\n");
    expect(text).toContain("new Postgres(stack, 'db', { version: '18', password: dbPassword, ");
    expect(text).toContain('    dbPassword, // DB_PASSWORD, main.py:');
  });
});
