import { closest } from '../model/closest.js';
import { show } from '../model/values.js';

/** The command line itself is wrong: exit code 2. */
export class Usage extends Error {}

/** A parser for an option with a few possible values. */
export function oneOf(option: string, values: readonly string[]): (value: string) => string {
  return (value) => {
    if (values.includes(value)) return value;
    const guess = closest(value, values);
    throw new Usage(`unknown ${option} ${show(value)}; ${guess ? `did you mean ${guess}?` : `known are ${values.join(', ')}`}`);
  };
}

/** A parser for an option that must not be empty, as an unset variable of a shell makes it. */
export function notEmpty(option: string): (value: string) => string {
  return (value) => {
    if (value !== '') return value;
    throw new Usage(`${option} is empty; give it a value or leave it out`);
  };
}

/** Refuses words that belong to no option. */
export function refuseWords(words: readonly string[], commands: readonly string[], targets: readonly string[] = []): void {
  const [word] = words;
  if (word === undefined) return;
  if (targets.includes(word)) throw new Usage(`unexpected ${show(word)}; did you mean --target ${word}?`);
  const guess = closest(word, commands);
  throw new Usage(`unexpected ${show(word)}; ${guess ? `did you mean ${guess}?` : 'every word belongs to an option'}`);
}
