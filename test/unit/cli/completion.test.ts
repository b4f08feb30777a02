import { Command, Option } from 'commander';
import { spawnSync } from 'node:child_process';
import { describe, expect, test, type TestContext } from 'vitest';
import { bashScript } from '../../../src/cli/completion/bash.js';
import { fishScript } from '../../../src/cli/completion/fish.js';
import { wordsOf } from '../../../src/cli/completion/words.js';
import { zshScript } from '../../../src/cli/completion/zsh.js';
import { createProgram } from '../../../src/cli/program.js';
import { runCli } from '../support/cli.js';
import { makeProject, type Project } from '../support/project.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };
type Shell = keyof typeof SCRIPTS;

const NAMES = ['synth', 'asgi-synth'];
const scriptOf = (shell: Shell, program = createProgram()) => SCRIPTS[shell](NAMES, wordsOf(program));

const FILES = { 'stacks/my shop.ts': '', 'stacks/users.ts': '', 'out/shop/x': '' };

/** A folder with files in which a shell completes, beside its script. */
function beginning(shell: Shell, program?: Command): Project {
  return makeProject({ ...FILES, [`completion.${shell}`]: scriptOf(shell, program) });
}

const needs = (shell: Shell, { skip }: TestContext) =>
  skip(spawnSync(shell, ['--version']).error !== undefined, `${shell} is not installed`);

function run(directory: string, program: string, args: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: directory, encoding: 'utf8', timeout: 30_000 });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter(Boolean).toSorted();
}

/** What bash puts in the place of the last word. It takes the sign of `--option=value` for a word of its own. */
function inBash({ directory }: Project, ...line: readonly string[]): string[] {
  const words = line
    .flatMap((word) => word.split(/(=)/))
    .filter((word, index, all) => word !== '' || index === all.length - 1);
  const ask =
    'source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _asgi_synth; printf "%s\\n" "${COMPREPLY[@]}"';
  return run(directory, 'bash', ['--norc', '--noprofile', '-c', ask, 'bash', ...words]);
}

/** The same in fish, which adds descriptions. */
function inFish({ directory }: Project, line: string): string[] {
  const ask = 'source completion.fish; complete -C $argv[1]';
  return run(directory, 'fish', ['--no-config', '-c', ask, line]).map((one) => one.split('\t')[0] ?? '');
}

/** What a line becomes in an interactive zsh when Tab is pressed behind it. */
const IN_ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$1"; zpty -r shell answer "*$2*" }
say 'PS1= RPS1=; unsetopt zle_bracketed_paste; show() { print -r -- "<<$BUFFER>""> "; BUFFER= }; zle -N show; bindkey "^X" show' ''
say 'autoload -Uz compinit; compinit -D -u; source completion.zsh; print rea"dy"' ready
for line in "$@"; do
  zpty -w -n shell "$line"$'\\t\\C-x'
  zpty -r shell answer '*<<*>> *'
  print -r -- "\${\${answer##*<<}%>> *}|"
