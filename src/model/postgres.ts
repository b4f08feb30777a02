import type { Construct } from 'constructs';
import * as v from 'valibot';
import { ConnectionUrl, type DataStore, type UrlParts } from './data-store.js';
import { defaultsOf } from './defaults.js';
import { Database, databaseParts, databaseSchema, type DatabaseProps } from './database.js';
import { addMistake } from './mistakes.js';
import { checkProps, givenIn } from './props.js';
import type { Secret } from './secret.js';
import { matching, show, wholeNumber } from './values.js';
import type { Volume } from './volume.js';

/** Drivers that a URL can name: `asyncpg`, `psycopg` and `psycopg2` as SQLAlchemy spells them. */
export type PostgresDriver = 'asyncpg' | 'psycopg' | 'psycopg2';

const DRIVERS: readonly string[] = ['asyncpg', 'psycopg', 'psycopg2'];

/** Major versions that an image is known for. */
export const POSTGRES_VERSIONS = ['15', '16', '17', '18'] as const;

/** Major version of PostgreSQL. */
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

/** Props of a `Postgres`. */
export interface PostgresProps extends DatabaseProps {
  /**
   * Major version, `'15'` to `'18'`. Another one cannot read what is stored: dump, change it, and restore.
   */
  readonly version: PostgresVersion;
  /**
   * Database that is made when the volume is empty.
   * @default - the id, with underscores for hyphens
   */
  readonly database?: string;
  /**
   * Owner of the database, made when the volume is empty. It is a superuser, as the official image makes it.
   * @default - the same as `database`
   */
  readonly user?: string;
  /**
   * Password of the user. It is set when the volume is empty: a later change of the secret changes what apps send, not what the database
   * wants.
   * @default - a Secret named `<id>_password`
   */
  readonly password?: Secret;
  /**
   * Memory of the container, in Kubernetes spelling. A quarter of it is what PostgreSQL caches in.
   * @default '512Mi'
   */
  readonly memory?: string;
  /**
   * Connections at once, 10 to 10000.
   * @default 100
   */
  readonly maxConnections?: number;
}

export const identifier = matching(/^[a-z_][a-z0-9_]{0,62}$/, 'lower-case letters, digits and "_", at most 63');

const schema = v.strictObject({
  ...databaseSchema,
  version: v.optional(v.picklist(POSTGRES_VERSIONS, `must be one of ${POSTGRES_VERSIONS.join(', ')}, as a text`)),
  database: v.optional(identifier),
  user: v.optional(identifier),
  maxConnections: v.optional(wholeNumber(10, 10_000)),
});

/** One durable PostgreSQL that is deployed with the stack. */
export class Postgres extends Database {
  readonly version: PostgresVersion;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  readonly volume: Volume;
  readonly memory: number;
  readonly cpu: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName: string | undefined;
  readonly maxConnections: number;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;
  readonly port = 5432;

  /** @param id lower-case letters, digits and hyphens: the host name of the database in its network. */
  constructor(scope: Construct, id: string, props: PostgresProps) {
    super(scope, id);
    const checked = checkProps<Partial<PostgresProps>>(this, schema, props, ['password']);
    const { maxConnections, ...defaults } = defaultsOf(this).postgres;
    const name = this.node.id.replaceAll('-', '_');
    if (props?.version === undefined) addMistake(this, 'version is missing; name the major version, such as "18"');
    this.version = checked.version ?? '18';
    this.database = checked.database ?? name;
    this.user = checked.user ?? this.database;
    this.maxConnections = checked.maxConnections ?? maxConnections;
    ({
      password: this.password,
      volume: this.volume,
      memory: this.memory,
      cpu: this.cpu,
      nodeSelector: this.nodeSelector,
      priorityClassName: this.priorityClassName,
    } = databaseParts(this, { ...defaults, ...checked }));
    this.given = givenIn(props);
  }

  get plainUrl(): UrlParts {
    return { scheme: 'postgresql', user: this.user, path: this.database };
  }

  /**
   * The URL as a driver of SQLAlchemy wants it, `postgresql+asyncpg://…`.
   * @param driver without one it is `postgresql://…`
   */
  url(driver?: PostgresDriver, options?: UrlOptions): ConnectionUrl {
    return driverUrl(this, driver, options);
  }
}

/** What else may be said of a connection. */
export interface UrlOptions {
  /**
   * Connections that one process of the app opens at most, 1 to 10000: `pool_size` and `max_overflow` of SQLAlchemy together. It
   * changes nothing in the app; synthesis counts whether all processes together, those of an update included, find room in
   * `maxConnections`.
   * @default - not counted
   */
  readonly pool?: number;
}

export function driverUrl(store: DataStore, driver: PostgresDriver | undefined, options?: UrlOptions): ConnectionUrl {
  const pool = options?.pool;
  const known = pool === undefined || (Number.isInteger(pool) && pool >= 1 && pool <= 10_000);
  if (!known) addMistake(store, `url() takes a pool from 1 to 10000, got ${show(pool)}`);
  if (driver !== undefined && !DRIVERS.includes(driver))
    addMistake(store, `url() takes one of ${DRIVERS.join(', ')}, got ${show(driver)}`);
  const scheme = driver === undefined ? 'postgresql' : `postgresql+${driver}`;
  return new ConnectionUrl(store, { ...store.plainUrl, scheme }, known ? pool : undefined);
}
