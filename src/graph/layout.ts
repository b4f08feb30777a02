import type { Graph, GraphEdge, GraphNode, NodeKind } from './graph.js';

/** A rectangle, in pixels from the upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node with its place, and the lines that are written into it. */
export interface PlacedNode extends Box {
  readonly node: GraphNode;
  readonly texts: readonly string[];
}

/** A way with the points at its ends and the place of its label. */
export interface PlacedEdge {
  readonly edge: GraphEdge;
  readonly from: Point;
  readonly to: Point;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A picture with a place for everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly network?: Box & { readonly label: string };
}

/** Rows from the top down: requests go down, and so does what is used. */
const ROWS: readonly (readonly NodeKind[])[] = [
  ['client'],
  ['edge'],
  ['app'],
  ['task'],
  ['database'],
  ['secret', 'volume', 'file'],
];

const NODE_WIDTH = 200;
const LINE_HEIGHT = 18;
const PADDING = 10;
const GAP = { x: 24, y: 56 };
const MARGIN = 32;
const IN_A_ROW = 4;

/** Characters of a line in a box: those of the font are at most 7.4 pixels wide on average. */
const CHARACTERS = 27;

/** Places for everything of a picture: rows of boxes, in the order of the stack. */
export function layoutOf(graph: Graph): Layout {
  const rows = ROWS.flatMap((kinds) =>
    chunks(
      graph.nodes.filter(({ kind }) => kinds.includes(kind)),
      IN_A_ROW,
    ),
  );
  const widest = Math.max(...rows.map(({ length }) => rowWidth(length)));
  const nodes: PlacedNode[] = [];
  let y = MARGIN;
  for (const row of rows) {
    const texts = row.map(({ label, lines }) => [label, ...lines.flatMap((line) => broken(line))]);
    const height = Math.max(...texts.map(({ length }) => length)) * LINE_HEIGHT + 2 * PADDING;
    const left = MARGIN + (widest - rowWidth(row.length)) / 2;
    row.forEach((node, index) =>
      nodes.push({ node, texts: texts[index]!, x: left + index * (NODE_WIDTH + GAP.x), y, width: NODE_WIDTH, height }),
    );
    y += height + GAP.y;
  }
  const network = frame(graph, nodes);
  return {
    width: widest + 2 * MARGIN,
    height: y - GAP.y + MARGIN,
    nodes,
    edges: graph.edges.flatMap((edge) => placed(edge, nodes)),
    ...(network === undefined ? {} : { network }),
  };
}

const rowWidth = (count: number) => count * (NODE_WIDTH + GAP.x) - GAP.x;

function chunks<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) =>
    all.slice(index * most, (index + 1) * most),
  );
}

/** A line in parts that fit into a box. A word that is longer than one is cut. */
function broken(line: string): string[] {
  const lines: string[] = [];
  for (const word of line.split(' ').flatMap(pieces)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > CHARACTERS) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function pieces(word: string): string[] {
  const characters = [...word];
  return chunks(characters, CHARACTERS).map((part) => part.join(''));
}

/** The frame around what is on one network. */
function frame({ network }: Graph, nodes: readonly PlacedNode[]): Layout['network'] {
  const inside = nodes.filter(({ node }) => network?.nodes.includes(node.id));
  if (network === undefined || inside.length === 0) return undefined;
  const space = 20;
  const x = Math.min(...inside.map((box) => box.x)) - space;
  const y = Math.min(...inside.map((box) => box.y)) - space - 6;
  const right = Math.max(...inside.map((box) => box.x + box.width)) + space;
  const bottom = Math.max(...inside.map((box) => box.y + box.height)) + space;
  return { label: network.label, x, y, width: right - x, height: bottom - y };
}

function placed(edge: GraphEdge, nodes: readonly PlacedNode[]): PlacedEdge[] {
  const from = nodes.find(({ node }) => node.id === edge.from);
  const to = nodes.find(({ node }) => node.id === edge.to);
  if (from === undefined || to === undefined) return [];
  return [{ edge, from: { x: middle(from), y: from.y + from.height }, to: { x: middle(to), y: to.y } }];
}

const middle = ({ x, width }: Box) => x + width / 2;
