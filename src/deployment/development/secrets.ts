import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { UserError, type Complaint } from '../../errors.js';
import type { Secret } from '../../model/secret.js';
import type { Stack } from '../../model/stack.js';
import { appSecretsOf } from '../../model/tree.js';
import { SecretFiles } from '../bare-metal/local-place.js';

/** Where the values of a developer's secrets come from, and where they go. */
export interface SecretPlaces {
  /** Absolute path of the project root, with its `.env`. */
  readonly root: string;
  /** Absolute path of the output's folder. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** File of the project root with the values that a developer keeps. */
export const ENV_FILE = '.env';

/**
 * Writes the values of all secrets beside compose.yaml: each from its file, else from its variable, else from `.env`, else as it is there
 * already. The password of a database is made up once, and stays: the database does not forget it either. Throws a `UserError` with all
 * that have none, before one is written.
 *
 * @returns whether one changed that was there
 */
export async function writeSecrets(stack: Stack, { root, directory, env }: SecretPlaces): Promise<boolean> {
  const store = new SecretFiles(join(directory, 'secrets'));
  const own = new Set(stack.databases.map(({ password }) => password));
  const variables = { ...envFile(root), ...env };
  const secrets = appSecretsOf(stack);
  const values = new Map<string, Uint8Array>();
  const before = new Map<string, Uint8Array | undefined>();
  for (const secret of secrets) {
    const { id } = secret.node;
    const stored = await store.read(id);
    const given = valueOf(secret, root, variables);
    const value = own.has(secret) ? (stored ?? given ?? madeUp()) : (given ?? stored);
    before.set(id, stored);
    if (value !== undefined) values.set(id, value);
  }
  const missing = secrets.filter(({ node }) => !values.has(node.id));
  if (missing.length > 0) throw new UserError(missing.map(complaint));
  const changed = [...values].filter(([id, value]) => !isSame(before.get(id), value));
  for (const [id, value] of changed) await store.replace(id, value);
  await store.keep();
  return changed.some(([id]) => before.get(id) !== undefined);
}

function envFile(root: string): NodeJS.Dict<string> {
  const file = join(root, ENV_FILE);
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}

function valueOf({ file, variable }: Secret, root: string, env: NodeJS.Dict<string>): Uint8Array | undefined {
  if (file !== undefined && existsSync(join(root, file))) return readFileSync(join(root, file));
  const value = env[variable];
  return value === undefined || value === '' ? undefined : Buffer.from(value, 'utf8');
}

function madeUp(): Uint8Array {
  return Buffer.from(randomBytes(18).toString('base64url'), 'utf8');
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.from(one).equals(other);
}

function complaint({ node, variable, file }: Secret): Complaint {
  const or = file === undefined ? '' : `, or its value into ${file}`;
  return {
    path: node.path,
    message: `secret ${node.id} has no value; write ${variable}=… into ${ENV_FILE}${or}, or set the variable ${variable}`,
  };
}
