import { existsSync, readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { userError } from '../../errors.js';
import { MANIFEST } from '../../sources/outputs.js';

/** Milliseconds without another change after which a change counts as done: editors write a file in several steps. */
const QUIET = 200;

/** What is never a change of a source: what tools keep beside it, and what is made of it. */
const IGNORED = /^(\..*|__pycache__|node_modules|venv|.*\.py[co]|.*~|.*\.tmp|\d{4})$/;

/** Paths that changed since they were last asked for. */
export class Changes {
  private readonly paths = new Set<string>();
  private last = 0;
  private wake: () => void = () => undefined;

  add(path: string): void {
    this.paths.add(path);
    this.last = performance.now();
    this.wake();
  }

  /** Waits for a change, and until it is done. Throws the reason of the signal where that is aborted. */
  async next(signal: AbortSignal): Promise<string[]> {
    for (;;) {
      signal.throwIfAborted();
      const left = this.paths.size === 0 ? undefined : this.last + QUIET - performance.now();
      if (left !== undefined && left <= 0) break;
      await this.wait(signal, left);
    }
    const found = [...this.paths].toSorted();
    this.paths.clear();
    return found;
  }

  /** @param left milliseconds; undefined waits for a change alone */
  private wait(signal: AbortSignal, left: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = left === undefined ? undefined : setTimeout(() => done(), left);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = () => undefined;
        resolve();
      };
      this.wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

/**
 * Tells of changes of files, and of all that is below folders. Each folder is watched by itself: Node's own recursive watch walks
 * through node_modules and environments as well, and is another on each system.
 */
export class Watch implements Disposable {
  private readonly watchers = new Map<FSWatcher, string>();
  private readonly changes: Changes;

  constructor(paths: readonly string[], changes: Changes) {
    this.changes = changes;
    for (const path of paths) {
      if (isFolder(path)) this.below(path);
      // A file that is replaced is another one: its folder sees both.
      else this.in(dirname(path), (name) => name === basename(path), false);
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.watchers.keys()) watcher.close();
    this.watchers.clear();
  }

  private below(folder: string): void {
    if (existsSync(join(folder, MANIFEST))) return;
    this.in(folder, (name) => !IGNORED.test(name));
    for (const name of namesIn(folder)) {
      if (!IGNORED.test(name) && isFolder(join(folder, name))) this.below(join(folder, name));
    }
  }

  /** @param isDeep whether a folder in it is watched as well */
  private in(folder: string, isMeant: (name: string) => boolean, isDeep = true): void {
    if (!isFolder(folder)) return;
    const watcher = begin(folder, (event, name) => {
      if (!isMeant(name)) return;
      const path = join(folder, name);
      this.changes.add(path);
      // One that came in the place of another of its name is not the one that is watched.
      if (isDeep && event === 'rename') this.again(path);
    });
    watcher.on('error', () => this.forget(folder));
    this.watchers.set(watcher, folder);
  }

  private again(path: string): void {
    this.forget(path);
    if (isFolder(path)) this.below(path);
  }

  private forget(folder: string): void {
    for (const [watcher, path] of this.watchers) {
      if (path !== folder && !path.startsWith(`${folder}${sep}`)) continue;
      watcher.close();
      this.watchers.delete(watcher);
    }
  }
}

function begin(folder: string, changed: (event: string, name: string) => void): FSWatcher {
  try {
    return watch(folder, (event, name) => name !== null && changed(event, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw userError(
      `cannot watch ${folder}: ${code}; ${code === 'ENOSPC' || code === 'EMFILE' ? 'raise fs.inotify.max_user_watches and max_user_instances with sysctl' : 'look at its permissions'}`,
      {},
      { cause: error },
    );
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It went away meanwhile, or is none of ours.
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
