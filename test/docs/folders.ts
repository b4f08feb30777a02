import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const PROJECTS = join(root, 'test/fixtures/projects');

/** What the example stacks of the pages have around them. */
const SAMPLE: Readonly<Record<string, string>> = {
  'settings.toml': 'greeting = "hello"\n',
};

/** The kinds of folder that a page may begin in, by the word of `<!-- folder: WORD -->`. */
const FOLDERS: Readonly<Record<string, (folder: string) => void>> = {
  empty: () => undefined,
  /** A project with its code in `api/`. */
  sample: (folder) => {
    cpSync(join(PROJECTS, 'plain'), join(folder, 'api'), { recursive: true });
    for (const [path, content] of Object.entries(SAMPLE)) writeFileSync(join(folder, path), content);
  },
  /** A clone of this project, without its tests, and the sample beside it. */
  checkout: (folder) => {
    for (const name of ['bin', 'images', 'src', 'stacks', 'package.json', 'tsconfig.json'])
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        filter: (path) => !/__pycache__|\/\.venv\b/.test(path),
      });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    FOLDERS['sample']?.(folder);
  },
};

/** Makes the folder of a word: one of those above, or a copy of a project of test/fixtures/projects. */
export function makeFolder(word: string): string {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'asgi-synth-docs-'))), 'project');
  const project = join(PROJECTS, word);
  const fill = FOLDERS[word] ?? (existsSync(project) ? () => cpSync(project, folder, { recursive: true }) : undefined);
  if (!fill) throw new Error(`no page can begin in a folder ${word}; see test/docs/folders.ts`);
  mkdirSync(folder);
  fill(folder);
  return folder;
}
