import { AsgiApp, Stack, targets } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { DARK, LIGHT, type Palette } from '../../../src/graph/palette.js';
import { graphOf, type Graph } from '../../../src/graph/graph.js';
import { htmlOf } from '../../../src/graph/html.js';
import { layoutOf, type Box } from '../../../src/graph/layout.js';
import { mermaidOf } from '../../../src/graph/mermaid.js';
import { svgOf } from '../../../src/graph/svg.js';
import { dressedStacks } from '../explanation/dressed.js';
import { STACKS, stackNamed } from '../support/every-stack.js';
import { contrast } from '../support/contrast.js';

const all: [name: string, load: () => Stack | Promise<Stack>][] = [
  ...STACKS.map((name): [string, () => Promise<Stack>] => [name, () => stackNamed(name)]),
  ...Object.entries(dressedStacks),
];

const graphsOf = (stack: Stack): Graph[] => [graphOf(stack), ...targets.map((target) => graphOf(stack, target))];

describe.each(all)('the picture of %s', (_, load) => {
  test('has a node for both ends of every way, and one name for each node', async () => {
    for (const { nodes, edges } of graphsOf(await load())) {
      const ids = nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(edges.flatMap(({ from, to }) => [from, to]).filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  test('is Mermaid text of nothing but nodes, ways and one frame', async () => {
    for (const graph of graphsOf(await load())) {
      const [first, title, ...lines] = mermaidOf(graph).trimEnd().split('\n');
      expect([first, title]).toEqual(['flowchart TB', expect.stringMatching(/^ {2}accTitle: [\w ,.-]+$/)]);
      expect(lines.filter((line) => !MERMAID_LINE.test(line))).toEqual([]);
      expect(lines.filter((line) => / subgraph /.test(line))).toHaveLength(lines.filter((l) => l === '  end').length);
    }
  });

  test('lays no box over another one, and everything inside', async () => {
    for (const graph of graphsOf(await load())) {
      const { nodes, width, height } = layoutOf(graph);
      expect(nodes).toHaveLength(graph.nodes.length);
      nodes.forEach((one, index) => {
        expect(isWithin(one, width, height)).toBe(true);
        for (const other of nodes.slice(index + 1))
          expect(meet(one, other), `${one.node.id} ${other.node.id}`).toBe(false);
      });
    }
  });

  test('is the same each time it is drawn', async () => {
    const draw = async () => graphsOf(await load()).map((graph) => mermaidOf(graph) + svgOf(graph));
    expect(await draw()).toEqual(await draw());
  });
});

const LABEL = /"[A-Za-z0-9 ,.:/_+=<>;#-]*"/.source;
const NODE = `[a-z]+_\\w+(\\[${LABEL}\\]|\\(${LABEL}\\)|\\[\\(${LABEL}\\)\\]|\\{\\{${LABEL}\\}\\})`;
const MERMAID_LINE = new RegExp(
  `^(  (  )?${NODE}|  subgraph network_own \\[${LABEL}\\]|  end|  [a-z]+_\\w+ -->(\\|${LABEL}\\|)? [a-z]+_\\w+)$`,
);

const meet = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const isWithin = (box: Box, width: number, height: number) =>
  box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;

describe('what is written', () => {
  test('cannot leave its place in any format', () => {
    const stack = new Stack('shop');
    const graph = graphOf(stack, targets[0]);
    const evil = `"</text><script>alert(1)</script>'&]--> end %% \`#quot;\u0000\n${'w'.repeat(80)}`;
    const nodes = [{ id: 'app_evil', kind: 'app' as const, label: evil, lines: [evil] }];
    const edges = [{ from: 'app_evil', to: 'app_evil', label: evil }];
    const hostile: Graph = {
      ...graph,
      title: evil,
      description: evil,
      nodes,
      edges,
      network: { label: evil, nodes: ['app_evil'] },
    };
    const lines = mermaidOf(hostile).trimEnd().split('\n').slice(2);
    expect(lines.filter((line) => !MERMAID_LINE.test(line))).toEqual([]);
    for (const text of [svgOf(hostile), htmlOf(evil, [hostile])]) {
      expect(text).not.toContain('<script');
      expect(text).not.toContain('\u0000');
      expect(text.match(/&(?!(amp|lt|gt|quot|#39);)/g)).toBeNull();
    }
  });

  test.each([
    ['light', LIGHT],
    ['dark', DARK],
  ] as [string, Palette][])(
    'has a contrast of 4.5 or more in the %s scheme',
    (_, { page, text, quiet, line, kinds }) => {
      const pairs = [[text, page], [quiet, page], ...Object.values(kinds).map((ground) => [text, ground])] as [
        string,
        string,
      ][];
      expect(pairs.filter(([one, other]) => contrast(one, other) < 4.5)).toEqual([]);
      // WCAG 2.2, 1.4.11: what is no text, but tells something.
      expect(contrast(line, page)).toBeGreaterThanOrEqual(3);
    },
  );

  test('asks nobody for anything', async () => {
    const stack = await stackNamed('data');
    const page = htmlOf(
      'data',
      targets.map((target) => graphOf(stack, target)),
    );
    const addresses = page.match(/\b(https?:)?\/\/[^"'\s<]+/g) ?? [];
    expect(addresses.filter((address) => address !== 'http://www.w3.org/2000/svg')).toEqual([]);
    expect(page).not.toMatch(/<(script|link|img|iframe|object)\b|@import|url\((?!#)/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });
});

test('clients come to the apps themselves where there is no edge', () => {
  const stack = new Stack('shop', { edge: 'none' });
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app' });
  const { nodes, edges } = graphOf(stack, targets[0]);
  expect(nodes.map(({ kind }) => kind)).toEqual(['client', 'app']);
  expect(edges).toEqual([{ from: 'client_all', to: 'app_api', label: 'any host' }]);
});
