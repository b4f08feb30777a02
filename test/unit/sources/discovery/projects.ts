import type { Project } from '../../../../src/sources/discovery/project.js';

/** A small project as a table has it: its files, and what is to be found. */
export interface Case {
  readonly files: Readonly<Record<string, string>>;
  /** `source module`, with ` factory` behind it, of the application that is chosen; absent: none is found. */
  readonly app?: string;
  /** Where it was found. */
  readonly from?: string;
  /** Import string that `fastapi run` uses in the project; `none` where it finds nothing. */
  readonly fastapi?: string;
}

export function projectOf(files: Readonly<Record<string, string>>, rest: Partial<Project> = {}): Project {
  return { name: 'project', files: new Map(Object.entries(files)), outerPackages: [], ...rest };
}

/** Code that makes an application under a name. */
export const fastapi = (name = 'app') => `from fastapi import FastAPI\n\n${name} = FastAPI()\n`;

export const REQUIREMENTS = { 'requirements.txt': 'fastapi==0.165.0\nuvicorn==0.54.0\n' };

const FACTORY = 'from fastapi import FastAPI\n\ndef create_app() -> FastAPI:\n    app = FastAPI()\n    return app\n';
const STARLETTE = 'from starlette.applications import Starlette\n\napp = Starlette()\n';
const entry = (value: string) => `[project]\nname = "shop"\n\n[tool.fastapi]\nentrypoint = "${value}"\n`;
const NAMED = '[project]\nname = "shop"\n';

