import { flagsWithValue, type CommandWords, type OptionWords } from './words.js';

/** A word in single quotes, in which a shell of Bourne's family reads nothing. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The script for bash 3.2 (that of macOS) and later. */
export function bashScript(names: readonly string[], commands: readonly CommandWords[]): string {
  return `# Completion of ${names.join(' and ')} for bash. Load it: source <(${names[0]} completion bash)

_asgi_synth() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" option="\${COMP_WORDS[COMP_CWORD-1]}" command='' word i
  local -a known
  COMPREPLY=()
  # bash takes the sign of --option=value for a word.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $option == '=' ]]; then
    option="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      --) return 0 ;;
      ${patterns(flagsWithValue(commands))})
        if [[ \${COMP_WORDS[i+1]} == '=' ]]; then ((i++)); fi
        ((i++))
        ;;
      -*) ;;
      *) if [[ -z $command ]]; then command="$word"; fi ;;
    esac
  done
  case "$command $option" in
${valueCases(commands).join('')}    *)
      case "$command" in
${commands.map((command) => commandCase(command, commands)).join('')}        *) return 0 ;;
      esac
      ;;
  esac
  for word in "\${known[@]}"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
  done
}

_asgi_synth_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
}

complete -F _asgi_synth ${names.map(quoted).join(' ')}
`;
}

function patterns(words: readonly string[]): string {
  return words.map(quoted).join(' | ');
}

/** What stands behind each option; where the commands differ in that, behind that of each. Those that take the same share a case. */
function valueCases(commands: readonly CommandWords[]): string[] {
  const places = new Map<string, string[]>();
  for (const flag of flagsWithValue(commands)) {
    const actions = new Map(
      commands.flatMap(({ name, options }) =>
        options.filter(({ flags }) => flags.includes(flag)).map((option) => [name, valueAction(option)] as const),
      ),
    );
    const isSame = new Set(actions.values()).size === 1;
    for (const [name, action] of actions) {
      const place = isSame ? `*${quoted(` ${flag}`)}` : quoted(`${name} ${flag}`);
      places.set(action, [...new Set([...(places.get(action) ?? []), place])]);
    }
  }
  return [...places].map(([action, words]) => `    ${words.join(' | ')})\n      ${action}\n      ;;\n`);
}

function valueAction({ value }: OptionWords): string {
  if (value?.kind === 'words') return `known=(${value.words.map(quoted).join(' ')})`;
  if (value?.kind === 'file') return '_asgi_synth_paths -f "$cur"; return 0';
  if (value?.kind === 'folder') return '_asgi_synth_paths -d "$cur"; return 0';
  return 'return 0';
}

/** The commands, or the values of an argument, unless an option is begun; else the options. */
function commandCase({ name, options, values }: CommandWords, commands: readonly CommandWords[]): string {
  const flags = `known=(${options
    .flatMap((option) => option.flags.slice(0, 1))
    .map(quoted)
    .join(' ')})`;
  const words = name === '' ? commands.slice(1).map((one) => one.name) : values;
  const body =
    words.length === 0
      ? flags
      : `known=(${words.map(quoted).join(' ')})\n          if [[ $cur == -* ]]; then ${flags}; fi`;
  return `        ${quoted(name)})\n          ${body}\n          ;;\n`;
}
