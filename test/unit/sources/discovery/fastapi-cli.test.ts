import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fastapiChoice } from '../../../../src/sources/discovery/fastapi-cli.js';
import { modulesOf } from '../../../../src/sources/discovery/modules.js';
import { readProject } from '../../../../src/sources/discovery/read-project.js';
import { pythonWith } from '../../support/python.js';
import { folder } from '../folder.js';
import { CASES, fastapi } from './projects.js';

const REQUIREMENTS = ['fastapi-cli==0.0.34', 'fastapi==0.165.0'];

/** Asks fastapi-cli what it would run in each folder: a process for each, since modules of one name would meet. */
const ASK = `
import contextlib, io, json, logging, os, sys, traceback
from fastapi_cli.config import FastAPIConfig
from fastapi_cli.discover import get_import_data, get_import_data_from_import_string
import fastapi, starlette.applications
logging.disable()
def ask(place):
    os.chdir(place)
    sys.path = [one for one in sys.path if one]
    config = FastAPIConfig.resolve()
    if config.entrypoint:
        data = get_import_data_from_import_string(config.entrypoint, True)
    else:
        data = get_import_data()
    return [data.import_string, str(data.module_data.extra_sys_path)]
sys.dont_write_bytecode = True
for place in json.load(sys.stdin):
    sys.stdout.flush()
    if os.fork() == 0:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = ask(place)
        except Exception as error:
            found = ["none", type(error).__name__]
        print(json.dumps(found), flush=True)
        os._exit(0)
    os.wait()
`;

let python: string | undefined;

beforeAll(() => {
  python = pythonWith('fastapi-cli', REQUIREMENTS.join('\n'), REQUIREMENTS);
}, 300_000);

beforeEach((context) => {
  if (python === undefined) context.skip('Python or PyPI is out of reach');
});

describe('fastapi itself', () => {
  test('finds the same in every project of the table', () => {
    const asked = Object.entries(CASES).filter(([, one]) => one.fastapi !== undefined);
    const folders = asked.map(([, { files }]) => realpathSync(folder(files)));
    const answers = ask(folders);
    const said = asked.map(([title], index) => [title, answers[index]?.[0]]);
    expect(said).toEqual(asked.map(([title, one]) => [title, one.fastapi]));
    const imported = folders.map((place) => fastapiChoice(modulesOf(readProject(place)), '.')?.importFolder);
    const paths = answers.map(([name, path = ''], index) =>
      name === 'none' ? undefined : relative(folders[index]!, path) || '.',
    );
    expect(imported).toEqual(paths);
  });

  test('names a package from where it begins, above the folder that it runs in', () => {
    const outer = realpathSync(
      folder({ 'shop/__init__.py': '', 'shop/web/__init__.py': '', 'shop/web/main.py': fastapi() }),
    );
    const place = join(outer, 'shop/web');
    const choice = fastapiChoice(modulesOf(readProject(place)), '.');
    expect(ask([place])[0]).toEqual([choice?.importString, outer]);
    expect(choice).toMatchObject({ importString: 'shop.web.main:app', importFolder: undefined });
  });
});

function ask(folders: readonly string[]): string[][] {
  const { stdout, stderr } = spawnSync(python!, ['-c', ASK], { input: JSON.stringify(folders), encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  expect(lines, stderr).toHaveLength(folders.length);
  return lines.map((line) => JSON.parse(line) as string[]);
}
