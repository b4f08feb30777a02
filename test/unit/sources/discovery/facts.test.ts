import { describe, expect, test } from 'vitest';
import { discover, type Discovery } from '../../../../src/sources/discovery/discover.js';
import { fastapi, projectOf, REQUIREMENTS } from './projects.js';

/** What is known of the first application of a project that has a `main.py`, unless it brings its own. */
function about(files: Readonly<Record<string, string>>): Discovery {
  const found = discover(projectOf({ 'main.py': fastapi(), ...REQUIREMENTS, ...files }));
  return found.about(found.applications[0]!);
}

const health = (files: Readonly<Record<string, string>>) => {
  const { liveness, readiness } = about(files).health;
  return [liveness?.value, readiness?.value];
};

const route = (path: string, body = 'return {}', parameters = '') =>
  `@app.get("${path}")\nasync def ${path.replaceAll(/\W/g, '_')}(${parameters}):\n    ${body}\n\n`;

describe('the health route', () => {
  test.each(['health', 'healthz', 'livez', 'ping', 'status', 'live'])('is named %s', (name) => {
    expect(health({ 'main.py': fastapi() + route(`/${name}`) })).toEqual([`/${name}`, `/${name}`]);
  });

  test('is written with its line', () => {
    expect(about({ 'main.py': fastapi() + route('/health') }).health.liveness?.from).toBe('main.py:4');
  });

  test('may be one for being alive and one for being ready', () => {
    const text = fastapi() + route('/readyz', 'return await db.execute("select 1")') + route('/healthz');
    expect(health({ 'main.py': text })).toEqual(['/healthz', '/readyz']);
  });

  test('that looks at a database is none for being alive', () => {
    const text =
      fastapi() + route('/health', 'return session.execute("select 1")', 'session: Session = Depends(get_session)');
    expect(health({ 'main.py': text })).toEqual([undefined, '/health']);
  });

  test('that asks for a login is none', () => {
    const text = fastapi() + route('/health', 'return {}', 'user: User = Depends(get_current_user)');
    expect(health({ 'main.py': text })).toEqual([undefined, undefined]);
  });

  test('that is posted to is none', () => {
    const text = `${fastapi()}@app.post("/health")\ndef health():\n    return {}\n`;
    expect(health({ 'main.py': text })).toEqual([undefined, undefined]);
  });

  test('has the prefixes of its routers', () => {
    expect(
      health({
        'pyproject.toml': '',
        'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\n',
        'app/__init__.py': '',
        'app/main.py':
          'from fastapi import FastAPI\nfrom app.api.main import api_router\nfrom app.core.config import settings\n\napp = FastAPI()\napp.include_router(api_router, prefix=settings.API_V1_STR)\n',
        'app/core/__init__.py': '',
        'app/core/config.py':
          'from pydantic_settings import BaseSettings\n\nclass Settings(BaseSettings):\n    API_V1_STR: str = "/api/v1"\n\nsettings = Settings()\n',
        'app/api/__init__.py': '',
        'app/api/main.py':
          'from fastapi import APIRouter\nfrom app.api.routes import utils\n\napi_router = APIRouter()\napi_router.include_router(utils.router)\n',
        'app/api/routes/__init__.py': '',
        'app/api/routes/utils.py':
          'from fastapi import APIRouter\n\nrouter = APIRouter(prefix="/utils")\n\n@router.get("/health-check/")\nasync def health_check() -> bool:\n    return True\n',
      }),
    ).toEqual(['/api/v1/utils/health-check/', '/api/v1/utils/health-check/']);
  });

  test('of a router that nobody includes is none', () => {
    const text =
      'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/health")\ndef health():\n    return {}\n';
    expect(health({ 'unused.py': text })).toEqual([undefined, undefined]);
  });

  test('of a router behind a login is none', () => {
    const router =
      'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/health")\ndef health():\n    return {}\n';
    const main = `from routes import router\n${fastapi()}app.include_router(router, dependencies=[Depends(login)])\n`;
    expect(health({ 'main.py': main, 'routes.py': router })).toEqual([undefined, undefined]);
  });

  test('may be added inside of a factory', () => {
    const text =
      'from fastapi import FastAPI\n\ndef create_app():\n    app = FastAPI()\n    @app.get("/healthz")\n    def healthz():\n        return {}\n    return app\n';
    expect(health({ 'main.py': text })).toEqual(['/healthz', '/healthz']);
  });

  test('may be a Route of Starlette, below a Mount', () => {
    const text = `from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

app = Starlette(routes=[
    Route("/", home),
    Mount("/internal", routes=[Route("/healthz", healthz)]),
    WebSocketRoute("/ws", socket),
])
`;
    const found = about({ 'main.py': text });
    expect(found.health.liveness?.value).toBe('/internal/healthz');
    expect(found.websockets.map(({ value }) => value)).toEqual(['/ws']);
  });

  test('may be a handler of Litestar or a route of Quart', () => {
    const litestar =
      'from litestar import Litestar, get\n\n@get("/health")\nasync def health() -> str:\n    return ""\n\napp = Litestar([health])\n';
    const quart =
      'from quart import Quart\napp = Quart(__name__)\n@app.route("/ping")\nasync def ping():\n    return ""\n';
    expect(health({ 'main.py': litestar })[0]).toBe('/health');
    expect(health({ 'main.py': quart })[0]).toBe('/ping');
  });
});

