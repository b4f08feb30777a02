import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own for one test, gone when the test is. */
export interface Project extends Disposable {
  readonly directory: string;
  /** Every file and link below the folder: its content, by relative path. */
  contents(): Record<string, string>;
}

export function makeProject(files: Readonly<Record<string, string | Uint8Array>>, name = 'project'): Project {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'asgi-synth-')));
  const directory = join(parent, name);
  mkdirSync(directory);
  writeFiles(directory, files);
  return {
    directory,
    contents: () => contentsOf(directory),
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}

export function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** Every file, link and special file below a folder, by relative path; empty folders too. */
export function contentsOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(names.map((name) => [name, describe(join(directory, name))]));
}

function describe(path: string): string {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (status.isDirectory()) return 'folder';
  return status.isFile() ? readFileSync(path, 'utf8') : 'special';
}
