/** Options of what we start that stand alone. */
const FLAGS = /^(--no-.*|--factory|--|-I|-S|-fsS|--no-fork)$/;

/** Programs and scripts that we start, which go by their names. */
const PROGRAMS =
  /^(CMD|CMD-SHELL|python3|uvicorn|gunicorn|sh|curl|nginx|flock|docker-entrypoint\.sh|postgres|pg_isready|redis-server|redis-cli|valkey-server|valkey-cli)$/;
const SCRIPT = /^\/etc\/asgi-synth\/(?:nginx\/)?([a-z.]+)$/;

/** Names of the words of a command: the option to which a word belongs, the program that it is, or `word`. */
export function wordNames(words: readonly string[]): string[][] {
  const end = words.indexOf('--');
  const [own, inner] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end + 1)];
  const rest = end < 0 ? [] : [['--'], ...names(inner).map((name) => ['--', name])];
  return [...names(own).map((name) => [name]), ...rest];
}

function names(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    // Servers take settings of their configuration file as `-c NAME=VALUE`.
    const setting = /^([a-z_]+)=/.exec(
      (word === '-c' ? words[index + 1] : before === '-c' ? word : undefined) ?? '',
    )?.[1];
    if (setting !== undefined) return setting;
    if (isOption(word)) return word;
    const script = SCRIPT.exec(word)?.[1];
    if (isOption(before) && !FLAGS.test(before)) return before;
    return script ?? (PROGRAMS.test(word) ? word : 'word');
  });
}

function isOption(word: string): boolean {
  return /^-{1,2}[A-Za-z]|^--$/.test(word);
}
