import type { Position } from '../errors.js';
import { userError } from '../errors.js';
import { closest } from './closest.js';
import { addMistake } from './mistakes.js';
import { callerOf } from './position.js';
import { isObject } from './props.js';
import { Stack } from './stack.js';
import { DNS_LABEL, show } from './values.js';

/** What a stack file is told when its default export is a function. */
export interface StackArguments {
  /**
   * Stage of the deployment: `synth --stage`.
   * @default - none
   */
  readonly stage?: string | undefined;
}

/**
 * A value for each stage: one for every stage by its name, or `default` for those that are not named and for a deployment without a
 * stage.
 */
export type StageValues<Stage extends string, Value> =
  | ({ readonly default: Value } & { readonly [Name in Stage]?: Value })
  | ({ readonly [Name in Stage]: Value } & { readonly default?: never });

/** What the description of a stack with stages gets. */
export interface Staged<Stage extends string> {
  /** The stage that is described; undefined for a deployment without one. */
  readonly stage: Stage | undefined;
  /** The value for this stage. A name that is no stage is an error, and so is a missing value where there is no `default`. */
  forStage<Value>(values: StageValues<Stage, Value>): Value;
}

/**
 * The default export of a stack file for several stages, which differ in values: `synth --stage` chooses one, and any other word than
 * their names is an error. Without `--stage` it is a deployment of its own, with the `default` of each value.
 *
 * @param names stages by name: lower-case letters, digits and hyphens (DNS-1123 label)
 * @param describe makes the stack for one of them
 */
export function withStages<const Names extends readonly string[], Result extends Stack | Promise<Stack>>(
  names: Names,
  describe: (staged: Staged<Names[number]>) => Result,
): (told?: StackArguments) => Result {
  const position = callerOf(withStages);
  const known: readonly string[] = Array.isArray(names) ? names : [];
  const wrongNames = mistakesIn(names).map((message) => ({ message, position }));
  return ({ stage } = {}) => {
    if (wrongNames.length === 0) refuseUnknown(stage, known, position);
    const mistakes: Located[] = [...wrongNames];
    const result = describe({ stage, forStage: chooser(stage, known, mistakes) });
    const finish = <Described>(described: Described): Described => {
      if (described instanceof Stack) remember(described, { names: known, stage }, mistakes);
      return described;
    };
    return result instanceof Promise ? (result.then(finish) as Result) : finish(result);
  };
}

/** A mistake that is where a value is chosen, not where a construct is made. */
interface Located {
  readonly message: string;
  readonly position: Position | undefined;
}

function mistakesIn(names: unknown): string[] {
  if (!Array.isArray(names) || names.length === 0)
    return [`withStages takes a list of the names of stages, such as ["staging", "production"], got ${show(names)}`];
  const wrong = names.filter((name) => typeof name !== 'string' || !DNS_LABEL.test(name) || name === 'default');
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...wrong.map(
      (name) =>
        `a stage must be lower-case letters, digits and hyphens, with no hyphen at an end (DNS-1123 label), and not "default", got ${show(name)}`,
    ),
    ...twice.map((name) => `withStages names ${show(name)} twice; drop one of them`),
  ];
}

function refuseUnknown(stage: string | undefined, names: readonly string[], position: Position | undefined): void {
  if (stage === undefined || names.includes(stage)) return;
  throw userError(`the stage must be ${oneOf(names)}, got ${show(stage)}${guess(stage, names)}`, { position });
}

function chooser(stage: string | undefined, names: readonly string[], mistakes: Located[]) {
  const forStage = <Value>(values: StageValues<string, Value>): Value => {
    const found = isObject(values) ? (values as Readonly<Record<string, Value>>) : {};
    const position = callerOf(forStage);
    for (const message of mistakesOf(values, stage, names)) mistakes.push({ message, position });
    if (stage !== undefined && Object.hasOwn(found, stage)) return found[stage]!;
    // Where there is none, any value lets the rest be checked.
    return Object.hasOwn(found, 'default') ? found['default']! : Object.values(found)[0]!;
  };
  return forStage;
}

function mistakesOf(values: unknown, stage: string | undefined, names: readonly string[]): string[] {
  if (!isObject(values)) return [`forStage takes an object with a value for each stage, got ${show(values)}`];
  const unknown = Object.keys(values).filter((name) => name !== 'default' && !names.includes(name));
  const missing = names.filter((name) => !Object.hasOwn(values, name));
  return [
    ...unknown.map(
      (name) => `forStage names the stage ${show(name)}, which is not ${oneOf(names)}${guess(name, names)}`,
    ),
    ...(Object.hasOwn(values, 'default') ? [] : withoutDefault(stage, names, missing)),
  ];
}

function withoutDefault(stage: string | undefined, names: readonly string[], missing: readonly string[]): string[] {
  if (missing.length > 0) return [`forStage has no value for ${missing.join(', ')}; add it, or a default for the rest`];
  if (stage !== undefined) return [];
  return [`forStage has no default for a deployment without a stage; add one, or choose --stage ${names.join(' or ')}`];
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}

function guess(name: string, names: readonly string[]): string {
  const near = closest(name, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Metadata type under which a stack keeps its stages. */
const STAGES = 'asgi-synth.stages';

/** The stages of a stack, and which of them it was described for. */
export interface DescribedStages {
  readonly names: readonly string[];
  readonly stage: string | undefined;
}

function remember(stack: Stack, stages: DescribedStages, mistakes: readonly Located[]): void {
  stack.node.addMetadata(STAGES, stages);
  for (const { message, position } of mistakes) addMistake(stack, message, position);
}

/** The stages of a stack; undefined where its file names none. */
export function stagesOf(stack: Stack): DescribedStages | undefined {
  return stack.node.metadata.find(({ type }) => type === STAGES)?.data as DescribedStages | undefined;
}