export const CASES: Readonly<Record<string, Case>> = {
  'main.py beside its requirements': {
    files: { 'main.py': fastapi(), ...REQUIREMENTS },
    app: '. main:app',
    from: 'main.py:3',
    fastapi: 'main:app',
  },
  'app.py': { files: { 'app.py': fastapi() }, app: '. app:app', fastapi: 'app:app' },
  'api.py': { files: { 'api.py': fastapi() }, app: '. api:app', fastapi: 'api:app' },
  'main.py before app.py': {
    files: { 'app.py': fastapi(), 'main.py': fastapi() },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'app.py before app/main.py': {
    files: { 'app.py': fastapi(), 'app/main.py': fastapi() },
    app: '. app:app',
    fastapi: 'app:app',
  },
  'app/main.py in a package': {
    files: { 'app/__init__.py': '', 'app/main.py': fastapi(), ...REQUIREMENTS },
    app: '. app.main:app',
    from: 'app/main.py:3',
    fastapi: 'app.main:app',
  },
  'app/main.py in a folder that is no package': {
    files: { 'app/main.py': fastapi(), ...REQUIREMENTS },
    app: '. app.main:app',
    fastapi: 'main:app',
  },
  'app/app.py in a package': {
    files: { 'app/__init__.py': '', 'app/app.py': fastapi() },
    app: '. app.app:app',
    fastapi: 'app.app:app',
  },
  'app/api.py with the name api': {
    files: { 'app/__init__.py': '', 'app/api.py': fastapi('api') },
    app: '. app.api:api',
    fastapi: 'app.api:api',
  },
  'the name app before the name api': {
    files: { 'main.py': 'from fastapi import FastAPI\napi = FastAPI()\napp = FastAPI()\n' },
    app: '. main:app',
    from: 'main.py:3',
    fastapi: 'main:app',
  },
  'the name api where app is something else': {
    files: { 'main.py': 'from fastapi import FastAPI\napp = "shop"\napi = FastAPI()\n' },
    app: '. main:api',
    fastapi: 'main:api',
  },
  'the first instance in the order of dir()': {
    files: { 'main.py': 'from fastapi import FastAPI\nweb = FastAPI()\nBackend = FastAPI()\nadmin = FastAPI()\n' },
    app: '. main:Backend',
    fastapi: 'main:Backend',
  },
  'an instance that another file makes': {
    files: {
      'main.py': 'from core.server import server as app\n',
      'core/__init__.py': '',
      'core/server.py': fastapi('server'),
    },
    app: '. main:app',
    from: 'core/server.py:3',
    fastapi: 'main:app',
  },
  'an instance that comes with a star': {
    files: { 'main.py': 'from setup_app import *\n', 'setup_app.py': fastapi('web') },
    app: '. main:web',
    fastapi: 'main:web',
  },
  'a star that __all__ limits': {
    files: {
      'main.py': 'from parts import *\n',
      'parts.py': 'from fastapi import FastAPI\n__all__ = ["web"]\na = FastAPI()\nweb = FastAPI()\n',
    },
    app: '. main:web',
    fastapi: 'main:web',
  },
  'an instance that a relative import brings': {
    files: { 'app/__init__.py': '', 'app/main.py': 'from .web import app\n', 'app/web.py': fastapi() },
    app: '. app.main:app',
    fastapi: 'app.main:app',
  },
  'an instance that a function makes': {
    files: { 'main.py': `${FACTORY}\napp = create_app()\n` },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'an instance that the function of another file makes': {
    files: {
      'main.py': 'from factory import create_app\n\nservice = create_app()\n',
      'factory.py': FACTORY,
    },
    app: '. main:service',
    fastapi: 'main:service',
  },
  'a class of FastAPI under another name': {
    files: { 'main.py': 'import fastapi as f\n\napp: f.FastAPI = f.FastAPI(title="Shop")\n' },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'a class that derives from FastAPI': {
    files: { 'main.py': 'from fastapi import FastAPI\n\nclass Shop(FastAPI):\n    pass\n\napp = Shop()\n' },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'an instance below an if': {
    files: {
      'main.py':
        'import os\nfrom fastapi import FastAPI\nif os.sep:\n    app = FastAPI(docs_url=None)\nelse:\n    app = FastAPI()\n',
    },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'an application that a middleware hides from fastapi': {
    files: {
      'main.py':
        'from fastapi import FastAPI\n\nclass Wrap:\n    def __init__(self, app): pass\n\ninner = FastAPI()\napp = Wrap(inner)\n',
    },
    app: '. main:inner',
    fastapi: 'main:inner',
  },
  'no instance where only a script makes it': {
    files: { 'main.py': 'from fastapi import FastAPI\n\nif __name__ == "__main__":\n    app = FastAPI()\n' },
    fastapi: 'none',
  },
  'no application at all': { files: { 'main.py': 'print("hello")\n' }, fastapi: 'none' },
  'an entry point in pyproject.toml': {
    files: {
      'pyproject.toml': entry('shop.web:site'),
      'shop/__init__.py': '',
      'shop/web.py': fastapi('site'),
      'main.py': fastapi(),
    },
    app: '. shop.web:site',
    from: 'pyproject.toml:5',
    fastapi: 'shop.web:site',
  },
  'an entry point in a src folder': {
    files: { 'pyproject.toml': entry('shop.main:app'), 'src/shop/__init__.py': '', 'src/shop/main.py': fastapi() },
    app: '. shop.main:app',
    fastapi: 'shop.main:app',
  },
  'the package around main.py': {
    files: { 'app/__init__.py': 'from .main import app\n', 'app/main.py': fastapi('app'), ...REQUIREMENTS },
    app: '. app.main:app',
    fastapi: 'app.main:app',
  },
  'a src folder with a package': {
    files: { 'pyproject.toml': NAMED, 'src/shop/__init__.py': '', 'src/shop/main.py': fastapi() },
    app: '. shop.main:app',
    from: 'src/shop/main.py:3',
    fastapi: 'none',
  },
  'a src folder with a package of packages': {
    files: {
      'pyproject.toml': NAMED,
      'src/shop/__init__.py': '',
      'src/shop/web/__init__.py': '',
      'src/shop/web/app.py': fastapi('application'),
    },
    app: '. shop.web.app:application',
    fastapi: 'none',
  },
  'a src folder without a package': {
    files: { 'requirements.txt': 'fastapi\n', 'src/main.py': fastapi() },
    app: '. main:app',
    fastapi: 'none',
  },
  'a backend folder': {
    files: { 'backend/app/__init__.py': '', 'backend/app/main.py': fastapi(), 'backend/requirements.txt': 'fastapi\n' },
    app: 'backend app.main:app',
    from: 'backend/app/main.py:3',
    fastapi: 'none',
  },
  'a uv workspace whose member has the entry point': {
    files: {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["backend"]\n',
      'uv.lock': 'version = 1\n',
      'backend/pyproject.toml': '[project]\nname = "app"\n\n[tool.fastapi]\nentrypoint = "app.main:app"\n',
      'backend/app/__init__.py': '',
      'backend/app/main.py': fastapi(),
    },
    app: 'backend app.main:app',
    from: 'backend/pyproject.toml:5',
    fastapi: 'none',
  },
  'a uv workspace whose member has a src folder': {
    files: {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
      'uv.lock': 'version = 1\n',
      'packages/shop-api/pyproject.toml': '[project]\nname = "shop-api"\n',
      'packages/shop-api/src/shop_api/__init__.py': '',
      'packages/shop-api/src/shop_api/main.py': fastapi(),
    },
    app: 'packages/shop-api shop_api.main:app',
    fastapi: 'none',
  },
  'a Poetry project with a src folder': {
    files: {
      'pyproject.toml':
        '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\npython = "^3.12"\nfastapi = "^0.165"\n',
      'poetry.lock': '',
      'src/shop/__init__.py': '',
      'src/shop/server.py': fastapi(),
    },
    app: '. shop.server:app',
    fastapi: 'none',
  },
  'a factory': {
    files: { 'shop/__init__.py': '', 'shop/factory.py': FACTORY, ...REQUIREMENTS },
    app: '. shop.factory:create_app factory',
    from: 'shop/factory.py:3',
    fastapi: 'none',
  },
  'a factory whose parameters have defaults': {
    files: {
      'main.py':
        'from fastapi import FastAPI\n\ndef create_app(settings=None, *extra, debug: bool = False):\n    return FastAPI(debug=debug)\n',
    },
    app: '. main:create_app factory',
    fastapi: 'none',
  },
  'no factory that must be awaited, or wants arguments': {
    files: {
      'main.py':
        'from fastapi import FastAPI\n\nasync def a():\n    return FastAPI()\n\ndef b(settings):\n    return FastAPI()\n',
    },
    fastapi: 'none',
  },
  'an instance before a factory': {
    files: {
      'shop/__init__.py': '',
      'shop/factory.py': FACTORY,
      'shop/asgi.py': 'from .factory import create_app\napp = create_app()\n',
    },
    app: '. shop.asgi:app',
    fastapi: 'none',
  },
  'an application of Starlette': { files: { 'main.py': STARLETTE }, app: '. main:app', fastapi: 'none' },
  'an application of Litestar': {
    files: {
      'app.py':
        'from litestar import Litestar, get\n\n@get("/")\nasync def index() -> str:\n    return "hello"\n\napp = Litestar([index])\n',
    },
    app: '. app:app',
  },
  'an application of Quart': {
    files: { 'hello.py': 'from quart import Quart\n\napp = Quart(__name__)\n' },
    app: '. hello:app',
    fastapi: 'none',
  },
  'no application of the tests': {
    files: { 'tests/app.py': fastapi(), 'test_app.py': fastapi(), 'shop/web.py': fastapi('site') },
    app: 'shop web:site',
    fastapi: 'none',
  },
  'a folder with a hyphen, which no import can name': {
    files: { 'services/shop-api/main.py': fastapi(), 'requirements.txt': 'fastapi\n' },
    app: 'services/shop-api main:app',
    fastapi: 'none',
  },
  'a file with a mistake in it': {
    files: { 'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\n\ndef broken(:\n' },
    app: '. main:app',
  },
  'Windows line ends': {
    files: { 'main.py': fastapi().replaceAll('\n', '\r\n') },
    app: '. main:app',
    fastapi: 'main:app',
  },
  'text in a docstring that looks like code': {
    files: { 'main.py': '"""\nfrom fastapi import FastAPI\napp = FastAPI()\n"""\n' },
    fastapi: 'none',
  },
};
