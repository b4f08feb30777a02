import { GOOD, SHOP, uvLock } from '../sources/folder.js';

/** What Python people have, file by file. */
export type Layout = Readonly<Record<string, string>>;

const VERSIONS = {
  fastapi: '0.165.0',
  starlette: '1.10.0',
  h11: '0.16.0',
  uvicorn: '0.54.0',
  httptools: '0.9.0',
  uvloop: '0.23.0',
};
const PINNED = Object.entries(VERSIONS)
  .map(([name, version]) => `${name}==${version}\n`)
  .join('');
const APP = 'from fastapi import FastAPI\n\napp = FastAPI()\n';
const HEALTH = '\n\n@app.get("/health")\nasync def health():\n    return {"status": "ok"}\n';
const PACKAGE = '{ "private": true, "devDependencies": { "asgi-synth": "*" } }\n';

function poetryLock(): string {
  const packages = Object.entries(VERSIONS).map(
    ([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\ngroups = ["main"]\n`,
  );
  return `${packages.join('\n')}\n[metadata]\nlock-version = "2.1"\npython-versions = "^3.12"\n`;
}

/** Six projects as they are met most. */
export const LAYOUTS: Readonly<Record<string, Layout>> = {
  'plain main.py with requirements.txt': {
    'main.py': APP + HEALTH,
    'requirements.txt': PINNED,
  },
  'a uv package': {
    'package.json': PACKAGE,
    'pyproject.toml':
      '[project]\nname = "shop-api"\nversion = "0.1.0"\nrequires-python = ">=3.12"\ndependencies = ["fastapi", "uvicorn[standard]"]\n\n[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n',
    'uv.lock': uvLock({ ...GOOD, 'shop-api': { ...SHOP, source: 'editable = "."' } }),
    'src/shop_api/__init__.py': '',
    'src/shop_api/main.py': APP + HEALTH,
  },
  'a uv workspace with a backend': {
    'package.json': PACKAGE,
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["backend"]\n',
    'uv.lock': uvLock({ ...GOOD, app: { ...SHOP, source: 'virtual = "backend"' } }),
    'backend/pyproject.toml':
      '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.12"\ndependencies = ["fastapi", "uvicorn[standard]"]\n\n[tool.fastapi]\nentrypoint = "app.main:app"\n',
    'backend/app/__init__.py': '',
    'backend/app/main.py': `from fastapi import FastAPI\nfrom app.routes import router\n\napp = FastAPI(root_path="/api")\napp.include_router(router, prefix="/v1")\n`,
    'backend/app/routes.py':
      'from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get("/healthz")\ndef healthz() -> bool:\n    return True\n\n\n@router.get("/events")\ndef events():\n    return EventSourceResponse(stream())\n',
  },
  'a Poetry project with a src folder': {
    'package.json': PACKAGE,
    'pyproject.toml':
      '[tool.poetry]\nname = "shop"\nversion = "0.1.0"\npackages = [{ include = "shop", from = "src" }]\n\n[tool.poetry.dependencies]\npython = "^3.12"\nfastapi = "^0.165"\nuvicorn = { version = "^0.54", extras = ["standard"] }\n\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n',
    'poetry.lock': poetryLock(),
    'src/shop/__init__.py': '',
    'src/shop/server.py': APP,
  },
  'a factory with pydantic-settings': {
    'package.json': PACKAGE,
    'requirements.txt': `${PINNED}pydantic-settings==2.9.0\n`,
    '.env.example': '# mail\nSMTP_HOST=mail.example.com\n',
    'shop/__init__.py': '',
    'shop/settings.py':
      'from pydantic import EmailStr, SecretStr\nfrom pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    secret_key: SecretStr\n    smtp_host: str\n    admin: EmailStr\n    page_size: int\n    log_level: str = "info"\n',
    'shop/factory.py':
      'from fastapi import FastAPI\n\nfrom .settings import Settings\n\n\ndef create_app() -> FastAPI:\n    app = FastAPI()\n    app.state.settings = Settings()\n    return app\n',
  },
  'alembic, Postgres and Celery': {
    'package.json': PACKAGE,
    'requirements.txt': `${PINNED}sqlalchemy==2.0.41\nasyncpg==0.30.0\nalembic==1.16.0\ncelery[redis]==5.5.0\nredis==5.2.1\n`,
    'alembic.ini': '[alembic]\nscript_location = migrations\n',
    'migrations/env.py': 'from alembic import context\n',
    'app/__init__.py': '',
    'app/config.py':
      'from pydantic import PostgresDsn\nfrom pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    database_url: PostgresDsn\n    redis_url: str = "redis://localhost:6379/0"\n    jwt_secret: str\n\n\nsettings = Settings()\n',
    'app/main.py': `${APP}\n\n@app.get("/readyz")\nasync def readyz(session: SessionDep):\n    await session.execute("select 1")\n\n\n@app.get("/healthz")\ndef healthz():\n    return {}\n`,
    'app/tasks.py':
      'from celery import Celery\n\nfrom .config import settings\n\ncelery_app = Celery("shop", broker=settings.redis_url)\ncelery_app.conf.beat_schedule = {}\n',
  },
};
