/** `value` as the quoted value of an ARG or ENV instruction, which would expand `$`. */
export function quoted(value: string): string {
  return `"${singleLine(value).replace(/["\\$]/g, '\\$&')}"`;
}

/** The exec form of an instruction: no shell looks into it, and the builder finds no `<<` that would begin a heredoc. */
export function execForm(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word).replaceAll('<', '\\u003c')).join(', ')}]`;
}

/** The text of a comment. */
export function comment(text: string): string {
  // eslint-disable-next-line no-control-regex
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}`;
}

/** A path that means the same in an instruction, in a mount and in a shell. */
export function path(value: string): string {
  return grammar(value, /^(?!.*(?:^|\/)[-~])[A-Za-z0-9._+@~/-]+$/, 'path');
}

/** The name of a variable, a build argument or a secret. */
export function name(value: string): string {
  return grammar(value, /^[A-Za-z_][A-Za-z0-9_]*$/, 'name');
}

/** The name of a package, of Debian or of Python, with a version or an architecture where it has one. */
export function packageName(value: string): string {
  return grammar(value, /^[A-Za-z0-9][A-Za-z0-9+.:=~_-]*$/, 'package name');
}

/** A reference of an image. */
export function reference(value: string): string {
  return grammar(value, /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'image reference');
}

/** A whole number. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a whole number: ${value}`);
  return String(value);
}

function singleLine(value: string): string {
  // eslint-disable-next-line no-control-regex
  return grammar(value, /^[^\u0000-\u001f\u007f]*$/, 'single line');
}

/** Where an instruction has no quotes, only a closed grammar keeps its structure. The model refuses the rest with a place. */
function grammar(value: string, allowed: RegExp, what: string): string {
  if (!allowed.test(value)) throw new RangeError(`not a ${what} that a Dockerfile can hold: ${JSON.stringify(value)}`);
  return value;
}
