import { RolloutFailure } from '../cause.js';
import { tellingLine } from '../telling-line.js';
import type { Container, Task } from './answers.js';
import type { Progress } from './progress.js';

/** What is known of a task that did not come up. */
export interface Evidence {
  readonly app: string;
  readonly because: Extract<Progress, { is: 'failed' }>['because'];
  readonly task: Task | undefined;
  /** Seconds that it may take to start. */
  readonly startup: number;
  /** Its container; absent where that is on another node, or gone. */
  readonly container?: Container | undefined;
  /** Last lines of it. */
  readonly logs: readonly string[];
  /** What Swarm says of the update. */
  readonly message?: string | undefined;
}

const PORT_IN_USE = /port already in use|address already in use|port is already allocated|host-mode port/i;
const NO_IMAGE = /no such image|pull access denied|manifest unknown|invalid reference|image .* not found/i;

/** Names the cause of a failure by what is known of its first task. */
export function causeOf({ app, because, task, startup, container, logs, message }: Evidence): RolloutFailure {
  const said = task?.Status.Err ?? '';
  const failure = (why: ConstructorParameters<typeof RolloutFailure>[0], detail: string) =>
    new RolloutFailure(why, detail, { app, logs });
  if (!task) return failure('unhealthy', message ?? 'Swarm gave the update up');
  if (PORT_IN_USE.test(said)) return failure('port-in-use', said);
  if (because === 'pending') return failure('not-schedulable', said);
  if (NO_IMAGE.test(said)) return failure('image-not-pulled', task.Spec.ContainerSpec?.Image ?? said);
  if (because === 'slow' || /unhealthy/.test(said)) return failure('unhealthy', unhealthyDetail(startup, container));
  if (task.Status.State === 'rejected') return failure('not-schedulable', said);
  const code = task.Status.ContainerStatus?.ExitCode ?? exitCodeIn(said);
  // Nobody else sends SIGKILL to a process that was not asked to stop; the node that knows for sure may be another one.
  if (code === 137 && container?.State.OOMKilled !== false) return failure('out-of-memory', 'killed (exit code 137)');
  const exception = tellingLine(logs);
  return failure(
    'crashed-at-start',
    `${code === undefined ? said : `exit code ${code}`}${exception === undefined ? '' : `: ${exception}`}`,
  );
}

function exitCodeIn(text: string): number | undefined {
  const code = /non-zero exit \((\d+)\)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

function unhealthyDetail(startup: number, container: Container | undefined): string {
  const check = container?.State.Health?.Log?.at(-1)?.Output.trim().split('\n').at(-1);
  return `no healthy answer within ${startup} s${check ? `: ${check}` : ''}`;
}
