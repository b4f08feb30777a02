import type { Stack } from '../model/stack.js';
import { deployedName } from '../model/tree.js';
import { shellWord } from '../targets/context.js';

/** The command that deploys what was just written. */
export function nextCommand(stack: Stack, target: string, directory: string, stage: string | undefined): string {
  const folder = shellWord(directory);
  const commands: Readonly<Record<string, string>> = {
    'bare-metal': `docker compose -f ${folder}/compose.yaml up -d --build --wait`,
    swarm: `docker stack deploy -c ${folder}/stack.yaml --detach=false ${deployedName(stack, stage)}`,
    kubernetes: `kubectl apply -k ${folder}`,
  };
  return `${commands[target] ?? `see ${folder}/README.md`}   (${folder}/README.md has every step)`;
}
