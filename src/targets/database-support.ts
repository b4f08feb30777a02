import { emulated, native, type SupportTable } from './support.js';

/** The password is known inside the container alone, so that nothing else can make the URL of a connection. */
export const CONNECTIONS = emulated('the start shim makes the URL inside the container, and waits for the database');

const PART_OF_URL = emulated('the start shim makes the URL of it');

/** Nothing is deployed for it: apps get its URL, on every target alike. */
export const EXTERNAL_DATABASE_SUPPORT: SupportTable['ExternalDatabase'] = {
  kind: PART_OF_URL,
  host: PART_OF_URL,
  port: PART_OF_URL,
  database: PART_OF_URL,
  user: PART_OF_URL,
  password: PART_OF_URL,
};

/** What an image does, on every target alike. */
export const REDIS_SUPPORT = {
  version: native('version of the image'),
  password: native('of the user default, in a file of access rules that the server reads when it starts'),
  memory: native('limit of its container; half of it is maxmemory'),
  evict: native('maxmemory-policy'),
} satisfies Partial<SupportTable['Redis']>;

/** The same for PostgreSQL. */
export const POSTGRES_SUPPORT = {
  version: native('version of the image'),
  database: native('made by the image when the volume is empty'),
  user: native('made by the image when the volume is empty'),
  password: native('a secret, set when the volume is empty'),
  memory: native('limit of its container'),
  maxConnections: native('max_connections'),
} satisfies Partial<SupportTable['Postgres']>;
