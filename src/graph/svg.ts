import { markup } from '../formats/markup.js';
import type { Graph } from './graph.js';
import { layoutOf, type Layout, type PlacedEdge, type PlacedNode } from './layout.js';
import { schemeStyle } from './palette.js';

/** A picture as an SVG file of its own, for light and dark grounds. */
export function svgOf(graph: Graph): string {
  const style = `<style>${schemeStyle()}.ground{fill:var(--page)}</style>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svgElement(graph, { id: 'graph', before: `${style}<rect class="ground" width="100%" height="100%"/>\n` })}\n`;
}

/** A picture as an element of a page, which has the style. `id` is nobody else's on the page. */
export function svgElement(
  graph: Graph,
  { id, before = '' }: { readonly id: string; readonly before?: string },
): string {
  const layout = layoutOf(graph);
  const { width, height } = layout;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="group" aria-labelledby="${id}-title ${id}-description" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title id="${id}-title">${markup(graph.title)}</title>
<desc id="${id}-description">${markup(graph.description)}</desc>
${before}<defs><marker id="${id}-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>
${network(layout)}${layout.edges.map((edge) => way(edge, id)).join('\n')}
${layout.nodes.map((node) => box(node, graph)).join('\n')}
${layout.edges.map(wayLabel).join('')}</svg>`;
}

function network({ network: frame }: Layout): string {
  if (frame === undefined) return '';
  const { x, y, width, height, label } = frame;
  return `<rect class="network" x="${x}" y="${y}" width="${width}" height="${height}" rx="12"/>
<text class="quiet" x="${x + 12}" y="${y + 16}">${markup(label)}</text>
`;
}

function way({ from, to }: PlacedEdge, id: string): string {
  const bend = Math.max(24, (to.y - from.y) / 2);
  const curve = `M${from.x} ${from.y}C${from.x} ${from.y + bend} ${to.x} ${to.y - bend} ${to.x} ${to.y}`;
  return `<path class="way" d="${curve}" marker-end="url(#${id}-head)"/>`;
}

/** Near the end of the way, where ways that begin at one node are apart. */
function wayLabel({ edge, from, to }: PlacedEdge): string {
  if (edge.label === undefined) return '';
  const x = Math.round(to.x + (from.x - to.x) * 0.15);
  const y = Math.round(to.y - 14);
  const text = [...edge.label];
  const short = text.length > 28 ? `${text.slice(0, 27).join('')}…` : edge.label;
  return `<text class="quiet" text-anchor="middle" x="${x}" y="${y}">${markup(short)}</text>\n`;
}

function box({ node, texts, x, y, width, height }: PlacedNode, { nodes, edges }: Graph): string {
  const { kind, label, lines } = node;
  const to = edges
    .filter(({ from }) => from === node.id)
    .flatMap((edge) => nodes.filter(({ id }) => id === edge.to))
    .map((other) => other.label);
  const spoken = [`${kind} ${label}`, ...lines, ...(to.length === 0 ? [] : [`leads to ${to.join(', ')}`])].join('; ');
  const written = texts.map(
    (text, index) =>
      `<text${index === 0 ? ' class="label"' : ''} text-anchor="middle" x="${x + width / 2}" y="${y + 24 + index * 18}">${markup(text)}</text>`,
  );
  return `<g class="node ${kind}" role="img" tabindex="0" aria-label="${markup(spoken)}"><title>${markup(spoken)}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>${written.join('')}</g>`;
}
