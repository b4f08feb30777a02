/** Where something was written: `file` as the runtime names it, `line` and `column` counted from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that the user should change: where, in which construct, and what. */
export interface Complaint {
  readonly position?: Position | undefined;
  /** Path of the construct, `shop/api`; absent where no construct is at fault. */
  readonly path?: string | undefined;
  /** What is wrong, what was got, what is allowed and what to do next. One line, lower case, no full stop. */
  readonly message: string;
}

/**
 * The user's stack, project or machine is at fault. Carries every complaint at once; anything that is not
 * a `UserError` is a mistake of ours.
 */
export class UserError extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[], options?: ErrorOptions) {
    super(complaints.map((complaint) => formatComplaint(complaint)).join('\n'), options);
    this.name = 'UserError';
    this.complaints = complaints;
  }
}

/** A `UserError` with a single complaint. */
export function userError(message: string, where: Omit<Complaint, 'message'> = {}, options?: ErrorOptions): UserError {
  return new UserError([{ ...where, message }], options);
}

/** `stacks/shop.ts:12:3 shop/api: processes must be …`, always on one line. */
export function formatComplaint({ position, path, message }: Complaint): string {
  const place = position && `${position.file}:${position.line}:${position.column}`;
  const prefix = [place, path].filter(Boolean).join(' ');
  return oneLine(prefix === '' ? message : `${prefix}: ${message}`);
}

/** Control characters would let a value break out of its line, or colour a terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => JSON.stringify(c).slice(1, -1));
}
