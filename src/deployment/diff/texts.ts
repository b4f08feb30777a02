import { structuredPatch } from 'diff';
import type { Difference } from '../deployer.js';
import { redactedLine } from './redact.js';

/** The lines in which two texts differ, one difference a place: the lines that were there, and those that are there instead. */
export function compareTexts(of: string, before: string, after: string): Difference[] {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 0 });
  return hunks.map(({ lines, newStart }) => {
    const having = (sign: string) => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    const [gone, come] = [having('-'), having('+')];
    return {
      of,
      field: `line ${newStart}`,
      ...(gone.length === 0 ? {} : { before: redactedLine(gone.join('\n')) }),
      ...(come.length === 0 ? {} : { after: redactedLine(come.join('\n')) }),
    };
  });
}
