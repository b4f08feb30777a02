/** What `synth doctor` found out about one thing. */
export interface Finding {
  /** What was looked at, by a stable name: `docker-engine`, `lock-file`, `port`. */
  readonly check: string;
  /** Which one of several: an app, a registry, a port. */
  readonly of?: string;
  readonly result: 'ok' | 'warning' | 'failed';
  /** What was seen, one line. */
  readonly seen: string;
  /** What mends it: a command, or what to change. Absent where nothing is wrong. */
  readonly fix?: string;
}

type What = string | Pick<Finding, 'check' | 'of'>;

export function ok(what: What, seen: string): Finding {
  return { ...named(what), result: 'ok', seen };
}

export function warning(what: What, seen: string, fix: string): Finding {
  return { ...named(what), result: 'warning', seen, fix };
}

export function failed(what: What, seen: string, fix: string): Finding {
  return { ...named(what), result: 'failed', seen, fix };
}

function named(what: What): Pick<Finding, 'check' | 'of'> {
  return typeof what === 'string' ? { check: what } : what;
}

/** `9 ok, 2 warnings, 1 failed` */
export function summary(findings: readonly Finding[]): string {
  const count = (wanted: Finding['result']) => findings.filter(({ result }) => result === wanted).length;
  const warnings = count('warning');
  return `${count('ok')} ok, ${warnings} warning${warnings === 1 ? '' : 's'}, ${count('failed')} failed`;
}
