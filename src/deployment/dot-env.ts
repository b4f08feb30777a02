import { readFileSync } from 'node:fs';

/** Names of the variables that `.env` of the working folder sets; none where there is no such file. Its values are not kept. */
export function dotEnvNames(): ReadonlySet<string> {
  try {
    return namesIn(readFileSync('.env', 'utf8'));
  } catch {
    return new Set();
  }
}

/** @param text of a `.env` */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=/gm)].map(([, name = '']) => name));
}

/** How a shell takes over what `.env` sets. */
export const SOURCE_DOT_ENV = 'set -a; . ./.env; set +a';
