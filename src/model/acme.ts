import type { Construct } from 'constructs';
import * as v from 'valibot';
import { ConfigFile, configFileProps } from './config-file.js';
import { defaultsOf } from './defaults.js';
import { Secret, secretProps } from './secret.js';
import type { AcmeProps } from './stack-props.js';
import type { Stack } from './stack.js';
import { must } from './values.js';

/** A certificate that the stack gets itself. */
export interface AcmeSource {
  readonly kind: 'acme';
  readonly email: string;
  readonly directory: string;
  /** The root that signed the certificate of the directory; undefined for a public one. */
  readonly root: ConfigFile | undefined;
  /** Under which the certificate goes from one node to the others. */
  readonly token: Secret;
}

/** Names that Let's Encrypt puts into one certificate (letsencrypt.org/docs/rate-limits). */
export const LARGEST_CERTIFICATE = 100;

export const acmeSchema = v.strictObject({
  email: v.optional(
    must<string>(
      'an address such as "ops@example.com"',
      (x) => typeof x === 'string' && x.length <= 254 && /^[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+$/.test(x),
    ),
  ),
  directory: v.optional(
    must<string>('an https URL without credentials, such as "https://ca.example.com/directory"', isDirectory),
  ),
  directoryRoot: v.optional(v.strictObject(configFileProps)),
  token: v.optional(v.strictObject({ file: secretProps.file, external: secretProps.external })),
});

function isDirectory(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 1024 || !/^https:\/\/[\x21-\x7e]+$/.test(value)) return false;
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

/** What is wrong with `tls.acme` as a whole. */
export function acmeMistakes({ email, directoryRoot }: Partial<AcmeProps>): string[] {
  const { file, content } = directoryRoot ?? {};
  return [
    ...(email === undefined ? ['tls.acme.email is missing; name whom the certificate authority may write to'] : []),
    ...(directoryRoot !== undefined && (file === undefined) === (content === undefined)
      ? ['tls.acme.directoryRoot must have one of file and content; file: "./root.pem" takes the text of a file']
      : []),
  ];
}

/** Makes the secret, and the file of the root where there is one, below `stack`. */
export function resolveAcme(stack: Construct, { email, directory, directoryRoot, token = {} }: AcmeProps): AcmeSource {
  return {
    kind: 'acme',
    email,
    directory: directory ?? defaultsOf(stack).stack.acmeDirectory,
    root: directoryRoot && new ConfigFile(stack, 'acme-root', directoryRoot),
    token: new Secret(stack, 'acme_token', token),
  };
}

/** The secret of a certificate that the stack gets itself; none where it is from elsewhere. */
export function acmeSecrets({ tls }: Pick<Stack, 'tls'>): Secret[] {
  return tls?.source.kind === 'acme' ? [tls.source.token] : [];
}

/** Every host that an edge of the stack answers by name, each once, in the order in which they were written. */
export function namesOf({ apps, redirects }: Stack): string[] {
  return [...new Set([...apps.flatMap(({ hosts }) => hosts), ...Object.keys(redirects)])];
}
