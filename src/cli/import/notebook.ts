import type { Position } from '../../errors.js';
import type { Left } from '../../sources/compose/compose-file.js';

/** Where everything is written down that is not in the stack, or not as it was. */
export interface Notebook {
  readonly left: Left[];
  readonly notes: string[];
  /** Something that is in no stack. */
  lose(at: Position, path: string, message: string): void;
  /** Something that needs nobody's care, since each target does it. */
  drop(at: Position, path: string, message: string): void;
  note(message: string): void;
}

export function notebook(): Notebook {
  const left: Left[] = [];
  const notes: string[] = [];
  return {
    left,
    notes,
    lose: (at, path, message) => void left.push({ at, path, message, kind: 'left' }),
    drop: (at, path, message) => void left.push({ at, path, message, kind: 'ours' }),
    note: (message) => void (notes.includes(message) || notes.push(message)),
  };
}

/** `compose.yaml:12`, as a comment names it. */
export function placeOf({ file, line }: Position): string {
  return `${file}:${line}`;
}