describe('what an application does', () => {
  test('WebSockets and server-sent events are found with their lines', () => {
    const text = `${fastapi()}@app.websocket("/ws/{room}")
async def talk(socket):
    ...

@app.get("/events")
async def events():
    return EventSourceResponse(stream())
`;
    const { websockets, events } = about({ 'main.py': text });
    expect(websockets).toEqual([{ value: '/ws/{room}', from: 'main.py:4' }]);
    expect(events).toEqual([{ value: 'server-sent events', from: 'main.py:10' }]);
  });

  test('lifespan, root_path, CORS and trusted hosts', () => {
    const text = `from fastapi import FastAPI
PREFIX = "/api"
app = FastAPI(lifespan=lifespan, root_path=PREFIX)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["shop.example.com", "*.example.com"])
`;
    expect(about({ 'main.py': text })).toMatchObject({
      lifespan: { value: 'lifespan', from: 'main.py:3' },
      rootPath: { value: '/api', from: 'main.py:3' },
      cors: { from: 'main.py:4' },
      trustedHosts: { value: ['shop.example.com', '*.example.com'], from: 'main.py:5' },
    });
  });

  test('Dockerfile, Compose file, alembic and the name', () => {
    const files = {
      Dockerfile: 'FROM python\n',
      'compose.yaml': 'services: {}\n',
      'alembic.ini': '[alembic]\n',
      'pyproject.toml': '[project]\nname = "Shop_API"\n',
    };
    expect(about(files)).toMatchObject({
      containers: ['Dockerfile', 'compose.yaml'],
      alembic: { value: 'alembic.ini' },
      name: { value: 'Shop_API', from: 'pyproject.toml:2' },
    });
  });
});

