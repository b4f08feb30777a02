/** Part of a variable's name. Two names must not meet: a hyphen becomes a double underscore, which no name has. */
export function variable(name: string): string {
  return bare(name).replaceAll('-', '__').replaceAll('.', '___');
}

/** A path inside a quoted regular expression. */
export function pattern(path: string): string {
  return bare(path).replaceAll('.', '\\.');
}

/** A word that nginx takes as it stands. Everything it interprets is refused, not quoted: there is no need for it here. */
export function bare(word: string): string {
  if (!/^[A-Za-z0-9_.:/~[\]-]+$/.test(word))
    throw new Error(`not a word that nginx.conf can hold: ${JSON.stringify(word)}`);
  return word;
}

/** Any text of one line as nginx reads it back, where it looks for no variables. */
export function literal(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) throw new Error(`not a text that nginx.conf can hold: ${JSON.stringify(text)}`);
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

export function quoted(path: string): string {
  return `"${bare(path)}"`;
}
