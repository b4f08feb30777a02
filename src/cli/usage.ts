import { closest, meantOrKnown } from '../model/closest.js';
import { show } from '../model/values.js';

/** The command line itself is wrong: exit code 2. */
export class Usage extends Error {}

/** Reads the value of an option; `previous` is that of an earlier one of the same name. */
type Parser = (value: string, previous?: string) => string;

/** A parser for an option that stands once and is not empty, as an unset variable of a shell makes it. */
export function notEmpty(option: string): Parser {
  return (value, previous) => {
    if (value === '') throw new Usage(`${option} is empty; give it a value or leave it out`);
    if (previous !== undefined)
      throw new Usage(`${option} is given twice, with ${show(previous)} and ${show(value)}; keep one of them`);
    return value;
  };
}

/** A parser for an option with a few possible values. */
export function oneOf(option: string, values: readonly string[]): Parser {
  const once = notEmpty(option);
  return (value, previous) => {
    if (values.includes(once(value, previous))) return value;
    throw new Usage(`unknown ${option.slice(2)} ${show(value)}; ${meantOrKnown(value, values)}`);
  };
}

/** Refuses words that belong to no option. */
export function refuseWords(
  words: readonly string[],
  commands: readonly string[],
  targets: readonly string[] = [],
): void {
  const [word] = words;
  if (word === undefined) return;
  if (targets.includes(word)) throw new Usage(`unexpected ${show(word)}; did you mean --target ${word}?`);
  const guess = closest(word, commands);
  throw new Usage(
    `unexpected ${show(word)}; ${guess ? `did you mean ${guess}?` : '--help lists what may stand there'}`,
  );
}
