import type { Stack } from '../model/stack.js';
import type { OutputFile } from './target.js';

/** What an operator puts beside the output and nobody may find in a repository; nothing where there is none. */
export function gitIgnore(
  stack: Pick<Stack, 'databases'>,
  { header, folders = [] }: { readonly header: readonly string[]; readonly folders?: readonly string[] },
): OutputFile[] {
  const backups = stack.databases.length === 0 ? [] : ['*.dump', '*.rdb'];
  const lines = [...folders.map((folder) => `/${folder}/`), ...backups];
  if (lines.length === 0) return [];
  return [{ path: '.gitignore', content: [...header.map((line) => `# ${line}`), ...lines, ''].join('\n') }];
}
