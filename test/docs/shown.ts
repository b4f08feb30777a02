/** Whether a text is what a block shows of it. A line of the block that is `…` alone stands for any lines, also none. */
export function matchesShown(shown: string, text: string): boolean {
  const lines = shown.trimEnd().split('\n');
  const pattern = lines.map((line) =>
    /^\s*((#|\/\/) )?…$/.test(line) ? '(?:.*\\n)*?' : `${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[ ]*\\n`,
  );
  return new RegExp(`^${pattern.join('')}$`).test(text.endsWith('\n') ? text : `${text}\n`);
}
