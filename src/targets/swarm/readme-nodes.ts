import { code, type MarkdownSection } from '../../formats/markdown.js';
import type { Stack } from '../../model/stack.js';
import { mountsOf, runningOf } from '../../model/tree.js';
import { ACME } from '../acme.js';
import { dockerAcme } from '../edge.js';
import { shellWord, type Context } from '../context.js';
import { selectorConstraints } from './parts.js';

/** Which labels nodes need: where volumes are, and what runs on some nodes alone. */
export function nodes({ stack, name }: Context): MarkdownSection[] {
  return [...volumes(stack, name), ...selected(stack)];
}

function volumes(stack: Stack, name: string): MarkdownSection[] {
  const pinned = [
    ...new Set([
      ...(dockerAcme(stack) ? [ACME] : []),
      ...stack.databases.map(({ volume }) => volume.node.id),
      ...stack.apps.flatMap((app) =>
        mountsOf(app)
          .filter(({ volume }) => !volume.shared)
          .map(({ volume }) => volume.node.id),
      ),
    ]),
  ];
  if (pinned.length === 0) return [];
  return [
    [
      'Volumes',
      'A local volume lives on one node. Say once which one; what uses it runs there, and stays pending until then.',
      { shell: pinned.map((id) => `docker node update --label-add ${name}.${id}=true NODE`) },
    ],
  ];
}

function selected(stack: Stack): MarkdownSection[] {
  const running = runningOf(stack).filter((one) => selectorConstraints(one).length > 0);
  if (running.length === 0) return [];
  const labels = [...new Set(running.flatMap(({ nodeSelector }) => Object.entries(nodeSelector).map(asLabel)))];
  return [
    [
      'Nodes',
      `${running.map(({ node }) => code(node.id)).join(', ')} may run on nodes with these labels alone, and stay pending while there are none.`,
      { shell: labels.toSorted().map((label) => `docker node update --label-add ${shellWord(label)} NODE`) },
    ],
  ];
}

function asLabel([key, value]: [string, string]): string {
  return `${key}=${value}`;
}
