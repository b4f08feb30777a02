import { quoted } from './bash.js';
import type { CommandWords, OptionWords } from './words.js';

/** The script for zsh: to be sourced, or put as `_synth` into a folder of `fpath`. */
export function zshScript(names: readonly string[], [root, ...commands]: readonly CommandWords[]): string {
  return `#compdef ${names.join(' ')}
# Completion of ${names.join(' and ')} for zsh. Load it after compinit: source <(${names[0]} completion zsh)

_synth() {
  local context state state_descr line curcontext="$curcontext"
  typeset -A opt_args
  _arguments -C -s \\
${root!.options.flatMap(specs).map(line).join('')}    ${quoted('1: :->command')} \\
    ${quoted('*:: :->rest')}
  case "$state" in
    command)
      local -a known
      known=(
${commands.map(({ name, description }) => `        ${quoted(`${escaped(name)}:${description}`)}\n`).join('')}      )
      _describe -t commands 'command' known
      ;;
    rest)
      case "$words[1]" in
${commands.map(commandCase).join('')}      esac
      ;;
  esac
}

if [[ "$funcstack[1]" == '_synth' ]]; then
  _synth "$@"
else
  compdef _synth ${names.map(quoted).join(' ')}
fi
`;
}

function commandCase({ name, options, values }: CommandWords): string {
  const argument = values.length === 0 ? '*:: :_default' : `1: :(${values.map(listed).join(' ')})`;
  const rest = options.flatMap(specs).map((spec) => `  ${line(spec)}`);
  return `        ${quoted(name)})\n          _arguments -s \\\n${indented(rest)}            ${quoted(argument)}\n          ;;\n`;
}

function indented(lines: readonly string[]): string {
  return lines.map((one) => `      ${one}`).join('');
}

function line(spec: string): string {
  return `    ${quoted(spec)} \\\n`;
}

/** `--option=[what it is]:name:what stands behind it`, for each of its flags. */
function specs({ flags, description, value }: OptionWords): string[] {
  const what = `[${escaped(description)}]`;
  if (!value) return flags.map((flag) => `${flag}${what}`);
  const behind = `:${escaped(value.name)}:${action(value)}`;
  return flags.map((flag) => `${flag}${flag.startsWith('--') ? '=' : '+'}${what}${behind}`);
}

function action({ kind, words }: NonNullable<OptionWords['value']>): string {
  if (kind === 'words') return `(${words.map(listed).join(' ')})`;
  if (kind === 'file') return '_files';
  // A space: nothing is known, and the message says what is wanted.
  return kind === 'folder' ? '_files -/' : ' ';
}

/** For a place in which a colon or a bracket would end it. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&');
}

/** A word of a list that zsh splits and reads once more. */
function listed(word: string): string {
  return word.replace(/[^A-Za-z0-9_.,/@+-]/g, '\\$&');
}
