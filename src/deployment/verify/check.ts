/** What `verify` found out about one thing. */
export interface Checked {
  /** What must hold: `processes`, `drift`, `unknown host`. */
  readonly check: string;
  /** What it was asked of: an app, `nginx`, or the deployed name. */
  readonly of: string;
  readonly result: 'pass' | 'fail' | 'skip';
  /** What was seen, or why nothing was; one line. */
  readonly evidence: string;
}

/** A check of one thing, by whether it holds. */
export function checked(check: string, of: string, holds: boolean, evidence: string): Checked {
  return { check, of, result: holds ? 'pass' : 'fail', evidence };
}

/** A check that cannot be made. @param why what would have to be otherwise */
export function skipped(check: string, of: string, why: string): Checked {
  return { check, of, result: 'skip', evidence: why };
}

/** Whether nothing has failed. What was skipped says nothing against it, unless nothing else was checked. */
export function allHold(results: readonly Checked[]): boolean {
  return results.some(({ result }) => result === 'pass') && results.every(({ result }) => result !== 'fail');
}

/** `3 passed, 1 failed, 2 skipped` */
export function summary(results: readonly Checked[]): string {
  const count = (wanted: Checked['result']) => results.filter(({ result }) => result === wanted).length;
  return `${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped`;
}
