import type { Construct } from 'constructs';
import * as v from 'valibot';
import { DataStore } from './data-store.js';
import { PLACEMENT_ENTRIES, resolvePlacement, type PlacementProps } from './placement.js';
import { bytes, cores, coresOf, sizeBetween } from './quantity.js';
import { Secret } from './secret.js';
import { matching, must } from './values.js';
import { Volume } from './volume.js';

/** Props that every database of a stack has. */
export interface DatabaseProps extends PlacementProps {
  /**
   * Size of the volume, in Kubernetes spelling. Docker has no size for a volume: there it is the disk's.
   * @default '10Gi'
   */
  readonly storage?: string;
  /**
   * Kubernetes StorageClass of the volume.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
  /**
   * Cores it may use, 0.01 to 64. A limit in clusters; on bare metal a weight.
   * @default 1
   */
  readonly cpu?: number;
}

export const passwordSecret = must<Secret>(
  'a Secret; make one with new Secret(stack, "db_password")',
  (x) => x instanceof Secret,
);

/** How the props that every database has are checked, and its password and memory. */
export const databaseSchema = {
  password: v.optional(passwordSecret),
  storage: v.optional(sizeBetween('256Mi', '64Ti')),
  storageClass: v.optional(
    matching(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'the name of a StorageClass, such as "standard"'),
  ),
  memory: v.optional(sizeBetween('128Mi', '1Ti')),
  cpu: v.optional(cores),
  ...PLACEMENT_ENTRIES,
};

/** A store that is deployed with the stack: one durable instance with a volume of its own. */
export abstract class Database extends DataStore {
  abstract readonly volume: Volume;
  /** Bytes. */
  abstract readonly memory: number;
  abstract readonly cpu: number;
  abstract readonly nodeSelector: Readonly<Record<string, string>>;
  abstract readonly priorityClassName: string | undefined;
  /** Names of the props that were written, to tell a default from a wish. */
  abstract readonly given: ReadonlySet<string>;
  readonly host = undefined;
}

/** What every database is made of: its checked props, with the default of each that is not given. */
export function databaseParts(
  database: Construct,
  { password, storage, storageClass, memory, cpu, ...placement }: DatabaseProps & Given,
): Pick<Database, 'password' | 'volume' | 'memory' | 'cpu' | 'nodeSelector' | 'priorityClassName'> {
  const { id } = database.node;
  return {
    password: password ?? new Secret(database, `${id.replaceAll('-', '_')}_password`),
    volume: new Volume(database, `${id}-data`, {
      size: storage,
      ...(storageClass === undefined ? {} : { storageClass }),
    }),
    memory: bytes(memory),
    cpu: coresOf(cpu),
    ...resolvePlacement(placement),
  };
}

interface Given {
  readonly password?: Secret;
  readonly storage: string;
  readonly memory: string;
  readonly cpu: number;
}
