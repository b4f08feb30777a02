import { flagsWithValue, type CommandWords, type OptionWords } from './words.js';

/** The script for fish 3 and later. */
export function fishScript(names: readonly string[], commands: readonly CommandWords[]): string {
  return `# Completion of ${names.join(' and ')} for fish. Load it: ${names[0]} completion fish | source

# Prints the command of the line so far; nothing where there is none yet.
function __asgi_synth_command
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${flagsWithValue(commands).map(quoted).join(' ')}
                set skip 1
            case '-*'
            case '*'
                echo -- $word
                return 0
        end
    end
end

function __asgi_synth_in
    set -l command (__asgi_synth_command)
    test "$command" = "$argv[1]"; and not contains -- -- (commandline -opc)
end

${names.map((name) => completions(name, commands)).join('\n')}`;
}

/** A word in single quotes, in which fish reads but a backslash. */
function quoted(word: string): string {
  return `'${word.replace(/[\\']/g, '\\$&')}'`;
}

function completions(program: string, commands: readonly CommandWords[]): string {
  const [, ...named] = commands;
  const lines = [
    `complete -c ${quoted(program)} -e`,
    `complete -c ${quoted(program)} -f`,
    ...named.map(({ name, description }) => `${begin(program, '')} -a ${list([name])} -d ${quoted(description)}`),
    ...commands.flatMap((command) => ofCommand(program, command)),
  ];
  return lines.map((one) => `${one}\n`).join('');
}

function ofCommand(program: string, { name, options, values }: CommandWords): string[] {
  const argument = values.length === 0 ? [] : [`${begin(program, name)} -a ${list(values)}`];
  return [...argument, ...options.map((option) => ofOption(begin(program, name), option))];
}

function begin(program: string, command: string): string {
  return `complete -c ${quoted(program)} -n ${quoted(`__asgi_synth_in ${quoted(command)}`)}`;
}

function ofOption(start: string, { flags, description, value }: OptionWords): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${quoted(flag.slice(2))}` : `-s ${quoted(flag.slice(1))}`,
  );
  return [start, ...names, ...behind(value), '-d', quoted(description)].join(' ');
}

function behind(value: OptionWords['value']): string[] {
  if (value === undefined) return [];
  if (value.kind === 'file') return ['-r', '-F'];
  if (value.kind === 'folder') return ['-x', '-a', quoted('(__fish_complete_directories)')];
  return value.kind === 'words' ? ['-x', '-a', list(value.words)] : ['-x'];
}

/** Words that fish reads once more. */
function list(words: readonly string[]): string {
  return quoted(words.map(quoted).join(' '));
}
