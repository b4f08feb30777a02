import type { Construct } from 'constructs';
import { addMistake } from './mistakes.js';
import { readNginx, type NginxDirective } from './nginx-reader.js';
import { headOf, ruleOf } from './nginx-rules.js';
import { must, show } from './values.js';

/** A part of an nginx.conf in which a text of the user can stand. */
export type NginxPlace = 'http' | 'server' | 'location';

/** Directives of the user's own, which stand in one part of an nginx.conf. */
export interface NginxSnippet {
  /** Whole directives, which neither leave a block open nor close one that is not theirs. */
  readonly text: string;
  /** Names of those that are in no block of the text. */
  readonly directives: readonly string[];
}

const LONGEST_SNIPPET = 16_384;

/** A text of several lines. Of control characters nginx makes words. */
export const snippetText = must<string>(
  `directives of nginx: a text of 1 to ${LONGEST_SNIPPET} bytes, with no control characters but tabs and line feeds`,
  (x) =>
    typeof x === 'string' &&
    x !== '' &&
    Buffer.byteLength(x) <= LONGEST_SNIPPET &&
    !/[\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u.test(x) &&
    !/\p{Cc}/u.test(x.replace(/[\t\n]/g, '')),
);

/** The snippet that a text of the user is, undefined where it is none; each thing that is wrong with it is recorded. */
export function resolveSnippet(
  construct: Construct,
  place: NginxPlace,
  text: string | undefined,
): NginxSnippet | undefined {
  if (typeof text !== 'string') return undefined;
  const read = readNginx(text);
  if (!Array.isArray(read)) {
    addMistake(construct, `nginx.${place} ${read.fault}, in its line ${read.line}; it must stand by itself`);
    return undefined;
  }
  if (read.length === 0) addMistake(construct, `nginx.${place} has no directive; leave it out`);
  for (const directive of read) checkDirective(construct, place, directive);
  return { text, directives: read.filter(({ within }) => within.length === 0).map(headOf) };
}

function checkDirective(construct: Construct, place: NginxPlace, directive: NginxDirective): void {
  const next = ruleOf(place, directive);
  if (next === undefined) return;
  addMistake(
    construct,
    `nginx.${place} must not have ${show(headOf(directive))}, got it in its line ${directive.line}; ${next}`,
  );
}