done
zpty -d shell
`;

function inZsh({ directory }: Project, ...lines: readonly string[]): string[] {
  const { stdout } = spawnSync('zsh', ['-f', '-c', IN_ZSH, 'zsh', ...lines], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 50_000,
  });
  return stdout.split('|\n').slice(0, -1);
}

const COMMANDS = createProgram().commands.map((command) => command.name());

/** Every long flag that the help of a command shows. */
const flagsOf = (name: string) => {
  const program = createProgram();
  const command = program.commands.find((one) => one.name() === name) ?? program;
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long }) => long)
    .toSorted();
};

describe('bash', () => {
  test('completes every command, and every option of each', () => {
    using project = beginning('bash');
    expect(inBash(project, 'synth', '')).toEqual(COMMANDS.toSorted());
    expect(inBash(project, 'synth', '--')).toEqual(flagsOf('synth'));
    for (const command of COMMANDS) expect(inBash(project, 'synth', command, '--'), command).toEqual(flagsOf(command));
  });

  test.each([
    [
      ['synth', 'de'],
      ['deploy', 'destroy'],
    ],
    [
      ['synth', '--target', ''],
      ['all', 'bare-metal', 'kubernetes', 'swarm'],
    ],
    [['synth', '--target', 'sw'], ['swarm']],
    [
      ['synth', '--target='],
      ['all', 'bare-metal', 'kubernetes', 'swarm'],
    ],
    [['synth', '--target=k'], ['kubernetes']],
    [
      ['synth', 'deploy', '--target', ''],
      ['bare-metal', 'kubernetes', 'swarm'],
    ],
    [['synth', '--target', 'swarm', 'dep'], ['deploy']],
    [['synth', '--target=swarm', 'dep'], ['deploy']],
    // What stands behind an option is no command.
    [['synth', '--stage', 'deploy', 'ver'], ['verify']],
    [['synth', 'deploy', '--dr'], ['--dry-run']],
    [
      ['synth', 'completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [
      ['synth', 'status', '--stack', 'stacks/'],
      ['stacks/my shop.ts', 'stacks/users.ts'],
    ],
    [['synth', 'status', '--out', 'o'], ['out']],
    // Nobody knows what is right there.
    [['synth', 'deploy', '--tag', ''], []],
    [['synth', 'run', 'api', '--', '--ta'], []],
    [['synth', 'nothing', '--'], []],
  ])('completes %j to %j', (line, expected) => {
    using project = beginning('bash');
    expect(inBash(project, ...line)).toEqual(expected);
  });

  test('completes both names of the command', () => {
    using project = beginning('bash');
    expect(run(project.directory, 'bash', ['-c', 'source completion.bash; complete -p synth asgi-synth'])).toEqual([
      'complete -F _asgi_synth asgi-synth',
      'complete -F _asgi_synth synth',
    ]);
  });
});

describe('fish', () => {
  test('completes commands, options, values and paths', (context) => {
    needs('fish', context);
    using project = beginning('fish');
    expect(inFish(project, 'synth ')).toEqual(COMMANDS.toSorted());
    for (const command of COMMANDS) expect(inFish(project, `synth ${command} --`), command).toEqual(flagsOf(command));
    expect(inFish(project, 'asgi-synth --target ')).toEqual(['all', 'bare-metal', 'kubernetes', 'swarm']);
    expect(inFish(project, 'synth deploy --target=s')).toEqual(['--target=swarm']);
    expect(inFish(project, 'synth --stage deploy ver')).toEqual(['verify']);
    expect(inFish(project, 'synth completion ')).toEqual(['bash', 'fish', 'zsh']);
    expect(inFish(project, 'synth status --stack stacks/us')).toEqual(['stacks/users.ts']);
    expect(inFish(project, 'synth status --out o')).toEqual(['out/']);
    expect(inFish(project, 'synth run api -- --ta')).toEqual([]);
  });
});

describe('zsh', () => {
  test('completes commands, options, values and paths', (context) => {
    needs('zsh', context);
    using project = beginning('zsh');
    const lines = {
      'synth dep': 'synth deploy ',
      'asgi-synth dep': 'asgi-synth deploy ',
      'synth --target sw': 'synth --target swarm ',
      'synth --target swarm dep': 'synth --target swarm deploy ',
      'synth deploy --target=kub': 'synth deploy --target=kubernetes ',
      'synth deploy --dr': 'synth deploy --dry-run ',
      'synth list --vo': 'synth list --vo',
      'synth completion z': 'synth completion zsh ',
      'synth status --stack stacks/us': 'synth status --stack stacks/users.ts ',
      'synth status --out o': 'synth status --out out/',
    };
    expect(inZsh(project, ...Object.keys(lines))).toEqual(Object.values(lines));
  });
});

describe('words that a shell would read', () => {
  const EVIL = `it's "$(touch evil)" \`touch evil\` \\ [a]:b ; touch evil`;
  const evil = () => {
    const program = new Command('synth').addOption(new Option('--target <name>', EVIL).choices([EVIL, "it's"]));
    program.command('deploy').description(EVIL);
    return program;
  };

  test('are words in bash', () => {
    using project = beginning('bash', evil());
    expect(inBash(project, 'synth', '--target', 'it')).toEqual([EVIL, "it's"].toSorted());
    expect(Object.keys(project.contents())).not.toContain('evil');
  });

  test('are words in fish', (context) => {
    needs('fish', context);
    using project = beginning('fish', evil());
    expect(inFish(project, 'synth --target it')).toHaveLength(2);
    expect(inFish(project, 'synth d')).toEqual(['deploy']);
    expect(Object.keys(project.contents())).not.toContain('evil');
  });

  test('are words in zsh', (context) => {
    needs('zsh', context);
    using project = beginning('zsh', evil());
    expect(inZsh(project, 'synth dep', 'synth --target it\\\'s\\ \\"')).toEqual([
      'synth deploy ',
      expect.stringContaining('touch\\ evil'),
    ]);
    expect(Object.keys(project.contents())).not.toContain('evil');
  });
});

describe('synth completion', () => {
  test.each(['bash', 'zsh', 'fish'] as const)('prints the script for %s, made from what it takes', async (shell) => {
    using project = makeProject({});
    expect(await runCli(project.directory, 'completion', shell)).toEqual({
      code: 0,
      stdout: scriptOf(shell),
      stderr: '',
    });
  });

  test('prints it as JSON', async () => {
    using project = makeProject({});
    const { stdout } = await runCli(project.directory, 'completion', 'bash', '--json');
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, ok: true, shell: 'bash', script: scriptOf('bash') });
  });

  test.each([
    [[], 'the shell is missing; choose one of bash, zsh, fish\n'],
    [['bsh'], 'unknown shell "bsh"; did you mean bash?\n'],
    [['powershell'], 'unknown shell "powershell"; known are bash, zsh, fish\n'],
    [['bash', 'zsh'], 'unexpected "zsh"; --help lists what may stand there\n'],
  ])('says what is wrong with %j', async (words, stderr) => {
    using project = makeProject({});
    expect(await runCli(project.directory, 'completion', ...words)).toEqual({ code: 2, stdout: '', stderr });
  });
});
