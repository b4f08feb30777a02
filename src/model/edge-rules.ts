import type { Construct } from 'constructs';
import * as v from 'valibot';
import type { AppRoute, AsgiAppProps, RateLimit } from './app-props.js';
import { addMistake } from './mistakes.js';
import { bytes, sizeBetween } from './quantity.js';
import { matching, show, wholeNumber } from './values.js';

/** Limits of the requests below a path. */
export interface RouteLimits {
  /** Path as the app sees it, without a slash at its end. */
  readonly path: string;
  /** Bytes of the largest request body. */
  readonly bodyLimit: number;
  /** Seconds that the longest request may take. */
  readonly requestTimeout: number;
}

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;

/** A token, and visible text in one line (RFC 9110, 5.1 and 5.5); nginx reads no word above 4096 bytes, in which `\` and `"` count twice. */
export const headers = v.record(
  matching(TOKEN, 'named by a token of letters, digits and hyphens, such as "X-Frame-Options"'),
  matching(
    /^(?=.{1,2000}$)[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
    'a text of 1 to 2000 visible ASCII characters, with spaces between them alone',
  ),
);

export const rateLimit = v.strictObject({
  requestsPerSecond: v.optional(wholeNumber(1, 100_000)),
  burst: v.optional(wholeNumber(0, 100_000)),
});

export const routes = v.record(
  matching(
    /^(?=.{1,255}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/,
    'for a path without a slash at its end, such as "/upload"',
  ),
  v.strictObject({
    bodyLimit: v.optional(sizeBetween('1k', '1Ti')),
    requestTimeout: v.optional(wholeNumber(1, 3600)),
  }),
);

/** What frames an answer, tells what is in it, or belongs to one answer alone. */
const FRAMING = [
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'keep-alive',
  'location',
  'proxy-connection',
  'server',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** The most that the Gateway API takes in one list of headers. */
const MOST_HEADERS = 16;

/** An HTTPRoute of the Gateway API has 16 rules, one of which is for the rest of the app. */
const MOST_ROUTES = 15;

/** Checks what the edge is to do for an app. */
export function checkEdgeRules(
  app: Construct,
  { responseHeaders = {}, rateLimit: rate, routes: limits = {} }: Partial<AsgiAppProps>,
): void {
  const names = Object.keys(responseHeaders);
  if (names.length > MOST_HEADERS)
    addMistake(
      app,
      `responseHeaders has ${names.length} headers, at most ${MOST_HEADERS} are possible; drop some of them`,
    );
  for (const [index, name] of names.entries()) {
    const prop = `responseHeaders[${show(name)}]`;
    if (FRAMING.includes(name.toLowerCase()))
      addMistake(app, `${prop} is for the app or its server to say; leave it out`);
    const twin = names.slice(0, index).find((other) => other.toLowerCase() === name.toLowerCase());
    if (twin !== undefined) addMistake(app, `${prop} is the header ${twin} as well; keep one of them`);
  }
  if (rate !== undefined && rate.requestsPerSecond === undefined)
    addMistake(app, 'rateLimit.requestsPerSecond is missing; say how many requests of one client are let in');
  const paths = Object.keys(limits).length;
  if (paths > MOST_ROUTES)
    addMistake(app, `routes has ${paths} paths, at most ${MOST_ROUTES} are possible; give the others to another app`);
  for (const [path, { bodyLimit, requestTimeout }] of Object.entries(limits))
    if (bodyLimit === undefined && requestTimeout === undefined)
      addMistake(app, `routes[${show(path)}] says nothing; give it bodyLimit or requestTimeout, or leave it out`);
}

/** The limit with its default. */
export function resolveRate(rate: RateLimit | undefined): Required<RateLimit> | undefined {
  if (rate?.requestsPerSecond === undefined) return undefined;
  return { requestsPerSecond: rate.requestsPerSecond, burst: rate.burst ?? rate.requestsPerSecond };
}

/** The limits of each path, those of the app where it has none of its own; the longest path first. */
export function resolveRoutes(
  given: Readonly<Record<string, AppRoute>> | undefined,
  app: Pick<RouteLimits, 'bodyLimit' | 'requestTimeout'>,
): RouteLimits[] {
  return Object.entries(given ?? {})
    .map(([path, { bodyLimit, requestTimeout }]) => ({
      path,
      bodyLimit: bodyLimit === undefined ? app.bodyLimit : bytes(bodyLimit),
      requestTimeout: requestTimeout ?? app.requestTimeout,
    }))
    .toSorted((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1));
}
