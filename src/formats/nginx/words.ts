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

export function quoted(path: string): string {
  return `"${bare(path)}"`;
}
