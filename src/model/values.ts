import { isIP } from 'node:net';
import * as v from 'valibot';

/** A value as an error message shows it: short, on one line, and never the inside of an object. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** A schema of one predicate; `allowed` completes the sentence "… must be". */
export function must<T>(allowed: string, test: (value: unknown) => boolean) {
  return v.custom<T>(test, `must be ${allowed}`);
}

export const wholeNumber = (min: number, max: number) =>
  must<number>(
    `a whole number from ${min} to ${max}`,
    (x) => typeof x === 'number' && Number.isInteger(x) && x >= min && x <= max,
  );

export const matching = (pattern: RegExp, allowed: string) =>
  must<string>(allowed, (x) => typeof x === 'string' && pattern.test(x));

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

export const text = must<string>('a text without control characters', (x) => typeof x === 'string' && !CONTROL.test(x) && x !== '');

export const trueOrFalse = must<boolean>('true or false', (x) => typeof x === 'boolean');

/** RFC 1123 label: what Kubernetes names, Compose projects and Swarm stacks all accept. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const dnsLabel = matching(DNS_LABEL, 'lower-case letters, digits and hyphens, at most 63 (DNS-1123 label)');

export const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const hostName = matching(HOST_NAME, 'a host name in lower case, without scheme, port or path');

/** `host[:port]/path:tag@sha256:digest`, as `docker pull` takes it. */
export const IMAGE_REFERENCE =
  /^(?=.{1,512}$)([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]{1,5})?\/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[a-f0-9]{64})?$/;

export const imageReference = matching(IMAGE_REFERENCE, 'an image reference such as "ghcr.io/acme/api:1.4.2"');

/** `ghcr.io/acme`: where images are pushed, without scheme. */
export const registryPrefix = matching(
  /^(?=.{1,255}$)[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
  'a registry and path without scheme, such as "ghcr.io/acme"',
);

export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A path of a URL, percent-encoded where needed (RFC 3986). */
export const urlPath = matching(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, 'a path such as "/healthz"');

export const cidr = must<string>('an address range such as "10.0.0.0/8"', isCidr);

/** Whether the text is an address range whose host bits are zero: Gunicorn refuses `192.168.1.1/24`. */
function isCidr(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version === 0 || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(prefix ?? `${bits}`)) return false;
  return Number(prefix ?? bits) <= bits && (version === 6 || hostBitsAreZero(address, Number(prefix ?? 32)));
}

function hostBitsAreZero(address: string, prefix: number): boolean {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return number % 2 ** (32 - prefix) === 0;
}
