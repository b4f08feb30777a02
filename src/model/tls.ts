import type { Construct } from 'constructs';
import * as v from 'valibot';
import { acmeMistakes, acmeSchema, resolveAcme, type AcmeSource } from './acme.js';
import { defaultsOf } from './defaults.js';
import { givenIn } from './props.js';
import { Secret, secretProps } from './secret.js';
import type { HttpPort } from './stack.js';
import type { AcmeProps, SecretSource, TlsProps } from './stack-props.js';
import { HOST_NAME, matching, must, trueOrFalse } from './values.js';

/** Where a certificate is, or who makes it. */
export type CertificateSource =
  | { readonly kind: 'own'; readonly certificate: Secret; readonly key: Secret }
  | AcmeSource
  | { readonly kind: 'stored'; readonly secretName: string }
  | { readonly kind: 'issued'; readonly by: 'issuer' | 'clusterIssuer'; readonly name: string };

/** How a stack is served over HTTPS. */
export interface Tls {
  readonly source: CertificateSource;
  /** Whether what comes over HTTP is sent to HTTPS. */
  readonly redirect: boolean;
  /** Seconds for which browsers use HTTPS alone; undefined where they are told nothing. */
  readonly hsts: number | undefined;
  /** Whether HTTP/3 is wanted as well. */
  readonly http3: boolean;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;
}

/** Two years: what the list of hosts that browsers ship asks for, twice over. */
const LONGEST_HSTS = 63_072_000;

const secretSource = v.strictObject({ file: secretProps.file, external: secretProps.external });

const objectName = matching(HOST_NAME, 'the name of an object of the cluster');

export const tlsSchema = v.strictObject({
  certificate: v.optional(secretSource),
  key: v.optional(secretSource),
  acme: v.optional(acmeSchema),
  secretName: v.optional(objectName),
  issuer: v.optional(objectName),
  clusterIssuer: v.optional(objectName),
  hsts: v.optional(
    must<number | false>(
      `a whole number of seconds from 0 to ${LONGEST_HSTS}, or false`,
      (x) => x === false || (typeof x === 'number' && Number.isInteger(x) && x >= 0 && x <= LONGEST_HSTS),
    ),
  ),
  redirect: v.optional(trueOrFalse),
  http3: v.optional(trueOrFalse),
});

/** Every prop of `tls` that there is; which of them go together is for `tlsMistakes` to say. */
type Given = Partial<Record<'secretName' | 'issuer' | 'clusterIssuer', string>> &
  Partial<Record<'certificate' | 'key', SecretSource>> & {
    readonly acme?: AcmeProps;
    readonly hsts?: number | false;
    readonly redirect?: boolean;
    readonly http3?: boolean;
  };

const SOURCES = 'give { certificate, key }, { acme }, { secretName }, { issuer } or { clusterIssuer }, one of them';

/** What is wrong with `tls` as a whole. */
export function tlsMistakes(tls: TlsProps): string[] {
  const { certificate, key, acme, secretName, issuer, clusterIssuer } = tls as Given;
  const sources = [certificate ?? key, acme, secretName, issuer, clusterIssuer].filter((one) => one !== undefined);
  if (sources.length !== 1)
    return [`tls names ${sources.length === 0 ? 'no certificate' : 'more than one certificate'}; ${SOURCES}`];
  if (acme !== undefined) return acmeMistakes(acme);
  if (certificate === undefined && key === undefined) return [];
  if (certificate === undefined || key === undefined)
    return [
      `tls.${certificate === undefined ? 'certificate' : 'key'} is missing; a certificate and its key belong together`,
    ];
  if (isSame(certificate, key))
    return [
      'tls.certificate and tls.key are the same secret; make two, since everybody sees the certificate and nobody the key',
    ];
  return [];
}

function isSame(one: SecretSource, other: SecretSource): boolean {
  const sources = (['file', 'external'] as const).filter((prop) => one[prop] !== undefined);
  return sources.length > 0 && sources.every((prop) => one[prop] === other[prop]);
}

/** `tls` as the targets see it; undefined where something is wrong with it. Makes the secrets of an own certificate below `stack`. */
export function resolveTls(
  stack: Construct,
  tls: TlsProps | undefined,
  ports: readonly [HttpPort, HttpPort],
): Tls | undefined {
  const source = tls && tlsMistakes(tls).length === 0 ? sourceOf(stack, tls as Given) : undefined;
  if (!tls || !source) return undefined;
  const { redirect = true, hsts = defaultHsts(stack, redirect, ports), http3 = false } = tls;
  return { source, redirect, hsts: hsts === false ? undefined : hsts, http3, given: givenIn(tls) };
}

function sourceOf(
  stack: Construct,
  { certificate, key, acme, secretName, issuer, clusterIssuer }: Given,
): CertificateSource | undefined {
  if (certificate && key)
    return {
      kind: 'own',
      certificate: new Secret(stack, 'tls_certificate', certificate),
      key: new Secret(stack, 'tls_key', key),
    };
  if (acme) return resolveAcme(stack, acme);
  if (secretName !== undefined) return { kind: 'stored', secretName };
  if (clusterIssuer !== undefined) return { kind: 'issued', by: 'clusterIssuer', name: clusterIssuer };
  return issuer === undefined ? undefined : { kind: 'issued', by: 'issuer', name: issuer };
}

/** A browser keeps a port that is not 80 when it turns http into https, and would speak TLS to the port of HTTP. */
function defaultHsts(
  stack: Construct,
  redirect: boolean,
  [http, https]: readonly [HttpPort, HttpPort],
): number | false {
  return redirect && http.port === 80 && https.port === 443 ? defaultsOf(stack).stack.hsts : false;
}

/** The two secrets of an own certificate; none where it is from elsewhere. */
export function tlsSecrets({ tls }: { readonly tls: Tls | undefined }): Secret[] {
  return tls?.source.kind === 'own' ? [tls.source.certificate, tls.source.key] : [];
}
