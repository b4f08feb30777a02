/** Directives of the user that stand by themselves, whoever checked that: no block is left open, none is closed that is not theirs. */
export interface NginxText {
  readonly text: string;
  /** Names of those that are in no block of the text. */
  readonly directives: readonly string[];
}

/** Comments between which the directives of the user stand. */
export const SNIPPET_BEGIN = '# Of the stack file:';
export const SNIPPET_END = '# Until here.';

/** The directives in their place. A comment at the end of them takes nothing that follows with it. */
export function pasted(snippet: NginxText | undefined, indent: number): string {
  if (snippet === undefined) return '';
  const space = ' '.repeat(indent);
  return `${space}${SNIPPET_BEGIN}\n${snippet.text.replace(/\n+$/, '')}\n${space}${SNIPPET_END}\n`;
}

/** Whether a snippet says something of its own. */
export function says(snippet: NginxText | undefined, directive: string): boolean {
  return snippet?.directives.includes(directive) ?? false;
}
