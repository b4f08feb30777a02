/**
 * A text that Kubernetes leaves alone. In variables and commands it replaces `$(NAME)`, takes `$$` for `$`, and breaks a `$` before
 * a character outside ASCII, so each one is doubled.
 */
export function verbatim(text: string): string {
  return text.replaceAll('$', '$$$$');
}
