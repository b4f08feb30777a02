import { Construct } from 'constructs';
import * as v from 'valibot';
import { defaultsOf } from './defaults.js';
import { checkId } from './ids.js';
import { acceptableId, addMistake } from './mistakes.js';
import { rememberPosition } from './position.js';
import { checkProps, givenIn } from './props.js';
import { sizeBetween } from './quantity.js';
import { DNS_LABEL, matching, text, trueOrFalse } from './values.js';

/** Storage that outlives the containers that use it. */
export interface VolumeProps {
  /**
   * Size to ask for, in Kubernetes spelling. Docker has no size for a volume: there it is the disk's.
   * @default '1Gi'
   */
  readonly size?: string;
  /**
   * Whether several nodes can mount the storage at once (NFS, CephFS, EFS …). Storage that is not shared keeps all processes of its
   * app on one node of a cluster, so that each of them sees the same content.
   * @default false
   */
  readonly shared?: boolean;
  /**
   * Kubernetes StorageClass that provides the storage.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
  /**
   * Docker volume driver, on bare metal and Swarm.
   * @default 'local'
   */
  readonly driver?: string;
  /**
   * Options for the Docker volume driver, such as `{ type: 'nfs', o: 'addr=10.0.0.5', device: ':/data' }`.
   * @default - none
   */
  readonly driverOptions?: Readonly<Record<string, string>>;
}

const schema = v.strictObject({
  size: v.optional(sizeBetween('1Mi', '64Ti')),
  shared: v.optional(trueOrFalse),
  storageClass: v.optional(matching(DNS_LABEL, 'the name of a StorageClass, such as "standard"')),
  driver: v.optional(
    matching(/^[a-zA-Z0-9][a-zA-Z0-9_./:-]{0,254}$/, 'the name of a Docker volume driver, such as "local"'),
  ),
  driverOptions: v.optional(
    v.record(matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'named as a driver knows it, such as "device"'), text),
  ),
});

/** Storage that outlives containers and updates. Mounted by an app through its `volumes`. */
export class Volume extends Construct {
  readonly size: string;
  readonly shared: boolean;
  readonly storageClass: string | undefined;
  readonly driver: string | undefined;
  readonly driverOptions: Readonly<Record<string, string>>;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  /** @param id lower-case letters, digits and hyphens; with the stack's name it names the volume. */
  constructor(scope: Construct, id: string, props: VolumeProps = {}) {
    super(scope, acceptableId(scope, id));
    rememberPosition(this, new.target);
    checkId(this, id);
    const checked = checkProps(this, schema, props, ['driverOptions']);
    this.size = checked.size ?? defaultsOf(this).volume.size;
    this.shared = checked.shared ?? false;
    this.storageClass = checked.storageClass;
    this.driver = checked.driver;
    this.driverOptions = checked.driverOptions ?? {};
    this.given = givenIn(props);
    if (props?.driverOptions && props.driver === undefined) {
      addMistake(this, 'driverOptions need a driver; add driver: "local" for the options of mount');
    }
  }
}
