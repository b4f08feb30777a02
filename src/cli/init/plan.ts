import { looksSecret } from '../../model/leaks.js';
import { SECRET_ID } from '../../model/secret.js';
import type { FoundDatabase } from '../../sources/discovery/databases.js';
import type { Discovery } from '../../sources/discovery/discover.js';
import type { Variable } from '../../sources/discovery/settings.js';
import type { FoundWorker } from '../../sources/discovery/workers.js';
import { standIn } from './stand-in.js';

/** A stack file before it is spelled. */
export interface StackPlan {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly discovery: Discovery;
  /** Why versions that are not locked are accepted; undefined where they are locked. */
  readonly unpinned: string | undefined;
  readonly databases: readonly PlannedDatabase[];
  readonly environment: readonly PlannedVariable[];
  readonly secrets: readonly PlannedSecret[];
  readonly connections: readonly { readonly variable: string; readonly value: string }[];
  readonly workers: readonly PlannedWorker[];
  /** What else somebody should know. */
  readonly notes: readonly string[];
}

export interface PlannedDatabase {
  /** Name of the constant, and id. */
  readonly id: 'db' | 'cache';
  readonly kind: FoundDatabase['kind'];
  /** Id of a Secret that the application reads as a variable as well; undefined: one of its own. */
  readonly password: string | undefined;
}

export interface PlannedVariable {
  readonly name: string;
  readonly value: string | number | boolean;
  readonly comment: string;
  /** Whether the value only stands for one that somebody must know. */
  readonly isStandIn: boolean;
}

export interface PlannedSecret {
  readonly id: string;
  /** Whether a database has it as well. */
  readonly isShared: boolean;
  readonly from: string;
}

export interface PlannedWorker {
  readonly id: string;
  readonly worker: FoundWorker;
}

export interface PlanRequest {
  readonly discovery: Discovery;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly unpinned: string | undefined;
}

/** What the stack of an application says. */
export function planStack({ discovery, name, hosts, unpinned }: PlanRequest): StackPlan {
  const parts = discovery.databases.flatMap((database) => partsOf(database, discovery.variables, name));
  const left = openVariables(discovery, parts);
  const isSecret = (one: Variable) => staysSecret(one, discovery.examples.get(one.name)?.value ?? '');
  const found = [...parts.flatMap(({ secret }) => secret ?? []), ...left.filter(isSecret).map(asSecret)];
  const secrets = found.filter(({ id }, index) => found.findIndex((one) => one.id === id) === index);
  const databases = discovery.databases.map(({ kind }) => plannedDatabase(kind, { parts, secrets }));
  return {
    name,
    hosts,
    discovery,
    unpinned,
    databases,
    environment: [
      ...parts.flatMap(({ variable }) => variable ?? []),
      ...left
        .filter((one) => !isSecret(one) && !isUnspellable(one))
        .map((one) => standIn(one, discovery.examples.get(one.name))),
    ],
    secrets: secrets.map((one) => ({ ...one, isShared: databases.some(({ password }) => password === one.id) })),
    connections: discovery.databases.flatMap((database) =>
      database.variables.map((variable) => ({ variable, value: urlOf(database) })),
    ),
    workers: discovery.workers.map((worker, index, all) => ({ worker, id: workerId(worker, all.slice(0, index)) })),
    notes: [
      ...hostNotes(parts, name),
      ...defaultNotes(discovery),
      ...unspellableNotes(left),
      ...brokerNotes(discovery),
    ],
  };
}

function hostNotes(parts: readonly Part[], stack: string): string[] {
  return parts
    .filter(({ kind, variable }) => variable?.value === idOf(kind) && HOST.test(variable.name))
    .map(
      ({ kind, name }) =>
        `${name} is the host of a database, which on Kubernetes has another name: ${stack}-${idOf(kind)}`,
    );
}

function isUnspellable({ name, secret }: Variable): boolean {
  return secret && !SECRET_ID.test(name.toLowerCase());
}

/** A variable such as `_PASSWORD` cannot be that of a Secret, and a value in the stack file is readable by everybody. */
function unspellableNotes(variables: readonly Variable[]): string[] {
  return variables.filter(isUnspellable).map(({ name, from }) => {
    const id = name.toLowerCase().replaceAll(/_+/g, '_').replaceAll(/^_|_$/g, '');
    return `${name} of ${from} is a secret under a name that no Secret can have: add new Secret(stack, '${id}') to secrets, and read the file /run/secrets/${id}`;
  });
}

