import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a page, with what the lines before it say of it. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** `docs/faq.md:12`, of the fence. */
  readonly where: string;
  /** The file that it is, from a line such as "`main.py`:" right before it. */
  readonly file: string | undefined;
  /** Whether it is a part of that file alone, from "From `stack.yaml`:". */
  readonly isExcerpt: boolean;
  /** Comments right before it, `<!-- exit: 1 -->`. */
  readonly notes: Readonly<Record<string, string>>;
}

/** What a page does, in its order: it begins in a folder, or shows a block. */
export type Part = { readonly folder: string } | { readonly block: Block };

/** A page of Markdown. */
export interface Page {
  /** Path from the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly parts: readonly Part[];
}

const NOTE = /^<!-- ([a-z]+)(?:: (.*))? -->$/;
const NAMED = /^(From )?`([\w.-]*[./][\w./-]*)`[^`]*:$/;

export function readPage(root: string, path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, parts: partsOf(text, path) };
}

export function partsOf(text: string, path: string): Part[] {
  const lines = text.split('\n');
  const parts: Part[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, note, value = ''] = NOTE.exec(line) ?? [];
    if (note === 'folder') parts.push({ folder: value });
    if (!line.trimStart().startsWith('```')) continue;
    const end = lines.indexOf('```', at + 1);
    const where = `${path}:${at + 1}`;
    if (!/^```[a-z]*$/.test(line) || end < 0) throw new Error(`${where}: a block must begin and end at the margin`);
    parts.push({
      block: { language: line.slice(3), text: `${lines.slice(at + 1, end).join('\n')}\n`, where, ...before(lines, at) },
    });
    at = end;
  }
  return parts;
}

/** What the lines before a fence say. */
function before(lines: readonly string[], fence: number): Pick<Block, 'file' | 'isExcerpt' | 'notes'> {
  const notes: Record<string, string> = {};
  let at = fence - 1;
  for (; at >= 0; at--) {
    const [, note, value = ''] = NOTE.exec(lines[at]!) ?? [];
    if (note !== undefined) notes[note] = value;
    else if (lines[at] !== '') break;
  }
  const [, from, file] = NAMED.exec(lines[at] ?? '') ?? [];
  return { file, isExcerpt: from !== undefined, notes };
}

/** The prose of a page: no blocks, no comments. */
export function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/<!--[\s\S]*?-->/g, '');
}
