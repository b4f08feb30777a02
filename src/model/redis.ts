import type { Construct } from 'constructs';
import * as v from 'valibot';
import { ConnectionUrl, type UrlParts } from './data-store.js';
import { defaultsOf } from './defaults.js';
import { Database, databaseParts, databaseSchema, type DatabaseProps } from './database.js';
import { addMistake } from './mistakes.js';
import { checkProps, givenIn } from './props.js';
import type { Secret } from './secret.js';
import { show, trueOrFalse } from './values.js';
import type { Volume } from './volume.js';

/** Major versions that an image is known for. */
export const REDIS_VERSIONS = ['8'] as const;

/** Major version of Redis. */
export type RedisVersion = (typeof REDIS_VERSIONS)[number];

/** Props of a `Redis`. */
export interface RedisProps extends DatabaseProps {
  /**
   * Major version, `'8'`. Valkey takes its place with `images: { redis: 'valkey/valkey:9.1.1' }` of the stack.
   */
  readonly version: RedisVersion;
  /**
   * Password of the user `default`. A changed one holds once the server was restarted.
   * @default - a Secret named `<id>_password`
   */
  readonly password?: Secret;
  /**
   * Memory of the container, in Kubernetes spelling. Half of it is for data: when the file of changes is written anew, that may take as
   * much again.
   * @default '256Mi'
   */
  readonly memory?: string;
  /**
   * Whether the keys that were used least recently go when the memory for data is full. A queue must not lose jobs that way.
   * @default false: whoever writes gets an error then
   */
  readonly evict?: boolean;
}

const schema = v.strictObject({
  ...databaseSchema,
  version: v.optional(v.picklist(REDIS_VERSIONS, `must be one of ${REDIS_VERSIONS.join(', ')}, as a text`)),
  evict: v.optional(trueOrFalse),
});

/** One durable Redis that is deployed with the stack. What it was told is on disk within a second. */
export class Redis extends Database {
  readonly version: RedisVersion;
  readonly evict: boolean;
  readonly password: Secret;
  readonly volume: Volume;
  readonly memory: number;
  readonly cpu: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName: string | undefined;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;
  readonly port = 6379;

  /** @param id lower-case letters, digits and hyphens: the host name of the server in its network. */
  constructor(scope: Construct, id: string, props: RedisProps) {
    super(scope, id);
    const checked = checkProps<Partial<RedisProps>>(this, schema, props, ['password']);
    const { evict, ...defaults } = defaultsOf(this).redis;
    if (props?.version === undefined) addMistake(this, 'version is missing; name the major version, such as "8"');
    this.version = checked.version ?? '8';
    this.evict = checked.evict ?? evict;
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
    return { scheme: 'redis', user: '', path: '0' };
  }

  /**
   * The URL of one of its 16 databases, `redis://…/1`.
   * @param database 0 to 15
   */
  url(database = 0): ConnectionUrl {
    const known = Number.isInteger(database) && database >= 0 && database <= 15;
    if (!known) addMistake(this, `url() takes a whole number from 0 to 15, got ${show(database)}`);
    return new ConnectionUrl(this, { ...this.plainUrl, path: String(known ? database : 0) });
  }
}
