/** What was thrown for a stack file, and the lines around the place, as they are written. */
interface Mistake {
  readonly message: string;
  readonly line: string;
  /** The last line above that is not empty. */
  readonly above: string;
}

const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'undefined' };

/** What somebody who writes Python has meant, as the end of a message; empty where nothing tells. */
export function whatPythonMeant({ message, line, above }: Mistake): string {
  const [, word = ''] = /^(?:ReferenceError: )?(\w+) is not defined/.exec(message) ?? [];
  if (WORDS[word] !== undefined) return `; in TypeScript it is ${WORDS[word]}`;
  if (/cannot find module 'asgi_synth/i.test(message)) return "; the package is 'asgi-synth'";
  if (/^\s*#/.test(line)) return '; a comment begins with //, not with #';
  if (
    /shorthand property/i.test(message) ||
    (/^\s*\w+\s*=(?!=)/.test(line) && /^\s*[\w'"]+\s*[:=].*,\s*$|\{\s*$/.test(above))
  )
    return '; a prop is written name: value, not name=value';
  if (/unexpected token/i.test(message) && /^\s*[\w'"]+\s*:/.test(line) && /[^,{([;]\s*$/.test(above))
    return '; is a comma missing at the end of the line above?';
  return '';
}
