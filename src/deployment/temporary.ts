import { rmSync } from 'node:fs';

/** Removes a folder that this process has made, and what is in it. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
