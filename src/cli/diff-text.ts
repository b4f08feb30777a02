import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../deployment/deployer.js';
import type { Differences } from '../deployment/diff/differences.js';
import { oneLine } from '../errors.js';
import type { Paint } from './colour.js';

/** Characters of a value that are shown. */
const LONGEST_VALUE = 80;

/** Lines of a text that are shown at one place. */
const MOST_LINES = 20;

/** Differences for people: what they are from, and below that construct by construct. */
export function diffText({ synthesis, release, running, drift }: Differences, folder: string, paint: Paint): string {
  const last = `from the last synthesis in ${folder}`;
  // Where what was synthesized last is what serves, everything would be read twice.
  const same =
    synthesis !== undefined && synthesis.length > 0 && isDeepStrictEqual(new Set(synthesis), new Set(running));
  return [
    ...(same ? [`${last}: the same as\n`] : synthesis ? section(last, synthesis, paint) : []),
    ...section(release === undefined ? 'nothing is deployed' : `from release ${release}, which serves`, running, paint),
    ...(drift.length > 0 ? section(`changed by hand since release ${release}`, drift, paint) : []),
  ].join('');
}

/** Differences from one thing, construct by construct. */
export function section(title: string, differences: readonly Difference[], paint: Paint): string[] {
  if (differences.length === 0) return [`${title}: no difference\n`];
  const groups = [...new Set(differences.map(({ of }) => of))];
  return [
    `${title}:\n`,
    ...groups.flatMap((of) =>
      group(
        of,
        differences.filter((one) => one.of === of),
        paint,
      ),
    ),
  ];
}

function group(of: string, differences: readonly Difference[], paint: Paint): string[] {
  const whole = differences.find(({ field }) => field === undefined);
  if (whole) {
    const added = whole.before === undefined;
    return [
      `  ${paint(added ? 'green' : 'red', `${oneLine(of)}: ${added ? 'new' : whole.after === undefined ? 'removed' : 'changed'}`)}\n`,
    ];
  }
  return [`  ${paint('bold', oneLine(of))}\n`, ...differences.flatMap((one) => fieldLines(one, paint))];
}

function fieldLines(difference: Difference, paint: Paint): string[] {
  const { field = '', before, after } = difference;
  if (/\bline \d+$/.test(field))
    return [`    ${oneLine(field)}\n`, ...textLines('-', before, paint), ...textLines('+', after, paint)];
  const change = [before, after].map((value) => (value === undefined ? '(none)' : shortened(value)));
  return [`    ${oneLine(field)}: ${paint('red', change[0]!)} -> ${paint('green', change[1]!)}\n`];
}

function textLines(sign: '-' | '+', text: unknown, paint: Paint): string[] {
  if (typeof text !== 'string') return [];
  const lines = text.split('\n');
  const rest = lines.length - MOST_LINES;
  const shown = rest > 0 ? [...lines.slice(0, MOST_LINES), `… and ${rest} more lines`] : lines;
  return shown.map(
    (line) => `      ${paint(sign === '-' ? 'red' : 'green', `${sign} ${cut(oneLine(line), 2 * LONGEST_VALUE)}`)}\n`,
  );
}

function shortened(value: unknown): string {
  return cut(oneLine(JSON.stringify(value)), LONGEST_VALUE);
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
