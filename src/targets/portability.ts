import type { IConstruct } from 'constructs';
import type { Stack } from '../model/stack.js';
import type { ProblemId } from './problems.js';
import { supportOf, usedProps, type Support } from './support.js';
import type { Problem, Target } from './target.js';

/** A prop that a target cannot honour, and each reason for that. */
export interface Unsupported {
  readonly how: 'problem';
  readonly problems: readonly ToldProblem[];
}

/** One reason why a target cannot honour a prop. */
export interface ToldProblem {
  readonly id: ProblemId;
  readonly message: string;
  /** Why the stack accepts it. @default - it does not, so that synthesis fails */
  readonly accepted?: string;
}

/** What becomes of one prop of one construct. */
export interface PropReport {
  readonly construct: IConstruct;
  readonly prop: string;
  /** By the name of each target. */
  readonly targets: Readonly<Record<string, Support | Unsupported>>;
}

/** A target, and the problems it has with a stack. */
export interface Judged {
  readonly target: Pick<Target, 'name' | 'support'>;
  readonly problems: readonly Problem[];
}

/** What each target makes of every prop that a stack uses, in the order of its tree. Props that were not written have their defaults. */
export function portabilityOf(stack: Stack, judged: readonly Judged[]): PropReport[] {
  return stack.node.findAll().flatMap((construct) =>
    propsOf(construct, judged).map((prop) => ({
      construct,
      prop,
      targets: Object.fromEntries(judged.map((one) => [one.target.name, outcome(construct, prop, one, stack)])),
    })),
  );
}

/** Those that were written, and those that some target complains of all the same. */
function propsOf(construct: IConstruct, judged: readonly Judged[]): string[] {
  return [
    ...new Set(
      judged.flatMap(({ target, problems }) => [
        ...usedProps(construct, target.support),
        ...problems.filter((problem) => problem.construct === construct).map(({ prop }) => prop),
      ]),
    ),
  ];
}

function outcome(
  construct: IConstruct,
  prop: string,
  { target, problems }: Judged,
  stack: Stack,
): Support | Unsupported {
  const own = problems.filter((one) => one.construct === construct && one.prop === prop);
  if (own.length === 0) return supportOf(construct, prop, target.support, stack);
  return { how: 'problem', problems: own.map((one) => told(one, stack)) };
}

function told({ id, message }: Problem, { accept }: Stack): ToldProblem {
  const reason = Object.hasOwn(accept, id) ? accept[id] : undefined;
  return { id, message, ...(reason === undefined ? {} : { accepted: reason }) };
}
