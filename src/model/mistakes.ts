import { Construct, type IConstruct } from 'constructs';
import type { Position } from '../errors.js';
import { show } from './values.js';

/** Metadata type under which a construct keeps what is wrong with it. */
const MISTAKE = 'asgi-synth.mistake';

/** What is wrong with one construct. */
export interface Mistake {
  readonly construct: IConstruct;
  /** What is wrong, what was got and what is allowed; lower case, no full stop. */
  readonly message: string;
  /** Where it is. @default - where the construct was made */
  readonly position?: Position | undefined;
}

/** Records a mistake, so that synthesis can report all of them at once. It is where the construct was made, unless `position` is elsewhere. */
export function addMistake(construct: IConstruct, message: string, position?: Position): void {
  construct.node.addMetadata(MISTAKE, { message, position } satisfies Omit<Mistake, 'construct'>);
}

/** Every mistake recorded in the tree below `root`, in the order of the tree. */
export function mistakesBelow(root: IConstruct): Mistake[] {
  return root.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === MISTAKE)
        .map(({ data }) => ({ construct, ...(data as Omit<Mistake, 'construct'>) })),
    );
}

/** An id that `scope` can take: a taken or unspeakable one is replaced, so that the mistake can be recorded instead of thrown. */
export function acceptableId(scope: Construct, id: unknown): string {
  if (!Construct.isConstruct(scope))
    throw new TypeError(`the first argument must be the stack or a construct in it, got ${show(scope)}`);
  const wanted = speakableId(id);
  let free = wanted;
  for (let n = 2; scope.node.tryFindChild(free); n++) free = `${wanted}-${n}`;
  return free;
}

/** The id itself where a tree can hold it and a line can show it; what is wrong with it is for others to say. */
export function speakableId(id: unknown): string {
  return typeof id === 'string' && /^[\x21-\x7e]{1,63}$/.test(id) && !(id in {}) ? id : 'unnamed';
}
