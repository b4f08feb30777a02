import { HEAD, linesOf, type Place } from './place.js';

/** A text that nobody takes apart: each line is one of it. */
export function textPlaces(text: string): Place[] {
  return linesOf(text).flatMap((line, index) =>
    line.trim() === '' ? [] : [{ line: index + 1, path: ['text'], value: line.trim() }],
  );
}

/** A page in Markdown: each line belongs to the heading above it. */
export function markdownPlaces(text: string): Place[] {
  let heading = HEAD;
  let isCode = false;
  return linesOf(text).flatMap((line, index) => {
    if (line.startsWith('```')) isCode = !isCode;
    const found = isCode ? undefined : /^##+ (.*)$/.exec(line)?.[1];
    heading = found ?? heading;
    return line.trim() === '' ? [] : [{ line: index + 1, path: [heading] }];
  });
}
