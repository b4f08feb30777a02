import type { IConstruct } from 'constructs';
import type { AsgiAppProps } from '../model/app-props.js';
import { AsgiApp } from '../model/app.js';
import { ConfigFile, type ConfigFileProps } from '../model/config-file.js';
import { ExternalDatabase, type ExternalDatabaseProps } from '../model/external-database.js';
import { Job, type JobProps } from '../model/job.js';
import { Postgres, type PostgresProps } from '../model/postgres.js';
import { Redis, type RedisProps } from '../model/redis.js';
import { Schedule, type ScheduleProps } from '../model/schedule.js';
import { Secret, type SecretProps } from '../model/secret.js';
import type { StackProps } from '../model/stack-props.js';
import { Stack } from '../model/stack.js';
import { Volume, type VolumeProps } from '../model/volume.js';
import { Worker, type WorkerProps } from '../model/worker.js';

/** How a target honours a prop that it has no problem with. */
export interface Support {
  /**
   * `native`: by what the target has for that. `emulated`: by something of ours in its place, or by something near to it.
   * `elsewhere`: by its own definition the prop speaks of another target, or of synthesis itself, and changes nothing here.
   */
  readonly how: 'native' | 'emulated' | 'elsewhere';
  /** What honours it, or why nothing has to; a few words, lower case, no full stop. */
  readonly by: string;
}

export const native = (by: string): Support => ({ how: 'native', by });
export const emulated = (by: string): Support => ({ how: 'emulated', by });
export const elsewhere = (by: string): Support => ({ how: 'elsewhere', by });

/** For what is done before a target has any part in it. */
export const SYNTHESIS = elsewhere('speaks of synthesis, not of a target');

/**
 * How a prop is honoured: always alike, or by what the construct and its stack ask for beside it. `problem`: never, which the target's
 * `problems` say of every construct that has it.
 */
type Entry<Subject> = Support | 'problem' | ((construct: Subject, stack: Stack) => Support);

/** How each prop of one kind of construct is honoured. A prop that is new does not compile until every target says how. */
export type PropSupport<Props, Subject> = { readonly [Prop in keyof Props]-?: Entry<Subject> };

/** How a target honours every prop there is, by kind of construct. A kind that is new needs a line here and one in `KINDS`. */
export interface SupportTable {
  readonly Stack: PropSupport<StackProps, Stack>;
  readonly AsgiApp: PropSupport<AsgiAppProps, AsgiApp>;
  readonly Secret: PropSupport<SecretProps, Secret>;
  readonly Volume: PropSupport<VolumeProps, Volume>;
  readonly ConfigFile: PropSupport<ConfigFileProps, ConfigFile>;
  readonly Worker: PropSupport<WorkerProps, Worker>;
  readonly Job: PropSupport<JobProps, Job>;
  readonly Schedule: PropSupport<ScheduleProps, Schedule>;
  readonly Postgres: PropSupport<PostgresProps, Postgres>;
  readonly Redis: PropSupport<RedisProps, Redis>;
  readonly ExternalDatabase: PropSupport<ExternalDatabaseProps, ExternalDatabase>;
}

const KINDS = {
  Stack,
  AsgiApp,
  Secret,
  Volume,
  ConfigFile,
  Worker,
  Job,
  Schedule,
  Postgres,
  Redis,
  ExternalDatabase,
} as const satisfies Record<keyof SupportTable, unknown>;

/** A construct with props of ours. */
export type Known = InstanceType<(typeof KINDS)[keyof SupportTable]>;

/** Which kind of ours a construct is; undefined for one of the user's own. A subclass is what it was made from. */
export function kindOf(construct: IConstruct): keyof SupportTable | undefined {
  return (Object.keys(KINDS) as (keyof SupportTable)[]).find((kind) => construct instanceof KINDS[kind]);
}

/** The props of a construct that were written, in that order. */
export function usedProps(construct: IConstruct, table: SupportTable): string[] {
  const kind = kindOf(construct);
  if (kind === undefined) return [];
  const { given } = construct as Known;
  return [...given].filter((prop) => Object.hasOwn(table[kind], prop));
}

/** What a table says of a prop of a construct with which its target has no problem. */
export function supportOf(construct: IConstruct, prop: string, table: SupportTable, stack: Stack): Support {
  const kind = kindOf(construct);
  const entries = (kind === undefined ? {} : table[kind]) as Readonly<Record<string, Entry<IConstruct> | undefined>>;
  const entry = entries[prop];
  if (entry === undefined || entry === 'problem')
    throw new Error(`${prop} of ${construct.node.path} is honoured by nothing, and no problem says so`);
  return typeof entry === 'function' ? entry(construct, stack) : entry;
}
