/** What a command line ends with. */
export const EXIT = {
  done: 0,
  /** The stack, the machine or the deployment is at fault; `diff`: there are differences. */
  fault: 1,
  usage: 2,
  /** A deployment failed and nothing serves; `diff` itself failed. */
  nothing: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** Ends a command with an exit code. What there is to say has been printed, or is the `cause`. */
export class Exit extends Error {
  readonly code: number;

  constructor(code: number, options?: ErrorOptions) {
    super(`exit code ${code}`, options);
    this.name = 'Exit';
    this.code = code;
  }
}
