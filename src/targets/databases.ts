import type { StartValues } from '../formats/python.js';
import type { AsgiApp } from '../model/app.js';
import type { ConnectionUrl, DataStore } from '../model/data-store.js';
import type { Postgres } from '../model/postgres.js';
import { storesOf } from '../model/tree.js';
import { givenThirdParty, type Context } from './context.js';
import { POSTGRES_IMAGES } from './images.js';

/** What runs a database, on every target. */
export interface DatabaseContainer {
  readonly image: string;
  /** What the command runs under. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Uid and gid of the server in the official image; its volume and its password belong to them. */
  readonly user: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the volume is mounted. */
  readonly data: string;
  /** Folders in memory, with their size in bytes. */
  readonly temporary: Readonly<Record<string, number>>;
  /** Command that succeeds when connections are taken. */
  readonly health: readonly string[];
}

const MEBIBYTE = 2 ** 20;

/** Seconds for a server to finish its last checkpoint. A Swarm waits no longer. */
export const DATABASE_STOP_GRACE = 60;

/** Seconds from the start of a server to the end of its recovery, or of the making of a new database. */
export const DATABASE_STARTUP = 300;

/** Seconds and failures after which a server that was well is taken for ill. It is busy before it is dead. */
export const DATABASE_HEALTH = { interval: 5, timeout: 5, retries: 6 } as const;

export function databaseContainer(database: Postgres, context: Context): DatabaseContainer {
  const { version, user, maxConnections, memory } = database;
  return {
    image: givenThirdParty('postgres', POSTGRES_IMAGES[version], context),
    entrypoint: [...alone(volumePath(database)), 'docker-entrypoint.sh'],
    command: [
      'postgres',
      ...setting('max_connections', String(maxConnections)),
      ...setting('shared_buffers', `${Math.floor(memory / 4 / MEBIBYTE)}MB`),
      ...setting('effective_cache_size', `${Math.floor(memory / 2 / MEBIBYTE)}MB`),
    ],
    user: 999,
    environment: {
      POSTGRES_DB: database.database,
      POSTGRES_USER: user,
      POSTGRES_PASSWORD_FILE: `/run/secrets/${database.password.node.id}`,
      PGDATA: dataFolder(database),
    },
    data: volumePath(database),
    temporary: {
      '/tmp': 64 * MEBIBYTE,
      '/run/postgresql': MEBIBYTE,
      // The 64 MB that an engine gives are too few for a parallel query.
      '/dev/shm': Math.max(64 * MEBIBYTE, Math.floor(memory / 4)),
    },
    // While a new database is made, a server listens on its socket alone: that one is not meant.
    health: ['pg_isready', '--host', '127.0.0.1', '--username', user, '--dbname', database.database],
  };
}

/**
 * Waits until no other container holds the volume, and holds it until the last process of this one has ended: a platform that starts a
 * second container too early, as Kubernetes does when a pod is deleted, must not destroy what is stored.
 */
function alone(volume: string): string[] {
  return ['flock', '--no-fork', `${volume}/.lock`];
}

function setting(name: string, value: string): string[] {
  return ['-c', `${name}=${value}`];
}

/** The official image declares its volume at another path from 18 on; elsewhere Docker would mount one without a name over it. */
function volumePath({ version }: Postgres): string {
  return Number(version) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/** Below the mount, which may hold lost+found and belongs to somebody else. */
function dataFolder(database: Postgres): string {
  return `${volumePath(database)}/${Number(database.version) >= 18 ? `${database.version}/docker` : 'pgdata'}`;
}

/** What the start shim must know of an app's connections. `hostOf` says where a database of the stack is. */
export function connectionValues(
  app: AsgiApp,
  hostOf: (store: DataStore) => string,
): Pick<StartValues, 'urls' | 'waitFor' | 'waitSeconds'> {
  const host = (store: DataStore) => store.host ?? hostOf(store);
  return {
    urls: Object.entries(app.connections)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([variable, connection]) => ({
        variable,
        file: `/run/secrets/${connection.store.password.node.id}`,
        url: urlTemplate(connection, host(connection.store)),
      })),
    waitFor: storesOf(app).map((store) => `${host(store)}:${store.port}`),
    // The rest is the app's own: it must be up before its time is over.
    waitSeconds: Math.floor(app.health.startup / 2),
  };
}

function urlTemplate({ store, parts }: ConnectionUrl, host: string): string {
  const { scheme, user, path } = parts;
  return `${scheme}://${encodeURIComponent(user)}:{}@${host}:${store.port}/${encodeURIComponent(path)}`;
}
