import { mermaidFlowchart, type MermaidNode } from '../formats/mermaid.js';
import type { Graph, NodeKind } from './graph.js';

const SHAPES: Readonly<Record<NodeKind, MermaidNode['shape']>> = {
  client: 'round',
  edge: 'hexagon',
  app: 'box',
  task: 'box',
  database: 'cylinder',
  secret: 'round',
  volume: 'cylinder',
  file: 'round',
};

/** A picture as Mermaid text, which GitHub and GitLab draw. */
export function mermaidOf({ title, nodes, edges, network }: Graph): string {
  return mermaidFlowchart(title, {
    nodes: nodes.map(({ id, kind, label, lines }) => ({ id, lines: [label, ...lines], shape: SHAPES[kind] })),
    edges,
    groups: network === undefined ? [] : [{ id: 'network_own', ...network }],
  });
}
