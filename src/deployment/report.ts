/** Tells how far something is. Lines for people, on stderr: live on a terminal, one after the other elsewhere. */
export interface Report {
  /** Something that has happened, or begins: `api: 2 of 3 processes healthy`. */
  step(line: string): void;
  /** What can wait for the next line: replaces the one before on a terminal, is left out elsewhere. */
  progress(line: string): void;
}

export const SILENT: Report = { step: () => undefined, progress: () => undefined };