describe('settings', () => {
  const variables = (files: Readonly<Record<string, string>>) => about(files).variables;

  test('of pydantic have names, and those without a default are required', () => {
    const text = `from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_file=".env")
    log_level: str = "info"
    secret_key: str
    smtp_host: str = Field(..., min_length=1)
    workers: int = Field(default=2)
    token: SecretStr = Field(alias="API_TOKEN")
    tags: list[str] = []
    KIND: ClassVar[str] = "x"
`;
    expect(variables({ 'config.py': text }).map(({ name, required, secret }) => [name, required, secret])).toEqual([
      ['SHOP_LOG_LEVEL', false, false],
      ['SHOP_SECRET_KEY', true, true],
      ['SHOP_SMTP_HOST', true, false],
      ['SHOP_WORKERS', false, false],
      ['API_TOKEN', true, true],
      ['SHOP_TAGS', false, false],
    ]);
  });

  test('may be inherited, and have an inner class Config', () => {
    const base =
      'from pydantic import BaseSettings\n\nclass Base(BaseSettings):\n    region: str\n\n    class Config:\n        env_prefix = "APP_"\n';
    const own = 'from base import Base\n\nclass Settings(Base):\n    size: int\n';
    expect(variables({ 'base.py': base, 'own.py': own }).map(({ name, from }) => `${name} ${from}`)).toEqual([
      'APP_REGION base.py:4',
      'APP_SIZE own.py:4',
    ]);
  });

  test('of os.environ are required, those of os.getenv are not', () => {
    const text = `import os\nKEY = os.environ["STRIPE_API_KEY"]\nURL = os.getenv("DATABASE_URL")\nos.environ["TZ"] = "UTC"\n`;
    expect(variables({ 'config.py': text }).map(({ name, required, from }) => [name, required, from])).toEqual([
      ['STRIPE_API_KEY', true, 'config.py:2'],
      ['DATABASE_URL', false, 'config.py:3'],
    ]);
  });

  test('of a class that is no settings class are none', () => {
    expect(variables({ 'models.py': 'class Item(BaseModel):\n    password: str\n' })).toEqual([]);
  });

  test('of a class inside another have both names, where a delimiter is given', () => {
    const config = (delimiter: string) =>
      `from pydantic import BaseModel, SecretStr\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n\nclass Pool(BaseModel):\n    size: int\n    name: str = "x"\n\nclass Db(BaseModel):\n    host: str\n    password: SecretStr\n    pool: Pool\n\nclass Mail(BaseModel):\n    sender: str\n\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix="APP_"${delimiter})\n    db: Db\n    mail: Mail = Mail(sender="me")\n`;
    const names = (delimiter: string) =>
      variables({ 'config.py': config(delimiter) }).map(({ name, required, secret }) => [name, required, secret]);
    expect(names(', env_nested_delimiter="__"')).toEqual([
      ['APP_DB__HOST', true, false],
      ['APP_DB__PASSWORD', true, true],
      ['APP_DB__POOL__SIZE', true, false],
      ['APP_DB__POOL__NAME', false, false],
      ['APP_MAIL__SENDER', false, false],
    ]);
    expect(names('')).toEqual([
      ['APP_DB', true, false],
      ['APP_MAIL', false, false],
    ]);
  });

  test('have values in .env.example', () => {
    const { examples } = about({ '.env.example': '# mail\nexport SMTP_HOST="mail.example.com"\nEMPTY=\n' });
    expect([...examples]).toEqual([
      ['SMTP_HOST', { value: 'mail.example.com', from: '.env.example:2' }],
      ['EMPTY', { value: '', from: '.env.example:3' }],
    ]);
  });
});

describe('databases', () => {
  const databases = (files: Readonly<Record<string, string>>) => about(files).databases;

  test.each([
    ['asyncpg', 'sqlalchemy==2.0\nasyncpg==0.30', 'asyncpg'],
    ['psycopg', 'sqlmodel==0.1\npsycopg[binary]==3.2', 'psycopg'],
    ['psycopg2', 'sqlalchemy==2.0\npsycopg2-binary==2.9', 'psycopg2'],
    ['no driver without SQLAlchemy', 'asyncpg==0.30', undefined],
  ])('Postgres by %s', (_, requirements, driver) => {
    expect(databases({ 'requirements.txt': `${requirements}\n` })).toMatchObject([
      { kind: 'postgres', driver, variables: ['DATABASE_URL'] },
    ]);
  });

  test('have the variable that the settings name', () => {
    const config =
      'class Settings(BaseSettings):\n    pg_dsn: PostgresDsn\n    redis_dsn: RedisDsn = "redis://localhost"\n';
    const files = {
      'config.py': `from pydantic_settings import BaseSettings\n${config}`,
      'pyproject.toml': '[project]\nname = "shop"\ndependencies = [\n  "redis>=5",\n  "psycopg[binary]>=3",\n]\n',
    };
    expect(databases(files)).toMatchObject([
      { kind: 'postgres', variables: ['PG_DSN'], from: 'pyproject.toml:5' },
      { kind: 'redis', variables: ['REDIS_DSN'], from: 'pyproject.toml:4' },
    ]);
  });

  test('may be asked for by Poetry, a Pipfile and requirements of requirements', () => {
    const poetry = '[tool.poetry.dependencies]\npython = "^3.12"\ncelery = { version = "^5", extras = ["redis"] }\n';
    expect(databases({ 'pyproject.toml': poetry })).toMatchObject([{ kind: 'redis' }]);
    expect(databases({ Pipfile: '[packages]\nasyncpg = "*"\n' })).toMatchObject([
      { kind: 'postgres', from: 'Pipfile:2' },
    ]);
    expect(databases({ 'requirements.txt': '-r base.txt\n', 'base.txt': '' })).toEqual([]);
    const nested = { 'requirements.txt': '-r requirements-base.txt\n', 'requirements-base.txt': 'redis==5.0\n' };
    expect(databases(nested)).toMatchObject([{ kind: 'redis', from: 'requirements-base.txt:1' }]);
  });

  test('are none for development alone', () => {
    const pyproject = '[project]\nname = "shop"\n\n[dependency-groups]\ndev = ["asyncpg"]\n';
    expect(databases({ 'pyproject.toml': pyproject })).toEqual([]);
  });

  test('may have the parts of a class of its own', () => {
    const config =
      'class Db(BaseModel):\n    host: str\n    password: str\nclass Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter="__")\n    db: Db\n';
    expect(databases({ 'requirements.txt': 'asyncpg\n', 'config.py': config })).toMatchObject([
      { variables: ['DATABASE_URL'], parts: ['DB__HOST', 'DB__PASSWORD'] },
    ]);
  });

  test('in parts have their parts beside a URL', () => {
    const config = 'class Settings(BaseSettings):\n    POSTGRES_SERVER: str\n    POSTGRES_PASSWORD: str\n';
    const files = {
      'config.py': `from pydantic_settings import BaseSettings\n${config}`,
      'requirements.txt': 'psycopg==3.2\n',
    };
    expect(databases(files)).toMatchObject([
      { variables: ['DATABASE_URL'], parts: ['POSTGRES_SERVER', 'POSTGRES_PASSWORD'] },
    ]);
  });
});

