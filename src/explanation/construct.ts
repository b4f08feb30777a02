import type { IConstruct } from 'constructs';
import { ConfigFile } from '../model/config-file.js';
import { Secret } from '../model/secret.js';
import { deployedName } from '../model/tree.js';
import { Volume } from '../model/volume.js';
import type { OutputFile } from '../targets/target.js';
import { explainLines, type Explained, type ExplainedLine } from './lines.js';

/** What a construct is in one output file. */
export interface ExplainedFile {
  readonly path: string;
  /** Lines that are set to something, and were made for the construct or speak of it. */
  readonly fields: readonly ExplainedLine[];
}

/** Files that are copied as they are, or are for people: their lines are nobody's own. */
const WHOLE = /^(runtime|files)\/|README\.md$|\.dockerignore$/;

/** Everything that a construct became on a target, in the order of the output. */
export function explainConstruct(
  construct: IConstruct,
  files: readonly OutputFile[],
  explained: Explained,
  stage?: string,
): ExplainedFile[] {
  const own = construct.node.path;
  const speaks = speaksOf(construct, deployedName(explained.stack, stage));
  return files
    .filter(({ path }) => !WHOLE.test(path))
    .map((file) => ({
      path: file.path,
      fields: explainLines(explained, file).filter(
        (line) => line.value !== undefined && line.why !== undefined && (line.construct === own || speaks(line)),
      ),
    }))
    .filter(({ fields }) => fields.length > 0);
}

/** Whether a line speaks of what has no place of its own in what uses it: a secret, a volume, a text file. */
function speaksOf(construct: IConstruct, name: string): (line: ExplainedLine) => boolean {
  if (![Secret, Volume, ConfigFile].some((kind) => construct instanceof kind)) return () => false;
  const { id } = construct.node;
  const hyphened = id.replaceAll('_', '-');
  const names = [id, `file_${id}`, `file-${id}`, `volume-${id}`, `${name}-${hyphened}`, `/run/secrets/${id}`];
  return ({ path, value = '' }) =>
    /secret|volume|config|file|--url/i.test(path) &&
    names.some((one) => value === one || value.endsWith(`=${one}`) || value.includes(`{${one}}`));
}
