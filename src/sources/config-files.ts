import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LARGEST_CONFIG_FILE, type ConfigFile } from '../model/config-file.js';
import type { Mistake } from '../model/mistakes.js';
import { isFile } from './files.js';

/** Texts of the files that a stack names, by path of the construct, and what is wrong with them. */
export interface ReadConfigFiles {
  readonly texts: ReadonlyMap<string, string>;
  readonly mistakes: readonly Mistake[];
}

/** Reads the text of every config file that is a file of the project. */
export function readConfigFiles(files: readonly ConfigFile[], directory: string): ReadConfigFiles {
  const read = files.flatMap((construct) =>
    construct.file === undefined ? [] : [{ construct, ...readText(directory, construct.file) }],
  );
  return {
    texts: new Map(read.flatMap(({ construct, text }) => (text === undefined ? [] : [[construct.node.path, text]]))),
    mistakes: read.flatMap(({ construct, message }) => (message === undefined ? [] : [{ construct, message }])),
  };
}

function readText(directory: string, file: string): { text?: string; message?: string } {
  const shown = `file ${JSON.stringify(file)}`;
  const bytes = tryBytes(join(directory, file));
  if (bytes === undefined)
    return { message: `${shown} is not a file that can be read; its path goes from the project root` };
  if (bytes.length === 0 || bytes.length > LARGEST_CONFIG_FILE)
    return {
      message: `${shown} has ${bytes.length} bytes, and must have 1 to ${LARGEST_CONFIG_FILE} of them; put a larger one into the image or a volume`,
    };
  const text = tryText(bytes);
  if (text === undefined) return { message: `${shown} is not text in UTF-8; put it into the image or a volume` };
  return { text };
}

function tryBytes(path: string): Buffer | undefined {
  try {
    // What is no file may never end.
    return isFile(path) ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function tryText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
