import { isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Scalar } from 'yaml';
import { BETWEEN, linesOf, withComments, type Place } from './place.js';
import { wordNames } from './words.js';

/** Keys whose lists are words of a command. */
const COMMANDS = ['command', 'entrypoint', 'args', 'test'];

/** Reads a text that is inside another one. */
export type InnerReader = (name: string, text: string) => Place[];

/** The places of a YAML file. `kind` of a document, as Kubernetes has it, leads its paths; `inner` reads the files inside its ConfigMaps. */
export function yamlPlaces(text: string, inner: InnerReader): Place[] {
  const lines = linesOf(text);
  const counter = new LineCounter();
  const places = new Map<number, Place>();
  const walk = walker({ lineOf: (offset) => counter.linePos(offset).line, places, inner, lines });
  for (const document of parseAllDocuments(text, { lineCounter: counter })) {
    if ('contents' in document && document.contents) walk(document.contents as Node, kindOf(document.contents as Node));
  }
  lines.forEach((line, index) => {
    if (line === '---') places.set(index + 1, { line: index + 1, path: [BETWEEN] });
  });
  return withComments(lines, places);
}

function kindOf(node: Node): string[] {
  const kind: unknown = isMap(node) ? node.get('kind') : undefined;
  return typeof kind === 'string' ? [kind] : [];
}

interface Reading {
  lineOf(offset: number): number;
  readonly places: Map<number, Place>;
  readonly inner: InnerReader;
  readonly lines: readonly string[];
}

function walker(reading: Reading) {
  const { places, lineOf } = reading;
  const put = (line: number, path: readonly string[], value?: string) =>
    places.set(line, { line, path, ...(value === undefined ? {} : { value }) });

  const walk = (node: Node, path: readonly string[]): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const inside = [...path, String(pair.key.value)];
        visit(lineOf(pair.key.range?.[0] ?? 0), pair.value as Node | null, inside);
      }
    } else if (isSeq(node)) {
      const scalars = node.items.map((item) => (isScalar(item) ? String(item.value) : ''));
      const isCommand = COMMANDS.includes(path.at(-1) ?? '') && node.items.every((item) => isScalar(item));
      const names = isCommand ? wordNames(scalars) : scalars.map(() => ['[]']);
      node.items.forEach((item, index) => {
        const entry = item as Node;
        visit(lineOf(entry.range?.[0] ?? 0), entry, [...path, ...names[index]!]);
      });
    }
  };

  const visit = (line: number, value: Node | null, path: readonly string[]): void => {
    if (isScalar(value) && value.type === 'BLOCK_LITERAL') literal(line, value, path);
    else if (value === null || isScalar(value))
      put(line, path, value === null ? 'null' : String(value.source ?? value.value));
    else {
      put(line, path);
      walk(value, path);
    }
  };

  const literal = (line: number, value: Scalar, path: readonly string[]): void => {
    put(line, path);
    const text = String(value.value);
    for (const place of reading.inner(path.at(-1) ?? '', text))
      places.set(line + place.line, { ...place, line: line + place.line, path: [...path, ...place.path] });
  };

  return walk;
}
