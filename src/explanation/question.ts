import type { IConstruct } from 'constructs';
import { userError } from '../errors.js';
import { linesOf } from '../formats/places/place.js';
import { meantOrKnown } from '../model/closest.js';
import type { Stack } from '../model/stack.js';
import { show } from '../model/values.js';
import type { OutputFile } from '../targets/target.js';

/** `FILE:LINE`, as editors and compilers spell it. */
export interface AskedLine {
  readonly file: string;
  readonly line: number;
}

/** The file and line that a word names; undefined for one that names something else. */
export function askedLine(word: string): AskedLine | undefined {
  const [, file, line] = /^(.+):([1-9]\d{0,8})$/.exec(word) ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
}

/** The construct that a word names: by its path, or by its id where that is the only one. Throws a `UserError` where none is. */
export function askedConstruct(word: string, stack: Stack): IConstruct {
  const all = stack.node.findAll();
  const found = all.filter(({ node }) => node.path === word || node.id === word);
  const [only] = found.filter(({ node }) => node.path === word).concat(found);
  if (only !== undefined) return only;
  const known = all.map(({ node }) => node.path);
  const near = [...known, ...all.map(({ node }) => node.id)];
  throw userError(
    `${show(word)} is no construct of the stack and no FILE:LINE of its output; ${meantOrKnown(word, known, near)}`,
  );
}

/** The output file of a path. Throws a `UserError` where there is none, or it has no such line. */
export function askedFile({ file: path, line }: AskedLine, files: readonly OutputFile[], shown: string): OutputFile {
  const known = files.map((file) => file.path);
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw userError(`${shown} is no file of this output; ${meantOrKnown(path, known)}`);
  const lines = linesOf(found.content);
  if (line > lines.length) throw userError(`${shown} has ${lines.length} lines, got ${line}; name one of them`);
  if (lines[line - 1]!.trim() === '')
    throw userError(`line ${line} of ${shown} is empty; name one with something on it`);
  return found;
}
