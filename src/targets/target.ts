import type { IConstruct } from 'constructs';
import type { Stack } from '../model/stack.js';
import type { Source } from '../sources/source.js';
import type { FileLimit } from './config-files.js';
import type { TargetExplanation } from './explanation.js';
import type { Footprint } from './footprint.js';
import type { ProblemId } from './problems.js';
import type { SupportTable } from './support.js';

/** A file of an output, not yet on any disk. */
export interface OutputFile {
  /** Relative POSIX path inside the folder of the target, `nginx/nginx.conf`. */
  readonly path: string;
  readonly content: string;
}

/** Something a target cannot honour in a stack. Synthesis fails unless the stack accepts it by its id. */
export interface Problem {
  /** Stable name, by which a stack can accept it. */
  readonly id: ProblemId;
  readonly construct: IConstruct;
  /** The prop that asks for it: `bodyLimit`. */
  readonly prop: string;
  /** What cannot be honoured, why, and what to do; lower case, no full stop. */
  readonly message: string;
}

/** What synthesis needs to know beside the stack itself. */
export interface SynthesizeOptions {
  /**
   * Stage of the deployment, such as `staging`. Lower-case letters, digits and hyphens.
   * @default - none: the deployed name is the stack's own
   */
  readonly stage?: string;
  /**
   * Tag of the images that are built.
   * @default - a hash of what each image is built from
   */
  readonly tag?: string;
  /**
   * Image references by name: of an app (by its id), or of a third-party image (`certbot`, `nginx`, `postgres`, `python`, `redis`).
   * @default - those of the stack
   */
  readonly images?: Readonly<Record<string, string>>;
  /**
   * Digests (`sha256:…`) by image reference, as a lock file holds them.
   * @default - none: images are named by tag alone
   */
  readonly digests?: Readonly<Record<string, string>>;
  /**
   * Folder into which the files will be written, relative to the project root. Paths from the output to the sources depend on it.
   * @default 'out/<deployed name>/<target>'
   */
  readonly out?: string;
  /**
   * Path from the folder of the output back to the project root.
   * @default - derived from `out`, which must be inside the project root then
   */
  readonly root?: string;
  /**
   * Stack file, relative to the project root, as the header comments name it.
   * @default - not named
   */
  readonly stackFile?: string;
  /**
   * What the source folders hold, by path of the app (`shop/api`).
   * @default - read from the project root by `synthesize`
   */
  readonly sources?: ReadonlyMap<string, Source>;
  /**
   * Texts of the config files that are files of the project, by path of the construct (`shop/settings`).
   * @default - read from the project root by `synthesize`
   */
  readonly texts?: ReadonlyMap<string, string>;
}

/**
 * One place a stack can be deployed to.
 *
 * A new one is a folder beside the others with an object of this type, a line in `index.ts`, and a file in
 * `test/integration/` that says how to start its output: what every target owes is stated in `test/conformance.ts`. It imports
 * `src/model`, `src/formats` and the modules beside this one, never another target. `context.ts` has names, images and paths,
 * `edge.ts` the nginx configuration, `server.ts` the commands, `problems.ts` the ids of what cannot be honoured, `support.ts` the
 * words for how the rest is, `footprint.ts` what the figures mean, `explanation.ts` the
 * words in which it tells of itself, `reasons.ts` why each line of an output is there.
 */
export interface Target {
  readonly name: string;
  /** The files that deploy `stack`. Same input, same files. */
  synthesize(stack: Stack, options: SynthesizeOptions): OutputFile[];
  /** What this target cannot honour in `stack`. */
  problems(stack: Stack): Problem[];
  /** How it honours each prop that it has no problem with. */
  readonly support: SupportTable;
  /** What it tells of itself and of the output that it makes. */
  readonly explanation: TargetExplanation;
  /** How large a config file may be. @default - as large as the model lets it be */
  readonly fileLimit?: FileLimit;
  /** What the apps, workers and databases of `stack`, and an edge of ours, take of its machines. */
  footprint(stack: Stack): Footprint[];
}
