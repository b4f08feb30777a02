import type { ComposeHealthcheck } from '../formats/compose.js';
import type { StartValues } from '../formats/python.js';
import type { AsgiApp } from '../model/app.js';
import type { ConnectionUrl, DataStore } from '../model/data-store.js';
import type { Database } from '../model/database.js';
import { Postgres } from '../model/postgres.js';
import { Redis } from '../model/redis.js';
import { storesOf } from '../model/tree.js';
import type { Context } from './context.js';
import type { DatabaseContainer } from './database-container.js';
import { postgresContainer } from './postgres.js';
import { redisContainer } from './redis.js';

/** Seconds for a server to finish its last checkpoint. A Swarm waits no longer. */
export const DATABASE_STOP_GRACE = 60;

/** Seconds from the start of a server to the end of its recovery, or of the making of a new database. */
export const DATABASE_STARTUP = 300;

/** Seconds and failures after which a server that was well is taken for ill. It is busy before it is dead. */
export const DATABASE_HEALTH = { interval: 5, timeout: 5, retries: 6 } as const;

/** What runs a database, whichever it is. */
export function databaseContainer(database: Database, context: Context): DatabaseContainer {
  if (database instanceof Postgres) return postgresContainer(database, context);
  if (database instanceof Redis) return redisContainer(database, context);
  throw new Error(`${database.node.path} is a database that no container is known for`);
}

/** The one check of Compose and Swarm. */
export function databaseHealthcheck({ health }: DatabaseContainer): ComposeHealthcheck {
  const { interval, timeout, retries } = DATABASE_HEALTH;
  return {
    test: ['CMD', ...health],
    interval: `${interval}s`,
    timeout: `${timeout}s`,
    retries,
    start_period: `${DATABASE_STARTUP}s`,
  };
}

/** The connections of an app, as the start shim makes them. @param hostOf where a database of the stack is */
export function connectionUrls(app: AsgiApp, hostOf: (store: DataStore) => string): NonNullable<StartValues['urls']> {
  return Object.entries(app.connections)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([variable, connection]) => ({
      variable,
      file: `/run/secrets/${connection.store.password.node.id}`,
      url: urlTemplate(connection, connection.store.host ?? hostOf(connection.store)),
    }));
}

/** Databases that an app waits for. */
export function databasesToAwait(
  app: AsgiApp,
  hostOf: (store: DataStore) => string,
): Pick<StartValues, 'waitFor' | 'waitSeconds'> {
  return {
    waitFor: storesOf(app).map((store) => `${store.host ?? hostOf(store)}:${store.port}`),
    // The rest is the app's own: it must be up before its time is over.
    waitSeconds: Math.floor(app.health.startup / 2),
  };
}

function urlTemplate({ store, parts }: ConnectionUrl, host: string): string {
  const { scheme, user, path } = parts;
  return `${scheme}://${encodeURIComponent(user)}:{}@${host}:${store.port}/${encodeURIComponent(path)}`;
}
