import { parse, parseAllDocuments } from 'yaml';
import type { OutputFile } from '../../targets/target.js';

/** A part of an output that changes by itself: a service, an object, a file that is text. */
export type Part = { readonly tree: unknown } | { readonly text: string };

/** The parts of an output by name: `api`, `volume data`, `Deployment/shop-api`, `nginx/nginx.conf`. Comments are no part of them. */
export function partsOf(files: readonly OutputFile[]): Map<string, Part> {
  return new Map(files.flatMap(({ path, content }) => partsOfFile(path, content)));
}

function partsOfFile(path: string, content: string): [string, Part][] {
  if (!/\.ya?ml$/.test(path)) return [[path, { text: withoutHeader(content) }]];
  try {
    return /(^|\/)(compose|stack)\.yaml$/.test(path) ? composeParts(path, content) : objectParts(path, content);
  } catch {
    // Changed by hand into something that is no YAML.
    return [[path, { text: withoutHeader(content) }]];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  services: '',
  volumes: 'volume ',
  networks: 'network ',
  configs: 'config ',
  secrets: 'secret ',
};

function composeParts(path: string, content: string): [string, Part][] {
  const file = (parse(content) ?? {}) as Readonly<Record<string, unknown>>;
  const rest = Object.fromEntries(Object.entries(file).filter(([key]) => !(key in KINDS)));
  const named = Object.entries(KINDS).flatMap(([key, kind]) =>
    Object.entries((file[key] ?? {}) as object).map(([id, tree]): [string, Part] => [
      `${kind}${id}`,
      { tree: tree ?? {} },
    ]),
  );
  return [[path, { tree: rest }], ...named];
}

function objectParts(path: string, content: string): [string, Part][] {
  return parseAllDocuments(content).flatMap((document): [string, Part][] => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as { kind?: string; metadata?: { name?: string } } | null;
    if (object === null) return [];
    const name = object.metadata?.name;
    return [[object.kind !== undefined && name !== undefined ? `${object.kind}/${name}` : path, { tree: object }]];
  });
}

/** The header says which command made the file: another path to the stack file changes nothing that runs. */
function withoutHeader(text: string): string {
  return text.replace(/^(# )?Made by asgi-synth from .*\n(#\s+npx synth .*\n)?/m, '');
}
