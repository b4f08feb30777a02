import type { IConstruct } from 'constructs';
import type { Mistake } from './mistakes.js';
import { oneLine } from '../errors.js';

/**
 * A rule that constructs must keep. It is asked of each of them when the whole tree is there, and says what is wrong with one: a line
 * or several, lower case, with what to do next; nothing where the construct keeps it. It changes nothing.
 */
export type Policy = (construct: IConstruct) => string | readonly string[] | undefined;

/** Metadata type under which a construct keeps the policies for what is below it. */
const POLICY = 'asgi-synth.policy';

/**
 * Rules for a whole tree, such as those that a platform team sets for others. What is wrong is an error at the line that made the
 * construct, with all other errors of the stack, and nobody can accept it there.
 *
 * @example Policies.of(stack).add((construct) => (construct instanceof Stack && construct.edge === 'none' ? 'edge must …' : undefined));
 */
export class Policies {
  /** The policies of a construct, and of whatever is below it or will be. */
  static of(scope: IConstruct): Policies {
    return new Policies(scope);
  }

  private readonly scope: IConstruct;

  private constructor(scope: IConstruct) {
    this.scope = scope;
  }

  /** Adds policies to those that there are. */
  add(...policies: readonly Policy[]): void {
    for (const policy of policies) this.scope.node.addMetadata(POLICY, policy);
  }
}

/** What the policies of a tree find wrong in it. */
export function policyMistakes(root: IConstruct): Mistake[] {
  return root.node.findAll().flatMap((construct) =>
    construct.node.scopes
      .flatMap(policiesOf)
      .flatMap((policy) => asked(policy, construct))
      .map((message) => ({ construct, message })),
  );
}

function policiesOf(scope: IConstruct): Policy[] {
  return scope.node.metadata.filter(({ type }) => type === POLICY).map(({ data }) => data as Policy);
}

/** Whoever wrote the stack did not write the policy, so that its failure must not look like one of theirs, or of ours. */
function asked(policy: Policy, construct: IConstruct): readonly string[] {
  try {
    return [policy(construct) ?? []].flat();
  } catch (error) {
    return [`a policy failed: ${oneLine(String(error))}; tell whoever made the policy`];
  }
}
