import type { Stack } from '../model/stack.js';
import { deployedName, secretsOf } from '../model/tree.js';
import { shellWord } from '../targets/context.js';
import type { OutputWords } from './options.js';
import { imagesAgain, wordsAgain } from './again.js';

/** The command that deploys what was just written. */
export function nextCommand(stack: Stack, target: string, directory: string, words: OutputWords): string {
  const folder = shellWord(directory);
  const commands: Readonly<Record<string, string>> = {
    'bare-metal': `docker compose -f ${folder}/compose.yaml up -d --build --wait`,
    swarm: `${build(stack, target, words)}docker stack deploy -c ${folder}/stack.yaml --detach=false ${deployedName(stack, words.stage)}`,
    kubernetes: `${build(stack, target, words)}kubectl apply -k ${folder}`,
  };
  const before = secretsOf(stack).length > 0 ? 'before it the secrets; ' : '';
  return `${commands[target] ?? `see ${folder}/README.md`}   (${before}${folder}/README.md has every step)`;
}

/** Compose builds what it starts; the others start images that are there. */
function build(stack: Stack, target: string, words: OutputWords): string {
  const isBuilt = stack.apps.some(({ source, node }) => source !== undefined && words.image?.[node.id] === undefined);
  if (!isBuilt) return '';
  const given = [...imagesAgain(words), ...(stack.registry === undefined ? [] : ['--push'])];
  return `${['npx synth build', wordsAgain({ ...words, target }), ...given].join(' ')} && `;
}
