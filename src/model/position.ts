import type { Construct, IConstruct } from 'constructs';

/** Metadata type under which a construct keeps the position of the `new` that made it. */
const POSITION = 'asgi-synth.position';

interface RecordedPosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Remembers which line of the user's code made `construct`; `maker` is the class whose `new` was called (`new.target`). */
export function rememberPosition(construct: Construct, maker: NewableFunction): void {
  const position = callerOf(maker);
  if (position) construct.node.addMetadata(POSITION, position);
}

/** The line of the user's code that made `construct`, if one is known. */
export function positionOf(construct: IConstruct): RecordedPosition | undefined {
  return construct.node.metadata.find(({ type }) => type === POSITION)?.data as RecordedPosition | undefined;
}

/** The first frame below `callee` that is not inside a package. */
export function callerOf(callee: NewableFunction | CallableFunction): RecordedPosition | undefined {
  let inPackage: RecordedPosition | undefined;
  for (const frame of framesBelow(callee)) {
    const position = positionIn(frame);
    if (position && !/[\\/]node_modules[\\/]/.test(position.file)) return position;
    inPackage ??= position;
  }
  return inPackage;
}

function positionIn(frame: NodeJS.CallSite): RecordedPosition | undefined {
  const file = frame.getFileName();
  if (!file || file.startsWith('node:')) return undefined;
  // A line is counted out anew each time.
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  return line && column ? { file, line, column } : undefined;
}

function framesBelow(callee: NewableFunction | CallableFunction): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 20;
    Error.prepareStackTrace = (_error, frames) => frames;
    const holder: { stack?: NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, callee as never);
    return holder.stack ?? [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // An assignment of undefined would switch off Node's own source maps.
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  }
}
