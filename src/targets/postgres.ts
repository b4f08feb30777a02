import { code } from '../formats/markdown.js';
import { defaultsOf } from '../model/defaults.js';
import type { Postgres } from '../model/postgres.js';
import { givenThirdParty, type Context } from './context.js';
import { alone, MEBIBYTE, type DatabaseCare, type DatabaseContainer } from './database-container.js';

export function postgresContainer(database: Postgres, context: Context): DatabaseContainer {
  const { version, user, maxConnections, memory } = database;
  return {
    image: givenThirdParty('postgres', defaultsOf(context.stack).images.postgres[version], context),
    // The entry point of the image makes the database where there is none.
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
    // A fast shutdown: SIGTERM would wait for the last client to leave.
    stopSignal: 'SIGINT',
    // A process for each connection, and as many again for parallel queries.
    pids: 64 + maxConnections * 2,
    care: care(database),
  };
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

/** The server asks no password at its socket. */
function care({ node, user, database }: Postgres): DatabaseCare {
  const who = `--username ${user} --dbname ${database}`;
  return {
    save: `pg_dump ${who} --format custom`,
    file: `${node.id}.dump`,
    restore: `pg_restore ${who} --clean --if-exists --single-transaction`,
    restarts: false,
    talk: `psql ${who}`,
    notes: `The password of ${code(node.id)} is set when its volume is empty. To change it later, first tell the database (${code('\\password')} in ${code('psql')}), then change the secret and restart the apps. Another major version cannot read the volume: save, remove the volume, change ${code('version')}, and restore.`,
  };
}
