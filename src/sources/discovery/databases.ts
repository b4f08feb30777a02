import type { Dependencies } from './dependencies.js';
import type { Finding } from './project.js';
import type { PythonModule } from './python-module.js';
import type { Variable } from './settings.js';
import type { FoundWorker } from './workers.js';

/** A database that an application talks to. */
export interface FoundDatabase {
  readonly kind: 'postgres' | 'redis';
  /** What `url()` takes: a driver of SQLAlchemy. */
  readonly driver: 'asyncpg' | 'psycopg' | 'psycopg2' | undefined;
  /** Variables that hold its URL; one that nobody reads where there are parts, since a connection also opens the way. */
  readonly variables: readonly string[];
  /** Variables that hold parts of its address. */
  readonly parts: readonly string[];
  readonly from: string;
}

const POSTGRES = ['asyncpg', 'psycopg', 'psycopg-binary', 'psycopg2', 'psycopg2-binary', 'psycopg-c'];
const REDIS = [
  'redis',
  'valkey',
  'aioredis',
  'arq',
  'rq',
  'taskiq-redis',
  'hiredis',
  'coredis',
  'redis-om',
  'aiocache-redis',
];

const POSTGRES_URL =
  /^(?!.*(REDIS|BROKER|CACHE|TEST))(\w+_)?(DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQLALCHEMY)(_\w+)?_?(URL|URI|DSN)$/i;
const REDIS_URL = /^(\w+_)?(REDIS|BROKER|CACHE|VALKEY|QUEUE|RESULT_BACKEND)(_\w+)?_?(URL|URI|DSN)?$/i;
const POSTGRES_PART =
  /^(\w+_)?(POSTGRES|POSTGRESQL|PG|DB|DATABASE)_{0,2}(SERVER|HOST|HOSTNAME|PORT|USER|USERNAME|PASSWORD|DB|NAME|DATABASE)$/i;
const REDIS_PART = /^(\w+_)?(REDIS|VALKEY)_{0,2}(SERVER|HOST|HOSTNAME|PORT|PASSWORD|DB)$/i;

interface Evidence {
  readonly dependencies: Dependencies;
  readonly variables: readonly Variable[];
  readonly files: readonly PythonModule[];
  readonly workers: readonly FoundWorker[];
}

/** Databases whose drivers the dependencies hold. */
export function databasesOf(evidence: Evidence): FoundDatabase[] {
  return [...postgres(evidence), ...redis(evidence)];
}

function postgres({ dependencies, variables, files }: Evidence): FoundDatabase[] {
  const from = first(dependencies, POSTGRES)?.from ?? withExtra(dependencies, /\b(asyncpg|postgresql\w*|psycopg\w*)\b/);
  if (from === undefined) return [];
  const urls = variables.filter(
    ({ name, type }) => /\bPostgresDsn\b/.test(type) || (POSTGRES_URL.test(name) && !/\bRedisDsn\b/.test(type)),
  );
  const parts = variables.filter(({ name }) => POSTGRES_PART.test(name));
  const names = urls
    .filter(({ required }, _, all) => required || !all.some((one) => one.required))
    .map(({ name }) => name);
  return [
    {
      kind: 'postgres',
      driver: driverOf(dependencies, files),
      variables: names.length > 0 ? names : ['DATABASE_URL'],
      parts: names.length > 0 ? [] : parts.map(({ name }) => name),
      from,
    },
  ];
}

/** SQLAlchemy takes a driver in its URL; asyncpg and psycopg alone know none. */
function driverOf(dependencies: Dependencies, files: readonly PythonModule[]): FoundDatabase['driver'] {
  if (!dependencies.has('sqlalchemy') && !dependencies.has('sqlmodel')) return undefined;
  const written = files
    .map(({ text }) => /postgres(?:ql)?\+(asyncpg|psycopg2|psycopg)\b/.exec(text)?.[1])
    .find(Boolean);
  const drivers = ['asyncpg', 'psycopg', 'psycopg2'] as const;
  return (
    drivers.find((one) => one === written) ??
    drivers.find((one) => [one, `${one}-binary`].some((name) => dependencies.has(name)))
  );
}

function redis({ dependencies, variables, files, workers }: Evidence): FoundDatabase[] {
  const from = first(dependencies, REDIS)?.from ?? withExtra(dependencies, /\bredis\b/);
  if (from === undefined) return [];
  const urls = variables.filter(
    ({ name, type, standard }) => /\bRedisDsn\b/.test(type) || (REDIS_URL.test(name) && mayBeRedis({ name, standard })),
  );
  const parts = variables.filter(({ name }) => REDIS_PART.test(name));
  // Celery and rq look for these by themselves, whatever the code says.
  const own = workers.flatMap(({ kind }) =>
    kind === 'celery' ? celeryVariables(files) : kind === 'rq' ? ['RQ_REDIS_URL'] : [],
  );
  const names = [...new Set([...urls.map(({ name }) => name), ...own])];
  return [
    {
      kind: 'redis',
      driver: undefined,
      variables: names.length > 0 ? names : ['REDIS_URL'],
      parts: urls.length > 0 ? [] : parts.map(({ name }) => name),
      from,
    },
  ];
}

function celeryVariables(files: readonly PythonModule[]): string[] {
  const keepsResults = files.some(({ text }) => /\bCelery\([^)]*\bbackend\s*=|\bresult_backend\b/.test(text));
  return ['CELERY_BROKER_URL', ...(keepsResults ? ['CELERY_RESULT_BACKEND'] : [])];
}

/** A URL by its name, unless its default is one of something else, as of RabbitMQ. */
function mayBeRedis({ name, standard }: Pick<Variable, 'name' | 'standard'>): boolean {
  if (standard !== undefined && standard !== '') return /^(rediss?|valkey|unix):\/\//.test(standard);
  return /(URL|URI|DSN|BROKER|RESULT_BACKEND)$/i.test(name);
}

function first(dependencies: Dependencies, names: readonly string[]): Finding | undefined {
  return names.map((name) => dependencies.get(name)).find((found) => found !== undefined);
}

/** Where `celery[redis]` is asked for. */
function withExtra(dependencies: Dependencies, extra: RegExp): string | undefined {
  return [...dependencies.values()].find(({ value }) => extra.test(value))?.from;
}
