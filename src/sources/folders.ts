import { resolve } from 'node:path';
import { digestContext } from './digest.js';
import { isFolder, pathBetween } from './files.js';
import type { Ignore } from './ignore.js';
import type { Source, SourceComplaint, SourceRequest } from './source.js';

/** Digests of the folders of static files, which change less often than the code around them. */
export function readFolders(
  { directory, source, folders = [] }: SourceRequest,
  { context, ignore }: { readonly context: string; readonly ignore: Ignore },
  complaints: SourceComplaint[],
): Pick<Source, 'folders'> {
  if (folders.length === 0) return {};
  const digests = [...new Set(folders)].toSorted().map((folder): [string, string] => {
    const full = resolve(directory, source, folder);
    const quoted = JSON.stringify(folder);
    if (!isFolder(full)) {
      complaints.push(wrong(`${quoted} is not a folder in source ${JSON.stringify(source)}; name one that is there`));
      return [folder, ''];
    }
    const { digest } = digestContext(context, within(pathBetween(context, full), ignore));
    if (digest === nothingOf(full))
      complaints.push(
        wrong(
          `${quoted} has no file that reaches the build; put one there, or let it in with !${folder} at the end of .dockerignore`,
        ),
      );
    return [folder, digest];
  });
  return { folders: Object.fromEntries(digests) };
}

const wrong = (what: string): SourceComplaint => ({ prop: 'static', message: `the folder of static files ${what}` });

/** The digest of a folder of which nothing counts. */
function nothingOf(folder: string): string {
  return digestContext(folder, { ignores: () => true, mayReturnBelow: () => false }).digest;
}

/** Leaves out whatever is not in a folder of the context. */
function within(folder: string, { ignores, mayReturnBelow }: Ignore): Ignore {
  const isIn = (path: string) => `${path}/`.startsWith(`${folder}/`);
  return {
    ignores: (path) => !isIn(path) || ignores(path),
    mayReturnBelow: (path) => (isIn(path) ? mayReturnBelow(path) : `${folder}/`.startsWith(`${path}/`)),
  };
}
