import { show } from './values.js';

/** When a schedule is due: the values of each field, or undefined where any will do. */
export interface Cron {
  readonly minutes: readonly number[] | undefined;
  readonly hours: readonly number[] | undefined;
  readonly days: readonly number[] | undefined;
  readonly months: readonly number[] | undefined;
  /** Sunday is 0. */
  readonly weekdays: readonly number[] | undefined;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly words?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12, words: MONTHS },
  { name: 'weekday', first: 0, last: 6, words: WEEKDAYS },
];

const SHORT: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** The five fields of an expression, one of the short names spelled out. */
export function cronFields(expression: string): string {
  return (SHORT[expression.trim()] ?? expression).trim().replace(/\s+/g, ' ').toUpperCase();
}

/** Reads what Kubernetes takes as well: five fields of `*`, numbers, names, ranges, steps and lists. A text says what is wrong. */
export function parseCron(expression: string): Cron | string {
  const texts = cronFields(expression).split(' ');
  if (texts.length !== FIELDS.length)
    return `must have five fields (minute, hour, day, month, weekday), such as "0 3 * * *", got ${show(expression)}`;
  const parsed = FIELDS.map((field, index) => parseField(texts[index] ?? '', field));
  const wrong = parsed.findIndex((values) => values === 'wrong');
  if (wrong >= 0) return fieldMistake(FIELDS[wrong]!, texts[wrong] ?? '');
  const [minutes, hours, days, months, weekdays] = parsed as (readonly number[] | undefined)[];
  const cron = { minutes, hours, days, months, weekdays };
  return comes(cron) ? cron : `never comes: no month of it has such a day, got ${show(expression)}; choose another`;
}

function fieldMistake({ name, first, last, words }: Field, text: string): string {
  const named = words === undefined ? '' : ` or ${words[0]} to ${words.at(-1)}`;
  return `has a wrong ${name} ${show(text)}; it takes "*", numbers from ${first} to ${last}${named}, ranges such as "2-4", steps such as "*/2", and lists of them`;
}

function parseField(text: string, field: Field): readonly number[] | undefined | 'wrong' {
  if (text === '*') return undefined;
  const parts = text.split(',').map((part) => parsePart(part, field));
  if (parts.some((part) => part === undefined)) return 'wrong';
  return [...new Set(parts.flatMap((part) => part ?? []))].toSorted((a, b) => a - b);
}

function parsePart(part: string, field: Field): number[] | undefined {
  const match = /^(?:(\*)|([0-9]{1,2}|[A-Z]{3})(?:-([0-9]{1,2}|[A-Z]{3}))?)(?:\/([0-9]{1,2}))?$/.exec(part);
  if (!match) return undefined;
  const [, star, from, to, every] = match;
  // What one number and a step mean differs between crons.
  if (star === undefined && to === undefined && every !== undefined) return undefined;
  const first = star === undefined ? valueOf(from ?? '', field) : field.first;
  const last = star === undefined ? valueOf(to ?? from ?? '', field) : field.last;
  const step = Number(every ?? 1);
  if (first === undefined || last === undefined || first > last || step < 1) return undefined;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function valueOf(word: string, { first, last, words }: Field): number | undefined {
  const named = words?.indexOf(word) ?? -1;
  const value = named >= 0 ? named + first : Number(word);
  return Number.isInteger(value) && value >= first && value <= last ? value : undefined;
}

const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day and a weekday that are both named are alternatives, and some weekday always comes. */
function comes({ days, months, weekdays }: Cron): boolean {
  if (days === undefined || weekdays !== undefined) return true;
  const first = Math.min(...days);
  return LONGEST.some((length, index) => first <= length && (months?.includes(index + 1) ?? true));
}

/** The fields as lists of numbers, for whoever reads no cron: `0,30 * * * 1`. */
export function cronNumbers({ minutes, hours, days, months, weekdays }: Cron): string {
  return [minutes, hours, days, months, weekdays].map((values) => values?.join(',') ?? '*').join(' ');
}
