import type { Command, Option } from 'commander';

/** What may follow a command, as every shell wants to know it. */
export interface CommandWords {
  /** Empty for `synth` itself. */
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** Values of its first argument, where they are known. */
  readonly values: readonly string[];
}

export interface OptionWords {
  /** `--target`, `-f`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What stands behind it; undefined where nothing does. */
  readonly value: ValueWords | undefined;
}

/** The value of an option: one of a few words, a file, a folder, or something that only the user knows. */
export interface ValueWords {
  readonly name: string;
  readonly kind: 'words' | 'file' | 'folder' | 'other';
  readonly words: readonly string[];
}

/** All that a program takes: first `synth` itself, then its commands. Read from the program, so that it is never another. */
export function wordsOf(program: Command): CommandWords[] {
  const commands = program.createHelp().visibleCommands(program);
  return [commandWords(program, ''), ...commands.map((command) => commandWords(command, command.name()))];
}

function commandWords(command: Command, name: string): CommandWords {
  return {
    name,
    description: command.description(),
    options: command.createHelp().visibleOptions(command).map(optionWords),
    values: command.registeredArguments[0]?.argChoices ?? [],
  };
}

function optionWords({ short, long, description, flags, argChoices, required, optional }: Option): OptionWords {
  const name = /[<[](.*?)[>\]]/.exec(flags)?.[1] ?? '';
  const words = argChoices ?? [];
  const kind = words.length > 0 ? 'words' : name === 'file' || name === 'folder' ? name : 'other';
  return {
    flags: [long, short].filter((flag) => flag !== undefined),
    description,
    value: required || optional ? { name, kind, words } : undefined,
  };
}

/** Every flag behind which a value stands, of any command. */
export function flagsWithValue(commands: readonly CommandWords[]): string[] {
  const flags = commands.flatMap(({ options }) => options).flatMap(({ flags, value }) => (value ? flags : []));
  return [...new Set(flags)];
}
