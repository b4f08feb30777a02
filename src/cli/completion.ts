import { Argument, type Command } from 'commander';
import { meantOrKnown } from '../model/closest.js';
import { show } from '../model/values.js';
import { jsonOption, type StackWords } from './options.js';
import { printJson } from './terminal.js';
import { refuseWords, Usage } from './usage.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What the package installs. */
const NAMES = ['synth', 'asgi-synth'];

/** `synth completion bash|zsh|fish`: prints what makes a shell complete the words of `synth`. */
export function completionCommand(command: Command): Command {
  jsonOption(command);
  return command
    .description('print the script with which a shell completes commands, options and their values')
    .addArgument(new Argument('[shell]', 'the shell').choices(SHELLS).argParser(String))
    .addHelpText('after', HELP)
    .allowExcessArguments()
    .action(async (word: string | undefined, _: unknown, self: Command) => {
      refuseWords(self.args.slice(1), []);
      const shell = shellOf(word);
      const script = await scriptFor(shell, self.parent!);
      if (self.optsWithGlobals<StackWords>().json) printJson({ ok: true, shell, script });
      else process.stdout.write(script);
    });
}

function shellOf(word: string | undefined): Shell {
  const found = SHELLS.find((shell) => shell === word);
  if (found) return found;
  if (word === undefined) throw new Usage(`the shell is missing; choose one of ${SHELLS.join(', ')}`);
  throw new Usage(`unknown shell ${show(word)}; ${meantOrKnown(word, SHELLS)}`);
}

async function scriptFor(shell: Shell, program: Command): Promise<string> {
  const [{ wordsOf }, { bashScript }, { zshScript }, { fishScript }] = await Promise.all([
    import('./completion/words.js'),
    import('./completion/bash.js'),
    import('./completion/zsh.js'),
    import('./completion/fish.js'),
  ]);
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
  return scripts[shell](NAMES, wordsOf(program));
}

const HELP = `
The script is made from this version of synth; load it when a shell starts, and it is never out of date. It needs synth in PATH: behind
npx nothing is completed.

Examples:
  $ source <(synth completion bash)                 in ~/.bashrc
  $ source <(synth completion zsh)                  in ~/.zshrc, after compinit
  $ synth completion fish | source                  in ~/.config/fish/config.fish

Exit codes: 0 done, 2 wrong usage.`;
