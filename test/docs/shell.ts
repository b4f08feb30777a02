/** One command of a block of shell lines. */
export interface Command {
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  /** Whether it is one of several that are joined by pipes. */
  readonly isPiped: boolean;
  readonly line: string;
}

/**
 * The commands of a block: one a line, or several with `&&`. It knows quotes, comments, variables before a command and pipes, which is
 * what the pages have; anything else of a shell is an error, lest it be understood wrongly.
 */
export function commandsOf(block: string): Command[] {
  return block
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .flatMap((line) => commandsIn(line));
}

function commandsIn(line: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  const tokens = tokensOf(line);
  const isPiped = tokens.includes(PIPE);
  const end = () => {
    const first = words.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/.test(word));
    const assigned = words.slice(0, first < 0 ? words.length : first).map((word) => word.split(/=(.*)/s, 2));
    if (first < 0) throw new Error(`${line}: no command`);
    commands.push({
      environment: Object.fromEntries(assigned) as Record<string, string>,
      words: words.slice(first),
      isPiped,
      line,
    });
    words = [];
  };
  for (const token of tokens) {
    if (token === AND || token === PIPE) end();
    else words.push(token as string);
  }
  end();
  return commands;
}

const AND = Symbol('&&');
const PIPE = Symbol('|');

function tokensOf(line: string): (string | symbol)[] {
  const tokens: (string | symbol)[] = [];
  const pattern = /\s+|#.*|(&&)|(\|)|((?:'[^']*'|"[^"$`\\]*"|\$\([^()]*\)|[^\s'"|&;<>()`$\\#]|(?<=\S)#)+)/gy;
  while (pattern.lastIndex < line.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(line);
    if (!match) throw new Error(`${line}: cannot tell what ${JSON.stringify(line.slice(at))} is`);
    const [, and, pipe, word] = match;
    if (and !== undefined) tokens.push(AND);
    else if (pipe !== undefined) tokens.push(PIPE);
    else if (word !== undefined) tokens.push(word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return tokens;
}
