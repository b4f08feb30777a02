import { Construct } from 'constructs';
import * as v from 'valibot';
import { checkId } from './ids.js';
import { acceptableId, addMistake } from './mistakes.js';
import { rememberPosition } from './position.js';
import { checkProps, givenIn, isObject } from './props.js';
import { must, relativePath } from './values.js';

/** Where the text of a `ConfigFile` comes from: exactly one of the two. */
export interface ConfigFileProps {
  /**
   * File of the project that holds the text, relative to the project root. It is read when files are written, and arrives byte for byte.
   * UTF-8, 1 byte to 1 MiB.
   * @default - `content`
   */
  readonly file?: string;
  /**
   * The text itself, 1 byte to 1 MiB as UTF-8.
   * @default - `file`
   */
  readonly content?: string;
}

/** Bytes of the largest text. A target may take less. */
export const LARGEST_CONFIG_FILE = 2 ** 20;

export const configFileProps = {
  file: v.optional(relativePath('./settings.toml')),
  content: v.optional(
    must<string>('a text of Unicode without NUL, of 1 byte to 1 MiB; put anything else into the image', isContent),
  ),
};

const schema = v.strictObject(configFileProps);

/**
 * A text file for apps to read: settings, a logging configuration, a list. Mounted by an app through its `files`, read-only and readable by
 * uid 10001. Not for secrets: every output holds its text.
 *
 * A Swarm takes less than 500 KiB, and a cluster 240 KiB as JSON: larger ones are the problem `config-file-size` there.
 *
 * A changed text replaces the containers that have the file, and an unchanged one restarts nothing.
 */
export class ConfigFile extends Construct {
  readonly file: string | undefined;
  readonly content: string | undefined;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  /** @param id lower-case letters, digits and hyphens; it names the file in the output. */
  constructor(scope: Construct, id: string, props: ConfigFileProps) {
    super(scope, acceptableId(scope, id));
    rememberPosition(this, new.target);
    checkId(this, id);
    // People paste secrets into texts.
    const checked = checkProps(this, schema, props, ['content']);
    this.file = checked.file;
    this.content = checked.content;
    this.given = givenIn(props);
    if (isObject(props)) this.checkOrigin(props);
  }

  private checkOrigin({ file, content }: ConfigFileProps): void {
    if (file === undefined && content === undefined)
      addMistake(this, 'one of file and content is required; file: "./settings.toml" takes the text of a file');
    if (file !== undefined && content !== undefined)
      addMistake(this, 'file and content exclude each other; keep the one that holds the text');
  }
}

/** Half of a surrogate pair cannot be written and read back. */
function isContent(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    !/[\0\p{Cs}]/u.test(value) &&
    Buffer.byteLength(value) <= LARGEST_CONFIG_FILE
  );
}
