import { Construct } from 'constructs';
import * as v from 'valibot';
import { AsgiApp, secretVariables } from './app.js';
import { variable, variableName } from './app-schema.js';
import type { ConfigFile } from './config-file.js';
import { defaultsOf } from './defaults.js';
import { checkId } from './ids.js';
import { acceptableId, addMistake } from './mistakes.js';
import {
  IDENTITY_ENTRIES,
  PLACEMENT_ENTRIES,
  resolveIdentity,
  type IdentityProps,
  type PlacementProps,
} from './placement.js';
import { checkProps, givenIn, isObject, type PropsSchema } from './props.js';
import { bytes, cores, coresOf, sizeBetween } from './quantity.js';
import type { Secret } from './secret.js';
import { must, text, wholeNumber } from './values.js';
import type { Volume } from './volume.js';

/** What every command has that runs beside an app, with the image, environment, secrets, volumes and files of that app. */
export interface TaskProps extends PlacementProps, IdentityProps {
  /** App whose image, environment, secrets, volumes and files the command gets. */
  readonly app: AsgiApp;
  /** Words of the command, `['celery', '-A', 'tasks', 'worker']`. No shell reads them. */
  readonly command: readonly string[];
  /**
   * Memory of one container, in Kubernetes spelling.
   * @default '512Mi'
   */
  readonly memory?: string;
  /**
   * Cores one container may use, 0.01 to 64. A limit in clusters; on bare metal a weight, as with an app.
   * @default 1
   */
  readonly cpu?: number;
  /**
   * Seconds from SIGTERM until the command is killed, 1 to 86400.
   * @default 60
   */
  readonly gracePeriod?: number;
  /**
   * Variables beside those of the app; one of the same name takes its place. Not for secrets: they are readable in every output.
   * @default - those of the app
   */
  readonly environment?: Readonly<Record<string, string | number | boolean>>;
}

/** The entries of a schema that every task has. */
export const TASK_ENTRIES = {
  app: v.optional(must<AsgiApp>('an AsgiApp of the stack', (x) => x instanceof AsgiApp)),
  command: v.optional(v.pipe(v.array(text), v.minLength(1, 'must hold at least one word'))),
  memory: v.optional(sizeBetween('16Mi', '1Ti')),
  cpu: v.optional(cores),
  gracePeriod: v.optional(wholeNumber(1, 86_400)),
  environment: v.optional(v.record(variableName, variable)),
  ...PLACEMENT_ENTRIES,
  ...IDENTITY_ENTRIES,
};

/** A command that runs beside an app: what workers, and whatever runs once or by the clock, have in common. */
export class Task<Props extends TaskProps = TaskProps> extends Construct {
  readonly command: readonly string[];
  /** Memory of one container, in bytes. */
  readonly memory: number;
  readonly cpu: number;
  /** Seconds from SIGTERM until the command is killed. */
  readonly gracePeriod: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly priorityClassName: string | undefined;
  /** Annotations of its ServiceAccount. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Variables that are not the app's, or not as there. */
  readonly ownEnvironment: Readonly<Record<string, string>>;
  /** The app, or undefined where a mistake was made instead of one. */
  readonly tryApp: AsgiApp | undefined;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;
  /** The props that are right. */
  protected readonly checked: Partial<Props>;

  protected constructor(scope: Construct, id: string, { schema, props }: { schema: PropsSchema; props: Props }) {
    super(scope, acceptableId(scope, id));
    checkId(this, id);
    const checked: Partial<Props> = checkProps(this, schema, props, ['environment', 'command']);
    this.checked = checked;
    const defaults = defaultsOf(this).task;
    this.given = givenIn(props);
    this.tryApp = checked.app;
    this.command = checked.command ?? [];
    this.memory = bytes(checked.memory ?? defaults.memory);
    this.cpu = coresOf(checked.cpu ?? defaults.cpu);
    this.gracePeriod = checked.gracePeriod ?? defaults.gracePeriod;
    ({
      nodeSelector: this.nodeSelector,
      priorityClassName: this.priorityClassName,
      annotations: this.annotations,
    } = resolveIdentity(checked, checked.app));
    this.ownEnvironment = Object.fromEntries(
      Object.entries(checked.environment ?? {}).map(([name, value]) => [name, String(value)]),
    );
    this.checkRest(props);
  }

  /** Whose image, environment, secrets, volumes and files the command gets. */
  get app(): AsgiApp {
    if (this.tryApp === undefined) throw new Error(`${this.node.path} has no app`);
    return this.tryApp;
  }

  /** Variables of the app, and its own in their place. */
  get environment(): Readonly<Record<string, string>> {
    return { ...this.app.environment, ...this.ownEnvironment };
  }

  get secrets(): readonly Secret[] {
    return this.app.secrets;
  }

  get volumes(): Readonly<Record<string, Volume>> {
    return this.app.volumes;
  }

  get files(): Readonly<Record<string, ConfigFile>> {
    return this.app.files;
  }

  private checkRest(props: Props): void {
    if (!isObject(props)) return;
    if (props.app === undefined) addMistake(this, 'app is missing; name the AsgiApp whose image runs the command');
    if (props.command === undefined)
      addMistake(this, 'command is missing; write its words, such as ["celery", "-A", "tasks", "worker"]');
    const taken = new Set(this.tryApp && secretVariables(this.tryApp).map(([variable]) => variable));
    for (const name of Object.keys(this.ownEnvironment).filter((one) => taken.has(one)))
      addMistake(this, `environment.${name} is set by a secret of the app as well; drop one of them`);
  }
}
