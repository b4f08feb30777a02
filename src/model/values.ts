import { isIP } from 'node:net';
import * as v from 'valibot';

/** A value as an error message shows it: short, on one line, and never the inside of an object. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return isClass(value) ? 'a class' : 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  const { name } = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor ?? {};
  return typeof name === 'string' && name !== 'Object' && /^[A-Z]\w{0,39}$/.test(name)
    ? `an instance of ${name}`
    : 'an object';
}

/** Whether a function can only be called with `new`. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
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

/**
 * Half of a surrogate pair is no character: written to a file, it would come back as another one. kustomize refuses the last two, and
 * makes other line breaks of Unicode's own.
 */
const NOT_TEXT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u;

/** The kernel takes no argument and no variable above 128 KiB. */
export const LONGEST_TEXT = 30_000;

export const text = must<string>(
  `a text of 1 to ${LONGEST_TEXT} characters without control characters`,
  (x) => typeof x === 'string' && x !== '' && x.length <= LONGEST_TEXT && !NOT_TEXT.test(x),
);

export const trueOrFalse = must<boolean>('true or false', (x) => typeof x === 'boolean');

/** RFC 1123 label: what Kubernetes names, Compose projects and Swarm stacks all accept. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const dnsLabel = matching(DNS_LABEL, 'lower-case letters, digits and hyphens, at most 63 (DNS-1123 label)');

export const labelKey = matching(
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  'a label key such as "acme.com/team"',
);
export const labelValue = matching(
  /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  'a label value: letters, digits, "-", "_" and ".", at most 63',
);
/** Labels as Kubernetes takes them; Docker takes any. */
export const labels = v.record(labelKey, labelValue);

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

export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** A path of a URL, percent-encoded where needed (RFC 3986). */
export const URL_PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,1023}$/;

export const urlPath = matching(URL_PATH, 'a path such as "/healthz"');

export const cidr = must<string>('an address range such as "10.0.0.0/8"', isCidr);

/** Whether the text is an address range whose host bits are zero: with `192.168.1.1/24`, Gunicorn does not start and Uvicorn trusts nobody. */
function isCidr(value: unknown): boolean {
  const match = typeof value === 'string' ? /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(value) : null;
  if (!match || isIP(match[1]!) === 0) return false;
  const bits = bitsOf(match[1]!);
  const prefix = Number(match[2] ?? bits.length);
  return prefix <= bits.length && !bits.slice(prefix).includes('1');
}

/** An address as zeros and ones. */
function bitsOf(address: string): string {
  const binary = (numbers: readonly number[], width: number) =>
    numbers.map((n) => n.toString(2).padStart(width, '0')).join('');
  if (isIP(address) === 4) return binary(address.split('.').map(Number), 8);
  // The URL parser spells every IPv6 address in one way.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail)];
  return binary([...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after], 16);
}

/** A path below the project root, written from there. */
export const relativePath = (example: string) =>
  must<string>(`a relative path inside the project, such as "${example}"`, isInside);

function isInside(path: unknown): boolean {
  if (
    typeof path !== 'string' ||
    path === '' ||
    Buffer.byteLength(path) > 1024 ||
    /[\p{Cc}\p{Cs}\\]/u.test(path) ||
    /^([/~]|[A-Za-z]:)/.test(path)
  )
    return false;
  let depth = 0;
  return path
    .split('/')
    .every(
      (part) =>
        Buffer.byteLength(part) < 256 && (depth += part === '..' ? -1 : part === '.' || part === '' ? 0 : 1) >= 0,
    );
}
