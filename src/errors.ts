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

/** A line is for people: what is longer came out of a value. */
const LONGEST_LINE = 1000;

/** `stacks/shop.ts:12:3 shop/api: processes must be …`, always on one line. */
export function formatComplaint({ position, path, message }: Complaint): string {
  const place = position && `${position.file}:${position.line}:${position.column}`;
  const prefix = [place, path].filter(Boolean).join(' ');
  const line = oneLine(prefix === '' ? message : `${prefix}: ${message}`);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

/** Control and format characters would let a value break out of its line, colour a terminal or turn the reading direction. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? JSON.stringify(character).slice(1, -1) : `\\u{${code.toString(16)}}`;
  });
}
