import type { ConfigFile } from '../model/config-file.js';
import type { Stack } from '../model/stack.js';
import { configFilesOf, filesOf } from '../model/tree.js';
import type { AsgiApp } from '../model/app.js';
import type { Context } from './context.js';
import type { OutputFile, Problem, Target } from './target.js';

/** What a target can hold of a text. */
export interface FileLimit {
  readonly bytes: number;
  /** Bytes that a text takes there. */
  size(text: string): number;
  /** Why there is a limit: `a Swarm keeps …`. */
  readonly because: string;
}

/** The config files that are too large for a target. */
export function largeFiles(
  stack: Stack,
  { fileLimit }: Pick<Target, 'fileLimit'>,
  texts: ReadonlyMap<string, string>,
): Problem[] {
  if (fileLimit === undefined) return [];
  return configFilesOf(stack).flatMap((construct) => {
    const bytes = fileLimit.size(textOf(construct, texts));
    if (bytes <= fileLimit.bytes) return [];
    const prop = construct.file === undefined ? 'content' : 'file';
    const message = `${prop} takes ${bytes} bytes, but ${fileLimit.because}, so that it cannot be deployed; split it, or put it into the image or a volume`;
    return [{ id: 'config-file-size', construct, prop, message }];
  });
}

/** The text of a config file on its way to a target. */
export function fileText(file: ConfigFile, { options }: Pick<Context, 'options'>): string {
  return textOf(file, options.texts);
}

function textOf(file: ConfigFile, texts: ReadonlyMap<string, string> = new Map()): string {
  const text = file.content ?? texts.get(file.node.path);
  if (text === undefined) throw new Error(`the text of ${file.node.path} was not read; pass it in options.texts`);
  return text;
}

/** The texts as files that Compose and Swarm mount. */
export function configFileOutputs(context: Context): OutputFile[] {
  return configFilesOf(context.stack).map((file) => ({ path: configPath(file), content: fileText(file, context) }));
}

/** Path in the output. Folders of apps have files with a dot or a capital alone. */
export function configPath({ node }: ConfigFile): string {
  return `files/${node.id}`;
}

/** Key in the files of Compose and Swarm. No other has a `_`. */
export function configKey({ node }: ConfigFile): string {
  return `file_${node.id}`;
}

/** The files of an app, or of what runs beside it, in the services of Compose and Swarm. */
export function configReferences(app: Pick<AsgiApp, 'files'>): { readonly source: string; readonly target: string }[] {
  return filesOf(app).map(({ path, file }) => ({ source: configKey(file), target: path }));
}
