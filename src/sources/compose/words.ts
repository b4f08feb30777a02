import { itemsOf, type ComposeNode } from './node.js';

/** A command as its words, or a text that only a shell reads. */
export interface Command {
  /** One command after another, as far as they are joined by `&&`, `;` or line ends alone; absent where only a shell knows. */
  readonly steps: readonly (readonly string[])[] | undefined;
  /** Words that run all of it. */
  readonly words: readonly string[];
}

/** `command` and `entrypoint` as one. */
export function commandOf(entrypoint: ComposeNode | undefined, command: ComposeNode | undefined): Command | undefined {
  const words = [...wordsOf(entrypoint), ...wordsOf(command)];
  return words.length === 0 ? undefined : commandIn(words);
}

function wordsOf(node: ComposeNode | undefined): readonly string[] {
  if (node?.kind === 'list') return itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  return node?.kind === 'scalar' ? (flat(shellSteps(node.text)) ?? ['sh', '-c', node.text]) : [];
}

/** A text without a shell has its operators as words. */
function flat(steps: string[][] | undefined): string[] | undefined {
  return steps?.flatMap((step, index) => (index === 0 ? step : ['&&', ...step]));
}

const SHELL = /^(.*\/)?(ba|da|a)?sh$/;

/** Words as a command: the text behind `sh -c` is taken apart. */
export function commandIn(words: readonly string[]): Command {
  const [first = '', flag = '', text = ''] = words;
  if (SHELL.test(first) && /^-[a-z]*c$/.test(flag)) return { steps: shellSteps(text), words };
  const steps: string[][] = [[]];
  for (const word of words) {
    if (word === '&&' || word === ';') steps.push([]);
    else steps.at(-1)!.push(word);
  }
  return steps.length === 1
    ? { steps, words }
    : { steps, words: ['sh', '-c', steps.map((step) => step.join(' ')).join(' && ')] };
}

/** Commands of a shell line; undefined where it does more than run one after another. */
export function shellSteps(text: string): string[][] | undefined {
  const steps: string[][] = [[]];
  let word: string | undefined;
  let quote = '';
  const end = () => {
    if (word !== undefined) steps.at(-1)!.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote === "'" ? character === quote : quote !== '' && character === quote) quote = '';
    else if (quote !== '') {
      if (quote === '"' && character === '\\') at++;
      word = (word ?? '') + (text[at] ?? '');
    } else if (character === '"' || character === "'") [quote, word] = [character, word ?? ''];
    else if (character === '\\') {
      if (text[++at] !== '\n') word = (word ?? '') + (text[at] ?? '');
    } else if (/[;\n]/.test(character) || text.startsWith('&&', at)) {
      end();
      if (character === '&') at++;
      if (steps.at(-1)!.length > 0) steps.push([]);
    } else if (/[|&<>()`]/.test(character)) return undefined;
    else if (/\s/.test(character)) end();
    else word = (word ?? '') + character;
  }
  end();
  const all = steps.filter((step) => step.length > 0 && step[0] !== 'set');
  const isPlain = all.every(([first = '']) => !/^(if|while|until|for|case|do|done|then|fi|\{)$/.test(first));
  return quote === '' && isPlain ? all : undefined;
}
