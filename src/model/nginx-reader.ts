/** A directive of nginx as it stands in a text. */
export interface NginxDirective {
  /** Its name and its parameters, without quotes. */
  readonly words: readonly string[];
  readonly line: number;
  /** Names of the blocks around it, the outermost first. */
  readonly within: readonly string[];
}

/** What keeps a text from standing in a configuration by itself. */
export interface NginxFault {
  readonly line: number;
  /** Completes a sentence that names the text. */
  readonly fault: string;
}

/** nginx reads a file in pieces of 4096 bytes, and takes no word or comment that does not fit into one (ngx_conf_file.c). */
const LONGEST_WORD = 4000;

/**
 * The directives of a text, or why it does not stand by itself: a quote or block that it leaves open, or one that it closes and did not
 * open. Read as nginx reads (`ngx_conf_read_token`): quotes and `#` count at the start of a word alone, and a brace inside of one never.
 */
export function readNginx(text: string): NginxDirective[] | NginxFault {
  const directives: NginxDirective[] = [];
  const open: string[] = [];
  let words: string[] = [];
  let line = 1;
  let at = 0;
  let needsSpace = false;
  const fault = (what: string): NginxFault => ({ line, fault: what });
  const take = () => {
    directives.push({ words, line, within: [...open] });
    words = [];
    needsSpace = false;
  };
  while (at < text.length) {
    const sign = text[at]!;
    if (isSpace(sign)) {
      if (sign === '\n') line++;
      needsSpace = false;
      at++;
    } else if (sign === ';' || sign === '{') {
      const [name] = words;
      if (name === undefined) return fault(`has a "${sign}" with no directive before it`);
      take();
      if (sign === '{') open.push(name);
      at++;
    } else if (needsSpace) {
      // As nginx does: a parenthesis may follow a quoted word at once.
      if (sign !== ')') return fault('has no space after a quoted word');
      needsSpace = false;
    } else if (sign === '}') {
      if (words.length > 0) return fault(`has a "}" before the ";" of ${name(words)}`);
      if (open.pop() === undefined) return fault('has a "}" that closes no block of its own');
      at++;
    } else {
      const end = sign === '#' ? endOfLine(text, at) : endOfWord(text, at);
      if (end === undefined) return fault('has a quoted word with no end');
      const word = text.slice(at, end);
      if (Buffer.byteLength(word) > LONGEST_WORD) return fault(`has a word of more than ${LONGEST_WORD} bytes`);
      if (sign !== '#') words.push(unescaped(unquoted(word)));
      needsSpace = sign === '"' || sign === "'";
      line += word.split('\n').length - 1;
      at = end;
    }
  }
  if (words.length > 0) return fault(`ends before the ";" of ${name(words)}`);
  const block = open.at(-1);
  return block === undefined ? directives : fault(`ends before the "}" of ${name([block])}`);
}

/** A name as a message shows it: whatever it is, short and on one line. */
function name([first = '']: readonly string[]): string {
  return /^[\w$@~./:=-]{1,60}$/.test(first) ? first : 'a directive';
}

const isSpace = (sign: string | undefined) => sign !== undefined && ' \t\r\n'.includes(sign);

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Where a word ends. A backslash takes what follows into it, and so does a dollar a brace. */
function endOfWord(text: string, from: number): number | undefined {
  const quote = /["']/.exec(text[from]!)?.[0];
  let isVariable = false;
  for (let at = quote === undefined ? from : from + 1; at < text.length; at++) {
    const sign = text[at]!;
    if (quote === undefined && !isVariable && sign === '{') return at;
    isVariable = sign === '$';
    if (sign === '\\') at++;
    else if (quote === undefined ? isSpace(sign) || sign === ';' : sign === quote)
      return quote === undefined ? at : at + 1;
  }
  return quote === undefined ? text.length : undefined;
}

function unquoted(word: string): string {
  return /^["']/.test(word) ? word.slice(1, -1) : word;
}

function unescaped(word: string): string {
  const controls: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };
  return word.replace(/\\(["'\\trn])/g, (_, sign: string) => controls[sign] ?? sign);
}
