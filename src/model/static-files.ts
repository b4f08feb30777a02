import type { Construct } from 'constructs';
import * as v from 'valibot';
import type { AsgiAppProps } from './app-props.js';
import type { StaticFiles } from './edge-props.js';
import { addMistake } from './mistakes.js';
import { isObject } from './props.js';
import { matching, show, text, trueOrFalse, wholeNumber } from './values.js';

/** A folder of files that the edge gets from an nginx of their own. */
export interface StaticFolder {
  /** Path as the app would see it, without a slash at its end. */
  readonly path: string;
  /** Relative to the source of the app, or absolute inside its image. */
  readonly folder: string;
  /** What makes the folder; undefined where it is there. */
  readonly command: readonly string[] | undefined;
  /** Whether no file ever changes under its name; undefined where the name of each tells. */
  readonly hashed: boolean | undefined;
  /** Seconds for which others are used unasked. */
  readonly maxAge: number;
}

/** What a Dockerfile can hold without quotes; a part that begins with a dot is served to nobody. */
const folder = matching(
  /^(?=.{1,255}$)\/?(?![-~.])[A-Za-z0-9._+@~-]+(\/(?![-~.])[A-Za-z0-9._+@~-]+)*$/,
  'a folder such as "app/static", of letters, digits and "._+@~-"',
);

const files = v.strictObject({
  folder: v.optional(folder),
  command: v.optional(v.pipe(v.array(text), v.minLength(1, 'must hold at least one word'))),
  hashed: v.optional(trueOrFalse),
  maxAge: v.optional(wholeNumber(0, 31_536_000)),
});

export const staticFiles = v.record(
  matching(
    /^(?=.{1,255}$)(\/(\.well-known|(?!\.)[A-Za-z0-9._~-]+))+$/,
    'for a path without a slash at its end, such as "/static"',
  ),
  v.lazy((value) => (isObject(value) ? files : folder)),
);

/** An HTTPRoute of the Gateway API has 16 rules, one of which is for the rest of the app. */
const MOST_RULES = 15;

export function checkStatic(
  app: Construct,
  { static: all = {}, routes = {}, source, build }: Partial<AsgiAppProps>,
): void {
  for (const [path, given] of Object.entries(all)) {
    const prop = `static[${show(path)}]`;
    const files = normal(given);
    if (files.folder === undefined) addMistake(app, `${prop}.folder is missing; name the folder with the files`);
    else checkFolder(app, `${prop}${isObject(given) ? '.folder' : ''}`, { folder: files.folder, source });
    if (files.command !== undefined && (source === undefined || build?.dockerfile !== undefined))
      addMistake(
        app,
        `${prop}.command runs only where the image is built from source, with the Dockerfile that synth writes; make the files before, and name their folder alone`,
      );
    for (const route of Object.keys(routes).filter((other) => `${other}/`.startsWith(`${path}/`)))
      addMistake(app, `routes[${show(route)}] is answered with files, of ${prop}; take it out`);
  }
  const rules = Object.keys(all).length + Object.keys(routes).length;
  if (Object.keys(all).length > 0 && rules > MOST_RULES)
    addMistake(app, `static and routes have ${rules} paths, at most ${MOST_RULES} are possible; put folders together`);
}

function checkFolder(app: Construct, prop: string, { folder, source }: { folder: string; source: string | undefined }) {
  if (source !== undefined && folder.startsWith('/'))
    addMistake(app, `${prop} must be relative to source, got ${show(folder)}; name the folder from there`);
  if (source === undefined && !folder.startsWith('/'))
    addMistake(app, `${prop} must be a folder of the image, such as "/app/static", got ${show(folder)}`);
}

function normal(given: string | StaticFiles): Partial<StaticFiles> {
  return typeof given === 'string' ? { folder: given } : given;
}

/** The folders with their defaults; the longest path first. */
export function resolveStatic(given: AsgiAppProps['static'] = {}): StaticFolder[] {
  return Object.entries(given)
    .map(([path, one]) => {
      const { folder = 'static', command, hashed, maxAge = 60 } = normal(one);
      return { path, folder, command, hashed, maxAge };
    })
    .toSorted((a, b) => b.path.length - a.path.length || (a.path < b.path ? -1 : 1));
}