/** RabbitMQ is run by somebody else. */
function brokerNotes({ broker }: Discovery): string[] {
  if (!broker) return [];
  return [
    `${broker.from} asks for ${broker.value}, a driver of RabbitMQ, for which there is no construct: run it beside the stack, and give its URL to the app as a secret that is a variable too`,
  ];
}

/** A secret with a default is one that everybody knows, or one that each process makes anew. */
function defaultNotes({ variables, databases }: Discovery): string[] {
  const filled = databases.flatMap((one) => [...one.variables, ...one.parts]);
  return variables
    .filter(
      ({ name, required, secret, type }) =>
        secret && !required && !/\bNone\b|Optional/.test(type) && type !== '' && !filled.includes(name),
    )
    .map(
      ({ name, from }) =>
        `${name} has a default in ${from}; where it must be secret, and the same in every process, add it to secrets`,
    );
}

/** The secret that a database shares with the application: one that is there under the name of its own would be there twice. */
function plannedDatabase(
  kind: FoundDatabase['kind'],
  { parts, secrets }: { readonly parts: readonly Part[]; readonly secrets: readonly Omit<PlannedSecret, 'isShared'>[] },
): PlannedDatabase {
  const id = idOf(kind);
  const part = parts.find((one) => one.kind === kind && one.secret)?.secret;
  return { id, kind, password: part?.id ?? secrets.find((one) => one.id === `${id}_password`)?.id };
}

function staysSecret({ name, secret }: Variable, example: string): boolean {
  return (secret || looksSecret(name, example)) && SECRET_ID.test(name.toLowerCase());
}

/** Variables that the application does not start without, and that no database fills. */
function openVariables({ variables, databases }: Discovery, parts: readonly Part[]): Variable[] {
  const filled = new Set([...databases.flatMap(({ variables: names }) => names), ...parts.map(({ name }) => name)]);
  return variables.filter(({ name, required }) => required && !filled.has(name) && !SERVER.test(name));
}

/** What is the server's own, and what every container has. */
const SERVER = /^(WEB_CONCURRENCY|GUNICORN_CMD_ARGS|UVICORN_.*|PATH|HOME|HOSTNAME|USER|PWD|PYTHONPATH)$/;

function idOf(kind: FoundDatabase['kind']): 'db' | 'cache' {
  return kind === 'postgres' ? 'db' : 'cache';
}

function urlOf({ kind, driver }: FoundDatabase): string {
  return driver === undefined ? idOf(kind) : `${idOf(kind)}.url('${driver}')`;
}

function asSecret({ name, from }: Variable): Omit<PlannedSecret, 'isShared'> {
  return { id: name.toLowerCase(), from };
}

const HOST = /(^|_)(SERVER|HOST|HOSTNAME)$/i;

interface Part {
  readonly kind: FoundDatabase['kind'];
  readonly name: string;
  readonly variable: PlannedVariable | undefined;
  readonly secret: Omit<PlannedSecret, 'isShared'> | undefined;
}

/** The address of a database in variables of its own. */
function partsOf({ kind, parts }: FoundDatabase, variables: readonly Variable[], stack: string): Part[] {
  const id = idOf(kind);
  return parts.map((name): Part => {
    const word = name.split('_').at(-1)?.toUpperCase() ?? '';
    const from = variables.find((one) => one.name === name)?.from ?? '';
    if (word === 'PASSWORD') return { kind, name, variable: undefined, secret: { id: name.toLowerCase(), from } };
    const isHost = HOST.test(name);
    const value = isHost ? id : word === 'PORT' ? (kind === 'postgres' ? 5432 : 6379) : kind === 'postgres' ? id : 0;
    const comment = isHost ? `on Kubernetes write ${stack}-${id}` : from;
    return { kind, name, variable: { name, value, comment, isStandIn: false }, secret: undefined };
  });
}

function workerId({ kind }: FoundWorker, before: readonly FoundWorker[]): string {
  const name = kind === 'celery beat' ? 'beat' : kind === 'taskiq scheduler' ? 'scheduler' : 'worker';
  const same = before.filter((one) => one.kind === kind).length;
  return same === 0 ? name : `${name}-${same + 1}`;
}
