/** A text as TypeScript spells it: as JSON does, between single quotes, or double ones where that needs fewer escapes. */
export function quoted(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  const count = (quote: string) => inside.split(quote).length - 1;
  if (count("'") > count('"')) return `"${inside.replaceAll('"', '\\"')}"`;
  return `'${inside.replaceAll("'", "\\'")}'`;
}

/** Name of a constant for an id of words and hyphens or underscores. */
export function constantName(id: string, taken: readonly string[] = []): string {
  const name = id.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/^(?=\d)/, '_');
  return WORDS.has(name) || taken.includes(name) ? `${name}_` : name;
}

/** Words that no constant of a module may be named as. */
const WORDS = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield arguments eval stack'.split(
    ' ',
  ),
);

/** One line of an object, and what is said of it. */
export interface Property {
  readonly name: string;
  /** The value as code; of several lines where it is long. */
  readonly code: string;
  /** Behind the line. */
  readonly comment?: string | undefined;
  /** Lines above it. */
  readonly above?: readonly string[];
}

/** `{ … }` on several lines. */
export function objectCode(properties: readonly Property[]): string {
  return `{\n${properties.map((one) => indented(propertyLines(one))).join('')}}`;
}

/** `{ a: 1, b: 2 }` on one line. */
export function shortObject(properties: readonly Property[]): string {
  return `{ ${properties.map(({ name, code }) => `${propertyName(name)}: ${code}`).join(', ')} }`;
}

function propertyLines({ name, code, comment, above = [] }: Property): string {
  const behind = comment === undefined || comment === '' ? '' : ` // ${commentText(comment)}`;
  return [...above.map((line) => `// ${commentText(line)}`), `${propertyName(name)}: ${code},${behind}`].join('\n');
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** A list on one line, or on as many as it has items where it would be wider. */
export function listCode(
  items: readonly string[],
  { width, comments = [] }: { width: number; comments?: readonly string[] },
): string {
  const line = `[${items.join(', ')}]`;
  if (line.length <= width && comments.length === 0) return line;
  const lines = items.map((item, index) => {
    const comment = comments[index] ?? '';
    return `  ${item},${comment === '' ? '' : ` // ${commentText(comment)}`}\n`;
  });
  return `[\n${lines.join('')}]`;
}

/** Every line but the first moved in by two spaces, and the first as well. */
function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `${line === '' ? '' : `  ${line}`}\n`)
    .join('');
}

/** A text of one line, which a comment ends with. Line ends of any kind would end the comment before it. */
export function commentText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
