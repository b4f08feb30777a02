import { Construct } from 'constructs';
import { checkId } from './ids.js';
import { acceptableId } from './mistakes.js';
import { rememberPosition } from './position.js';
import type { Secret } from './secret.js';

/** The parts of a URL that do not depend on where something is deployed. */
export interface UrlParts {
  /** Scheme with its driver, `postgresql+asyncpg`. */
  readonly scheme: string;
  readonly user: string;
  /** What comes after the slash. */
  readonly path: string;
}

/** Something with a URL that apps connect to through their `connections`. */
export abstract class DataStore extends Construct {
  /** Its password. It is part of the URL, percent-encoded. */
  abstract readonly password: Secret;
  abstract readonly port: number;
  /** Where it is, unless it is deployed with the stack. */
  abstract readonly host: string | undefined;
  /** The URL that an app gets that asks for no driver. */
  abstract readonly plainUrl: UrlParts;

  constructor(scope: Construct, id: string) {
    super(scope, acceptableId(scope, id));
    rememberPosition(this, new.target);
    checkId(this, id);
  }
}

/** The URL of a data store for one driver, to be named in the `connections` of an app. */
export class ConnectionUrl {
  readonly store: DataStore;
  readonly parts: UrlParts;
  /** Connections that one process opens at most; undefined where nobody says so. */
  readonly pool: number | undefined;

  constructor(store: DataStore, parts: UrlParts, pool?: number) {
    this.store = store;
    this.parts = parts;
    this.pool = pool;
  }
}

/** What an app may name in its `connections`. */
export type Connection = DataStore | ConnectionUrl;

/** The URL that a connection stands for. */
export function connectionUrl(connection: Connection): ConnectionUrl {
  return connection instanceof ConnectionUrl ? connection : new ConnectionUrl(connection, connection.plainUrl);
}
