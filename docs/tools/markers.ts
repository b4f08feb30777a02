/** Begins a part of a page that code makes; `<!-- /made -->` ends it. */
const MADE = /^<!-- made: ([^>]*?) -->\n[\s\S]*?^<!-- \/made -->$/gm;

/** A page with each made part made anew. */
export function fillIn(page: string, make: (what: string) => string): string {
  return page.replace(MADE, (_, what: string) => `<!-- made: ${what} -->\n\n${make(what).trim()}\n\n<!-- /made -->`);
}

/** A cell of a table of Markdown. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
}

export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
