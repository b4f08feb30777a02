import { looksSecret, namesSecret } from '../../model/leaks.js';
import { SECRET_ID } from '../../model/secret.js';
import { LONGEST_TEXT, VARIABLE_NAME } from '../../model/values.js';
import type { Position } from '../../errors.js';
import type { ComposeFile, ComposeService } from '../../sources/compose/compose-file.js';
import { interpolate } from '../../sources/compose/interpolate.js';
import { entriesAt, itemsOf, nodeAt, textAt, type ComposeNode } from '../../sources/compose/node.js';
import { variableLines } from '../../sources/compose/variables.js';
import { posix } from 'node:path';
import type { DraftConnection, DraftDatabase, DraftVariable } from './draft.js';
import { placeOf, type Notebook } from './notebook.js';

/** A variable as a service has it. */
export interface GivenVariable {
  readonly name: string;
  readonly value: string;
  readonly raw: string;
  /** Whether its value comes from the shell, or from a variable that nothing sets. */
  readonly isUnset: boolean;
  readonly at: Position;
}

/** Variables of a service: those of its files, then its own in their place. */
export function variablesOf(compose: ComposeFile, { id, node }: ComposeService, book: Notebook): GivenVariable[] {
  const found = new Map<string, GivenVariable>();
  for (const { path, at, isRequired } of filesOf(compose, node)) {
    const text = compose.readText(path);
    if (text === undefined && isRequired)
      book.lose(
        at,
        `services.${id}.env_file`,
        `${path} cannot be read; write its variables into environment, or its secrets into secrets`,
      );
    for (const line of variableLines(path, text ?? '')) {
      const { text: value, unset } = interpolate(line.value, compose.values);
      found.set(line.name, {
        name: line.name,
        value,
        raw: line.value,
        isUnset: unset.length > 0 && value === '',
        at: line.at,
      });
    }
  }
  for (const [name, { at, node: value }] of entriesAt(node, 'environment')) {
    if (value.kind !== 'scalar') continue;
    const passed = compose.values.get(name);
    const isUnset = value.isNull ? passed === undefined : value.unset.length > 0;
    found.set(name, { name, value: value.isNull ? (passed ?? '') : value.text, raw: value.raw, isUnset, at });
  }
  return [...found.values()];
}

interface EnvFile {
  readonly path: string;
  readonly at: Position;
  readonly isRequired: boolean;
}

function filesOf({ folder }: ComposeFile, node: ComposeNode): EnvFile[] {
  const files = nodeAt(node, 'env_file');
  const all = files?.kind === 'list' ? itemsOf(files) : files ? [files] : [];
  return all.flatMap((one) => {
    const path = one.kind === 'scalar' ? one.text : textAt(one, 'path');
    const isRequired = textAt(one, 'required') !== 'false';
    return path === undefined ? [] : [{ path: posix.join(folder, path), at: one.at, isRequired }];
  });
}

const LIKELY_SECRET = /(^|_)(KEY|DSN|SECRET\w*|SALT|PASS|PWD|AUTH|CREDENTIALS?|ACCESS_KEY_ID|WEBHOOK_URL)$/i;
const RANDOM = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{24,}$/;

