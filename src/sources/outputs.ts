/** Name of the file that says which files of a folder are ours: a folder that holds it is an output, whatever it is called. */
export const MANIFEST = '.asgi-synth.json';

/** Text of an ignore file that keeps folders of outputs out as well. It ends with them, so that no line before lets them in again. */
export function withoutOutputs(ignored: string, folders: readonly string[]): string {
  if (folders.length === 0) return ignored;
  const patterns = [...new Set(folders.map(literally))];
  return `${ignored}\n# Outputs\n${patterns.map((pattern) => `${pattern}\n`).join('')}`;
}

/** Characters that are more than themselves in some reader's patterns stand for any one character: not all readers know an escape. */
function literally(folder: string): string {
  return folder.replace(/[\s\0-,:-@[-^`{-\x7f]/g, '?');
}
