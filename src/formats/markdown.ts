/** Part of a page for people. */
export type MarkdownPart =
  | string
  | { readonly shell: readonly string[] }
  | { readonly yaml: string }
  | { readonly list: readonly string[] }
  | { readonly rows: readonly (readonly string[])[] };

/** A heading, '' for none, and what is below it. */
export type MarkdownSection = readonly [heading: string, ...parts: MarkdownPart[]];

/** Text of a Markdown page: title, then sections in order. */
export function markdownPage(title: string, sections: readonly MarkdownSection[]): string {
  const body = sections.map(([heading, ...parts]) =>
    [...(heading === '' ? [] : [`## ${inline(heading)}`]), ...parts.map(part)].join('\n\n'),
  );
  return `${[`# ${inline(title)}`, ...body].join('\n\n')}\n`;
}

function part(value: MarkdownPart): string {
  if (typeof value === 'string') return value;
  if ('shell' in value) return ['```sh', ...value.shell, '```'].join('\n');
  if ('yaml' in value) return ['```yaml', value.yaml.trimEnd(), '```'].join('\n');
  if ('list' in value) return value.list.map((item) => `- ${item}`).join('\n');
  const [head = [], ...rows] = value.rows;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\\*\|/g, '\\|')).join(' | ')} |`;
}

/** A value inside a line: no line break, no markup. */
export function inline(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/[`*_<>[\]#\\]/g, (character) => (character === '_' ? character : `\\${character}`));
}

/** A value as code inside a line. */
export function code(text: string): string {
  return `\`${text.replace(/[^\x20-\x7e]/g, '?').replaceAll('`', "'")}\``;
}
