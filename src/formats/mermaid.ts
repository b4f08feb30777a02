export interface MermaidNode {
  /** Letters, digits and underscores. */
  readonly id: string;
  readonly lines: readonly string[];
  readonly shape: 'box' | 'round' | 'cylinder' | 'hexagon';
}

export interface MermaidEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

export interface MermaidGroup {
  readonly id: string;
  readonly label: string;
  /** Ids of the nodes inside. */
  readonly nodes: readonly string[];
}

/** Text of a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html */
export function mermaidFlowchart(
  title: string,
  {
    nodes,
    edges,
    groups,
  }: { nodes: readonly MermaidNode[]; edges: readonly MermaidEdge[]; groups: readonly MermaidGroup[] },
): string {
  const grouped = new Set(groups.flatMap((group) => group.nodes));
  return [
    'flowchart TB',
    `  accTitle: ${spoken(title)}`,
    ...nodes.filter(({ id }) => !grouped.has(id)).map((node) => `  ${nodeText(node)}`),
    ...groups.flatMap((group) => [
      `  subgraph ${word(group.id)} [${label(group.label)}]`,
      ...nodes.filter(({ id }) => group.nodes.includes(id)).map((node) => `    ${nodeText(node)}`),
      '  end',
    ]),
    ...edges.map(
      ({ from, to, label: text }) => `  ${word(from)} -->${text === undefined ? '' : `|${label(text)}|`} ${word(to)}`,
    ),
    '',
  ].join('\n');
}

const SHAPES = { box: ['[', ']'], round: ['(', ')'], cylinder: ['[(', ')]'], hexagon: ['{{', '}}'] } as const;

function nodeText({ id, lines, shape }: MermaidNode): string {
  const [open, close] = SHAPES[shape];
  return `${word(id)}${open}"${lines.map(escaped).join('<br/>')}"${close}`;
}

const label = (text: string) => `"${escaped(text)}"`;

/** Everything that Mermaid, Markdown or HTML could take for its own is written as the number of its character. */
function escaped(text: string): string {
  return [...text]
    .map((character) => (/[A-Za-z0-9 ,.:/_+=-]/.test(character) ? character : `#${String(character.codePointAt(0))};`))
    .join('');
}

/** A title is no label: it ends with its line, and knows no numbers of characters. */
const spoken = (text: string) => text.replace(/[^A-Za-z0-9 ,._-]/g, ' ');

/** `end` and its like are words of Mermaid, so that no id is one of them: each has its kind before it. */
function word(id: string): string {
  if (!/^[a-z]+_[A-Za-z0-9_]+$/.test(id)) throw new Error(`not an id that Mermaid takes: ${JSON.stringify(id)}`);
  return id;
}
