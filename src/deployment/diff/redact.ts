import { looksSecret, namesSecret } from '../../model/leaks.js';

/** What stands where a value was that others must not read. */
export const REDACTED = '(redacted)';

/**
 * A value of an output, or of what runs, without what looks like a secret. Outputs hold none of ours, but a patch can hold anything.
 * @param path keys that lead to it; items of a list by their name
 */
export function redacted(path: readonly string[], value: unknown): unknown {
  if (typeof value === 'string') return redactedText(path, value);
  if (Array.isArray(value)) return value.map((item: unknown) => redacted([...path, nameOf(item)], item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redacted([...path, key], inner)]));
}

function nameOf(item: unknown): string {
  const { name } = (item ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : '';
}

function redactedText(path: readonly string[], value: string): string {
  if (value === '') return value;
  // `{ name: DB_PASSWORD, value: … }`, as Kubernetes spells a variable.
  const key = (path.at(-1) === 'value' ? path.at(-2) : path.at(-1)) ?? '';
  const isData = path[0] === 'Secret' && ['data', 'stringData'].includes(path.at(-2) ?? '');
  if (isData || looksSecret(key, value) || (namesSecret(key) && !value.startsWith('/'))) return REDACTED;
  return redactedLine(value);
}

const ASSIGNED = /([A-Za-z][\w-]*)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"']+)/g;
const AUTHORIZATION = /(\bauthorization\s+)("[^"]*"|'[^']*'|[^\s;]+)/gi;
const PASSWORD_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)[^\s/@]+@/gi;
const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** A path, a variable or a check for one (`${X:?}`) only says where a value is. */
const REFERENCE = /^["']?[/$?-]/;

/** Text without the values that are given to names of secrets in it: `ENV API_KEY=…`, `proxy_set_header Authorization …`. */
export function redactedLine(text: string): string {
  return text
    .replace(PRIVATE_KEY, `$1${REDACTED}$2`)
    .replace(PASSWORD_IN_URL, `$1${REDACTED}@`)
    .replace(AUTHORIZATION, (all: string, head: string, value: string) =>
      REFERENCE.test(value) ? all : `${head}${REDACTED}`,
    )
    .replace(ASSIGNED, (all: string, name: string, sign: string, value: string) =>
      namesSecret(name) && !REFERENCE.test(value) ? `${name}${sign}${REDACTED}` : all,
    );
}