describe('workers', () => {
  const commands = (files: Readonly<Record<string, string>>) =>
    about(files).workers.map(({ command }) => command.join(' '));

  test('of Celery are its application, and beat where something is scheduled', () => {
    const text = 'from celery import Celery\n\nqueue = Celery("shop")\nqueue.conf.beat_schedule = {}\n';
    expect(commands({ 'requirements.txt': 'celery==5.5\n', 'shop/__init__.py': '', 'shop/tasks.py': text })).toEqual([
      'celery -A shop.tasks:queue worker --loglevel info --concurrency 2',
      'celery -A shop.tasks:queue beat --loglevel info --schedule /tmp/celerybeat-schedule',
    ]);
  });

  test('of taskiq are its broker and its scheduler', () => {
    const text =
      'from taskiq import TaskiqScheduler\nfrom taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker("redis://")\nscheduler = TaskiqScheduler(broker, [])\n';
    expect(commands({ 'requirements.txt': 'taskiq==0.11\ntaskiq-redis==1.0\n', 'tkq.py': text })).toEqual([
      'taskiq worker tkq:broker --workers 1 --fs-discover',
      'taskiq scheduler tkq:scheduler',
    ]);
  });

  test('of arq, dramatiq and rq', () => {
    const arq = 'class WorkerSettings:\n    functions = [send]\n';
    expect(commands({ 'requirements.txt': 'arq==0.26\n', 'worker.py': arq })).toEqual(['arq worker.WorkerSettings']);
    const actors = 'import dramatiq\n\n@dramatiq.actor\ndef send(): ...\n';
    expect(commands({ 'requirements.txt': 'dramatiq[redis]==1.17\n', 'jobs.py': actors })).toEqual([
      'dramatiq jobs --processes 1',
    ]);
    expect(commands({ 'requirements.txt': 'rq==2.0\n' })).toEqual(['rq worker']);
  });

  test('are imported from the src folder', () => {
    const files = {
      'requirements.txt': 'celery==5.5\n',
      'src/shop/__init__.py': '',
      'src/shop/main.py': fastapi(),
      'src/shop/work.py': 'from celery import Celery\napp = Celery("shop")\n',
    };
    expect(commands(files)[0]).toContain('-A shop.work:app ');
  });
});

describe('a driver of RabbitMQ', () => {
  test.each([
    ['pika==1.3.2\n', 'pika', 'requirements.txt:1'],
    ['celery[librabbitmq]==5.5.0\n', 'celery[librabbitmq]', 'requirements.txt:1'],
  ])('is found in %j', (text, value, from) => {
    expect(about({ 'requirements.txt': text }).broker).toEqual({ value, from });
  });

  test('is none where nothing asks for one', () => {
    expect(about({ 'requirements.txt': 'redis==5.0\n' }).broker).toBeUndefined();
  });
});
