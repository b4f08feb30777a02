import { Document, isScalar, Scalar, visit } from 'yaml';

/**
 * One YAML document. Strings are always quoted and nothing is an anchor, so that readers of YAML 1.1 (Docker, kustomize) and
 * of 1.2 agree on every value.
 */
export function yamlDocument(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  if (!hasPlainKeys(value)) quoteKeys(document);
  return document
    .toString({
      // There are none, and to look for them takes as long as a tenth of the rest.
      directives: false,
      lineWidth: 0,
      defaultStringType: Scalar.QUOTE_DOUBLE,
      defaultKeyType: Scalar.PLAIN,
      // On several lines, the library makes a backslash of a line that is only a space.
      doubleQuotedMinMultiLineLength: Infinity,
    })
    .replace(UNSAFE_IN_QUOTES, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Whether every key is a word that all readers take for that text. To look at the values first is much faster than at the nodes. */
function hasPlainKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([key, inner]) => (Array.isArray(value) || isPlainKey(key)) && hasPlainKeys(inner),
  );
}

function quoteKeys(document: Document): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && !isPlainKey(String(key.value))) key.type = Scalar.QUOTE_DOUBLE;
    },
  });
}

function isPlainKey(key: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(key) && !WORDS.test(key);
}

/** Words that some reader of YAML 1.1 takes for something other than a text, such as E0 for a number. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null|e[0-9_]+)$/i;

/** A text of several lines that a person should be able to read in the YAML: a configuration file inside a ConfigMap. */
export function literalText(text: string): unknown {
  if (!/^([\x21-\x7e][\x20-\x7e]*)?(\n[\x20-\x7e]*)*\n$/.test(text) || / \n/.test(text)) return text;
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

/** What only stands inside quotes, and what a reader of YAML 1.1 takes for a line break or refuses. */
// eslint-disable-next-line no-control-regex
const UNSAFE_IN_QUOTES = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Several YAML documents in one file. */
export function yamlDocuments(values: readonly unknown[]): string {
  return values.map((value) => yamlDocument(value)).join('---\n');
}

/** A comment of whole lines, closed against anything that would end it. */
export function yamlComment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line.replace(NOT_PRINTABLE, '?')}`.trimEnd() + '\n').join('');
}

// Line breaks in YAML's sense are more than \n: a comment must not end before its line does.
// eslint-disable-next-line no-control-regex
const NOT_PRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/g;