/** Whether a variable is a secret, by its name or by what it holds. */
export function isSecretVariable({ name, value, isUnset }: GivenVariable): boolean {
  if (value === '') return isUnset && (namesSecret(name) || LIKELY_SECRET.test(name));
  if (looksSecret(name, value)) return true;
  if (/^(true|false|\d{1,5})$/i.test(value) || /^\.{0,2}\//.test(value)) return false;
  return LIKELY_SECRET.test(name) || RANDOM.test(value);
}

export function secretId(name: string): string | undefined {
  const id = name.toLowerCase();
  return SECRET_ID.test(id) && id !== 'constructor' ? id : undefined;
}

/** Variables of the server itself, which `processes` and the other props say. */
const SERVER = /^(WEB_CONCURRENCY|GUNICORN_CMD_ARGS|UVICORN_.*)$/;
/** What a base image or a script reads that does not run any more. */
const OF_SCRIPTS =
  /^(MODULE_NAME|VARIABLE_NAME|APP_MODULE|WORKERS_PER_CORE|MAX_WORKERS|PRE_START_PATH|PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE)$/;

/** What the variables of a service become. */
export interface Sorted {
  readonly environment: readonly DraftVariable[];
  readonly secrets: readonly { readonly id: string; readonly variable: GivenVariable }[];
  readonly connections: readonly DraftConnection[];
}

export interface Surroundings {
  readonly databases: readonly DraftDatabase[];
  readonly stack: string;
  /** Names of the services that run beside, and of those that do not. */
  readonly kept: readonly string[];
  readonly gone: readonly string[];
  readonly book: Notebook;
}

/** Sorts variables into environment, secrets and connections. */
export function sortVariables(variables: readonly GivenVariable[], service: string, around: Surroundings): Sorted {
  const environment: DraftVariable[] = [];
  const secrets: { id: string; variable: GivenVariable }[] = [];
  const connections: DraftConnection[] = [];
  for (const variable of variables) {
    const path = `services.${service}.environment.${variable.name}`;
    const connection = connectionOf(variable, path, around);
    const id = secretId(variable.name);
    if (SERVER.test(variable.name) || OF_SCRIPTS.test(variable.name))
      around.book.drop(variable.at, path, 'the server that is written here is set up by processes and the other props');
    else if (!VARIABLE_NAME.test(variable.name))
      around.book.lose(variable.at, path, 'not a name that a variable can have; use letters, digits and "_"');
    else if (connection) connections.push(connection);
    else if (isSecretVariable(variable) || isHidden(variable)) {
      if (id === undefined) around.book.lose(variable.at, path, unspellableSecret(variable.name));
      else secrets.push({ id, variable });
      if (id !== undefined && id.toUpperCase() !== variable.name)
        around.book.note(
          `${variable.name} becomes the secret ${id}, which the app has as ${id.toUpperCase()}: pydantic-settings takes either, os.environ does not`,
        );
    } else environment.push(plain(variable));
    mentions(variable, path, around);
  }
  return { environment, secrets, connections };
}

/** A text that no variable of a stack can hold belongs into a file. */
function isHidden({ value }: GivenVariable): boolean {
  return value.length > LONGEST_TEXT || /-----BEGIN /.test(value);
}

function unspellableSecret(name: string): string {
  const id = name
    .toLowerCase()
    .replaceAll(/_+/g, '_')
    .replaceAll(/[^a-z0-9_]|^_+|_+$/g, '');
  return `a secret, but no secret can be named so; add new Secret(stack, '${id}') to secrets, and read the file /run/secrets/${id}`;
}

function plain({ name, value, raw, isUnset, at }: GivenVariable): DraftVariable {
  const isStandIn = isUnset && value === '';
  const spelled = raw === value || raw === '' ? '' : `${raw} in `;
  const comment = isStandIn
    ? `a stand-in: ${spelled}${placeOf(at)} has no value`
    : spelled === ''
      ? ''
      : `${spelled}${placeOf(at)}`;
  return { name, value: isStandIn ? 'change-me' : value, isStandIn, comment, from: placeOf(at) };
}

const URL =
  /^(postgres|postgresql|redis|rediss|valkey)(?:\+(\w+))?:\/\/(?:([^:@/]*)(?::([^@]*))?@)?([A-Za-z0-9._-]+)(?::\d+)?(?:\/([^?]*))?(\?.*)?$/;

/** A URL that leads to a database of the stack. */
function connectionOf(
  { name, value, at }: GivenVariable,
  path: string,
  around: Surroundings,
): DraftConnection | undefined {
  const [, scheme = '', driver, user, , host = '', rest = '', query] = URL.exec(value) ?? [];
  const database = around.databases.find(({ service }) => service === host);
  if (!database || (database.kind === 'postgres') !== scheme.startsWith('postgres')) return undefined;
  if (query !== undefined)
    around.book.lose(at, path, `the URL of ${database.id} is made when the app starts, without ${query}`);
  if (database.kind === 'redis') {
    const number = /^\d{1,2}$/.test(rest) ? Number(rest) : 0;
    return { variable: name, database: database.id, argument: number === 0 ? undefined : String(number) };
  }
  const known = driver !== undefined && ['asyncpg', 'psycopg', 'psycopg2'].includes(driver);
  if (driver !== undefined && !known) {
    around.book.lose(
      at,
      path,
      `the driver ${driver} is none that url() knows; give the URL as a secret that is a variable too`,
    );
    return undefined;
  }
  checkTarget(around.book, { at, path, database, user, name: rest });
  return { variable: name, database: database.id, argument: driver && `'${driver}'` };
}

interface Wanted {
  readonly at: Position;
  readonly path: string;
  readonly database: DraftDatabase;
  readonly user: string | undefined;
  readonly name: string;
}

function checkTarget(book: Notebook, { at, path, database, user, name }: Wanted): void {
  const made = { database: database.database ?? database.id, user: database.user ?? database.database ?? database.id };
  if (name !== '' && name !== made.database)
    book.lose(
      at,
      path,
      `the URL names the database ${name}, and ${database.id} makes ${made.database}: the app is led there`,
    );
  if (user !== undefined && user !== '' && user !== made.user)
    book.lose(at, path, `the URL names the user ${user}, and ${database.id} has ${made.user}: the app logs in as that`);
}

/** Other services by name: those of the stack have another name in a cluster, and the rest is not there. */
function mentions(
  { name, value }: GivenVariable,
  path: string,
  { kept, gone, stack, book, databases }: Surroundings,
): void {
  const host = /^(?:\w[\w+.-]*:\/\/(?:[^@/]*@)?)?([A-Za-z0-9._-]+)(?::\d+)?(?:[/?].*)?$/.exec(value)?.[1];
  if (
    host === undefined ||
    (host === value && !/(HOST|SERVER|HOSTNAME|ADDR|ADDRESS)$/i.test(name) && !kept.includes(host))
  )
    return;
  const isUrlOfDatabase = databases.some(({ service }) => service === host) && value.includes('://');
  if (
    kept.includes(host) &&
    !isUrlOfDatabase &&
    (value.includes('://') || /(HOST|SERVER|HOSTNAME|ADDR|ADDRESS)$/i.test(name))
  )
    book.note(`${name} names the host ${host}, which on Kubernetes has another name: ${stack}-${host}`);
  if (gone.includes(host))
    book.note(`${name} names the host ${host}, which is not in the stack (${path}): write where it is reached`);
}
