import { Construct } from 'constructs';
import * as v from 'valibot';
import { acceptableId, addMistake } from './mistakes.js';
import { rememberPosition } from './position.js';
import { checkProps, givenIn } from './props.js';
import { matching, show, text } from './values.js';

/** Where the value of a `Secret` comes from at deploy time, and how it reaches the apps. */
export interface SecretProps {
  /**
   * File that holds the value at deploy time, relative to the project root. It is read when something is deployed, never when
   * files are written.
   * @default - the environment variable named as the secret in capitals
   */
  readonly file?: string;
  /**
   * Name under which the secret already exists on the target: a Swarm secret, or a Kubernetes Secret with a key
   * named as this secret's id. Nothing creates or changes it then. On bare metal it is the file `./secrets/<id>` as always.
   * @default - deployed together with the stack
   */
  readonly external?: string;
  /**
   * `environment` sets it as a variable too, named as the id in capitals. The start shim does that inside the container, so that
   * no `inspect` and no manifest shows the value.
   * @default - only the file `/run/secrets/<id>`
   */
  readonly as?: 'environment';
}

export const secretProps = {
  file: v.optional(text),
  external: v.optional(
    matching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,251}[A-Za-z0-9])?$/, 'a name of letters, digits, ".", "_" and "-"'),
  ),
  as: v.optional(v.picklist(['environment'], 'must be "environment"')),
};

const schema = v.strictObject(secretProps);

/** What a `Secret` may be called: the name of a variable in lower case, of whose underscores none is first or last. */
export const SECRET_ID = /^(?=.{1,50}$)[a-z][a-z0-9]*(_+[a-z0-9]+)*$/;

/**
 * A value that must not be read by others: a password, a key, a token.
 *
 * It reaches the apps that list it as the file `/run/secrets/<id>`, readable by uid 10001. No output file holds its value.
 */
export class Secret extends Construct {
  readonly file: string | undefined;
  readonly external: string | undefined;
  readonly as: 'environment' | undefined;
  /** Names of the props that were written, to tell a default from a wish. */
  readonly given: ReadonlySet<string>;

  /**
   * @param id snake case, `db_password`, at most 50 characters: file name, key and variable come from it. Where words are joined by two
   * underscores, `db__password`, so are those of the variable, as `env_nested_delimiter` of pydantic-settings asks for.
   */
  constructor(scope: Construct, id: string, props: SecretProps = {}) {
    super(scope, acceptableId(scope, id));
    rememberPosition(this, new.target);
    if (typeof id !== 'string' || !SECRET_ID.test(id)) {
      addMistake(
        this,
        `the id of a secret must be snake case, at most 50 characters, such as "db_password", got ${show(id)}`,
      );
    } else if (id === 'constructor') {
      addMistake(
        this,
        'the id "constructor" is reserved, since JavaScript has something of that name itself; choose another',
      );
    } else if (id !== this.node.id) {
      addMistake(this, `the id ${show(id)} is already taken in ${scope.node.path}; give each construct its own`);
    }
    const checked = checkProps(this, schema, props);
    this.file = checked.file;
    this.external = checked.external;
    this.as = checked.as;
    this.given = givenIn(props);
    if (this.file !== undefined && this.external !== undefined) {
      addMistake(this, 'file and external exclude each other; keep the one that says where the value is');
    }
  }

  /** The environment variable that carries the value: into `deploy`, and into the app with `as: 'environment'`. */
  get variable(): string {
    return this.node.id.toUpperCase();
  }
}
