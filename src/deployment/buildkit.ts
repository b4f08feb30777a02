/** How far a build is, as BuildKit's plain progress tells it line by line. */
export class BuildProgress {
  private readonly steps = new Map<string, Step>();
  private problem: string | undefined;
  private readonly advice: string[] = [];

  /** Takes a line. Returns the name of the step that it begins, if it begins one. */
  line(line: string): string | undefined {
    const error = /^ERROR: (?:failed to build: )?(?:failed to solve: )?(.*)$/.exec(line)?.[1];
    // What follows the last error says what to do about it.
    if (this.problem !== undefined && line.trim() !== '') this.advice.push(line);
    if (error !== undefined) this.problem ??= withoutTransport(error);
    const [, id, rest = ''] = /^#(\d+) (.*)$/.exec(line) ?? [];
    if (id === undefined || id === '0') return undefined;
    const known = this.steps.get(id);
    if (!known) {
      this.steps.set(id, { name: rest, lines: [], failed: undefined });
      return rest;
    }
    const failed = /^ERROR: (.*)$/.exec(rest)?.[1];
    if (failed !== undefined) known.failed = failed;
    else if (!/^(DONE|CACHED|CANCELED)\b/.test(rest)) known.lines.push(rest.replace(/^\d+\.\d+ ?/, ''));
    return undefined;
  }

  /** What failed, why, and the last lines that it said. To be asked once a build has failed. */
  failure(): BuildFailure {
    const step = [...this.steps.values()].find(({ failed }) => failed !== undefined);
    return {
      step: step?.name,
      reason: exitCode(step?.failed) ?? this.problem ?? step?.failed ?? 'it said nothing',
      lines: step?.lines.slice(-LAST_LINES) ?? this.advice,
    };
  }
}

const LAST_LINES = 20;

interface Step {
  readonly name: string;
  readonly lines: string[];
  failed: string | undefined;
}

/** Why an image could not be built. */
export interface BuildFailure {
  /** The failing step, `[build 2/4] RUN uv sync`; absent where it did not come to a step. */
  readonly step: string | undefined;
  readonly reason: string;
  /** What the step said last, oldest first. */
  readonly lines: readonly string[];
}

/** Behind the exit code stands the command, which is the step's name already; how it is put depends on the version. */
function exitCode(failed: string | undefined): string | undefined {
  return /: (exit code: \d+)$/.exec(failed ?? '')?.[1];
}

function withoutTransport(error: string): string {
  return error.replace(/^rpc error: code = \w+ desc = /, '').replace(/^failed to solve with frontend \S+: /, '');
}
