import type { Construct } from 'constructs';
import * as v from 'valibot';
import { DataStore, type ConnectionUrl, type UrlParts } from './data-store.js';
import { addMistake } from './mistakes.js';
import { passwordSecret } from './database.js';
import { driverUrl, type PostgresDriver } from './postgres.js';
import { checkProps, givenIn } from './props.js';
import { Secret } from './secret.js';
import { hostName, text, wholeNumber } from './values.js';

/** Props of an `ExternalDatabase`. */
export interface ExternalDatabaseProps {
  /** What it is. */
  readonly kind: 'postgres';
  /** Host name or address. */
  readonly host: string;
  /**
   * Port.
   * @default 5432
   */
  readonly port?: number;
  /** Name of the database. */
  readonly database: string;
  /** User to log in as. */
  readonly user: string;
  /** Password of the user. */
  readonly password: Secret;
}

const schema = v.strictObject({
  kind: v.optional(v.picklist(['postgres'], 'must be "postgres"')),
  host: v.optional(hostName),
  port: v.optional(wholeNumber(1, 65535)),
  database: v.optional(text),
  user: v.optional(text),
  password: v.optional(passwordSecret),
});

/** The props that nothing can stand for, and what to write. */
const REQUIRED = {
  kind: 'give it "postgres"',
  host: 'name the server, such as "db.example.com"',
  database: 'name the database',
  user: 'name whom the app logs in as',
  password: 'give it new Secret(stack, "db_password")',
} as const;

/** A database that somebody else runs. Nothing is deployed for it: apps get its URL. */
export class ExternalDatabase extends DataStore {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  constructor(scope: Construct, id: string, props: ExternalDatabaseProps) {
    super(scope, id);
    const checked = checkProps<Partial<ExternalDatabaseProps>>(this, schema, props, ['password']);
    for (const [prop, next] of Object.entries(REQUIRED))
      if (props?.[prop as keyof typeof REQUIRED] === undefined) addMistake(this, `${prop} is missing; ${next}`);
    this.given = givenIn(props);
    this.host = checked.host ?? 'localhost';
    this.port = checked.port ?? 5432;
    this.database = checked.database ?? 'postgres';
    this.user = checked.user ?? 'postgres';
    this.password = checked.password ?? new Secret(this, `${this.node.id.replaceAll('-', '_')}_password`);
  }

  get plainUrl(): UrlParts {
    return { scheme: 'postgresql', user: this.user, path: this.database };
  }

  /** The URL as a driver of SQLAlchemy wants it, `postgresql+asyncpg://…`. */
  url(driver?: PostgresDriver): ConnectionUrl {
    return driverUrl(this, driver);
  }
}
