import { describe, expect, test } from 'vitest';
import { messages, read, SHOP, UV, uvLock, GOOD } from './folder.js';

const { 'main.py': _, ...BARE } = UV;

describe('the module', () => {
  test.each([
    ['main:app', { 'main.py': 'app = FastAPI()' }, '.'],
    ['shop.main:app', { 'shop/main.py': 'app: FastAPI = FastAPI()' }, '.'],
    ['shop:app', { 'shop/__init__.py': 'from .main import app' }, '.'],
    ['shop.main:app', { 'src/shop/main.py': 'app = FastAPI()' }, 'src'],
    ['main:app', { 'main.py': 'from framework import *' }, '.'],
  ])('%s is found', (module, files, importRoot) => {
    const { source, complaints } = read({ ...BARE, ...files }, { module });
    expect(complaints).toEqual([]);
    expect(source?.importRoot).toBe(importRoot);
  });

  test('may be in a member of the workspace', () => {
    const lock = uvLock({
      ...GOOD,
      core: { source: 'editable = "libs/core"' },
      shop: { ...SHOP, needs: [...SHOP.needs, 'core'] },
    });
    const files = { ...BARE, 'uv.lock': lock, 'libs/core/src/core/main.py': 'app = FastAPI()' };
    expect(read(files, { module: 'core.main:app' }).complaints).toEqual([]);
  });

  test.each([
    [
      'mian:app',
      { 'main.py': 'app = FastAPI()' },
      'names a file mian.py that source does not hold; did you mean "main:app"?',
    ],
    [
      'main:app',
      { 'app/main.py': 'app = FastAPI()' },
      'names a file main.py that source does not hold; did you mean "app.main:app"?',
    ],
    [
      'server:app',
      { 'shop/web.py': 'app = Starlette()' },
      'names a file server.py that source does not hold; did you mean "shop.web:app"?',
    ],
    [
      'shop.main:app',
      {},
      'names a file shop/main.py that source does not hold; it is looked for in source and in its src folder',
    ],
    ['main:app', { 'main.py': 'api = FastAPI()' }, 'names app, which its file does not hold; did you mean "main:api"?'],
    [
      'main:app',
      { 'main.py': 'print()' },
      'names app, which its file does not hold; name the application that it makes',
    ],
  ])('%s is not found', (module, files, message) => {
    expect(messages(read({ ...BARE, ...files }, { module }))).toEqual([`module ${JSON.stringify(module)} ${message}`]);
  });

  test('that is a function needs factory', () => {
    const files = { ...BARE, 'main.py': 'def create():\n    return FastAPI()\n' };
    expect(messages(read(files, { module: 'main:create', factory: false }))).toEqual([
      expect.stringContaining('set factory: true'),
    ]);
    expect(messages(read(files, { module: 'main:create', factory: true }))).toEqual([]);
  });

  test('that is an attribute of an attribute is a matter of Gunicorn alone', () => {
    const reading = read({ ...BARE, 'main.py': 'service = Service()' }, { module: 'main:service.app' });
    expect(reading.source).toBeDefined();
    expect(reading.complaints).toEqual([
      {
        id: 'module-nested',
        prop: 'module',
        flavour: 'gunicorn',
        message:
          'module "main:service.app" names an attribute of an attribute, which Gunicorn cannot import; write "app = service.app" into main and name that',
      },
    ]);
  });
});
