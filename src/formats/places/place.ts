/** What stands on one line of a file. */
export interface Place {
  /** Counted from 1. */
  readonly line: number;
  /**
   * Names that lead to it from the top of the file. `[]` is an entry of a list; a word of a command goes by its option, and everything
   * behind a `--` is below that.
   */
  readonly path: readonly string[];
  /** What it is set to, on one line. @default - it holds what follows */
  readonly value?: string;
  /** Name of what the place is about, where the file says so: the upstream of a location of nginx. @default - the file does not */
  readonly about?: string;
}

/** Path of the lines at the head of a file: what made it, and how to remake it. */
export const HEAD = 'head';

/** Path of a line that only parts what stands above it from what stands below. */
export const BETWEEN = '---';

/** Lines of a text without the one that its last line break would begin. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** The places of lines that begin with `sign`, which belong to the next one below; the first of a file are its head. */
export function withComments(lines: readonly string[], places: ReadonlyMap<number, Place>, sign = '#'): Place[] {
  const found: Place[] = [];
  let below: Place | undefined;
  for (let line = lines.length; line >= 1; line -= 1) {
    const text = lines[line - 1]!.trim();
    const own = places.get(line);
    if (own) below = own;
    if (text === '') continue;
    if (own) found.push(own);
    else if (text.startsWith(sign)) found.push(isHead(lines, line) ? { line, path: [HEAD] } : note(line, below));
    else found.push({ line, path: [] });
  }
  return found.toReversed();
}

function note(line: number, below: Place | undefined): Place {
  return { line, path: below?.path ?? [HEAD], ...(below?.about === undefined ? {} : { about: below.about }) };
}

function isHead(lines: readonly string[], line: number): boolean {
  const first = lines.findIndex((text) => text.includes('Made by asgi-synth'));
  return first >= 0 && line >= first + 1 && line <= first + 2;
}

/** The path of a place as a person reads it: `services.api.labels."asgi-synth.app"`. */
export function spelledPath(path: readonly string[]): string {
  return path.map((name) => (/[.\s"]/.test(name) || name === '' ? JSON.stringify(name) : name)).join('.');
}
