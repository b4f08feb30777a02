import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, type Complaint } from '../errors.js';
import { show } from '../model/values.js';
import { certificateComplaints } from './certificate.js';
import { dotEnvNames, SOURCE_DOT_ENV } from './dot-env.js';
import type { Plan, SecretPlan } from './plan.js';

/** The values that the operator gives, by id: each from its file, else from its variable. What is given nowhere is absent. */
export function secretValues(plan: Plan, root: string, env: NodeJS.ProcessEnv = process.env): Map<string, Uint8Array> {
  const complaints: Complaint[] = [];
  const values = new Map<string, Uint8Array>();
  for (const secret of plan.secrets) {
    if (secret.external !== undefined) continue;
    const value = valueOf(secret, root, env, complaints);
    if (value !== undefined) values.set(secret.id, value);
  }
  complaints.push(...certificateComplaints(plan, values));
  if (complaints.length > 0) throw new UserError(complaints);
  return values;
}

function valueOf(
  { id, variable, file }: SecretPlan,
  root: string,
  env: NodeJS.ProcessEnv,
  complaints: Complaint[],
): Uint8Array | undefined {
  if (file === undefined) {
    const value = env[variable];
    return value === undefined || value === '' ? undefined : Buffer.from(value, 'utf8');
  }
  try {
    return readFileSync(join(root, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // In CI the store may hold it already; whether it does, the engine knows.
    if (code !== 'ENOENT')
      complaints.push({ message: `the file ${show(file)} of secret ${id} cannot be read: ${code}` });
    return undefined;
  }
}

/** What to say of secrets that are given nowhere and stored nowhere. */
export function withoutValues(secrets: readonly SecretPlan[]): Complaint[] {
  const inDotEnv = dotEnvNames();
  return secrets.map((secret) => withoutValue(secret, inDotEnv));
}

/** @param inDotEnv names that `.env` of the working folder sets */
export function withoutValue({ id, variable, file }: SecretPlan, inDotEnv: ReadonlySet<string>): Complaint {
  const known = inDotEnv.has(variable) ? `, which .env has (${SOURCE_DOT_ENV}),` : '';
  const where = file === undefined ? `set the variable ${variable}${known}` : `write it into ${file}`;
  return { message: `secret ${id} has no value, and none is stored; ${where} and deploy again` };
}
