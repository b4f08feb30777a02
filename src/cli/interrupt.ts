import { Interrupted, OutOfTime } from '../deployment/cause.js';

/** A signal that ends with Ctrl-C or with the time. */
export interface Ending {
  readonly signal: AbortSignal;
  /** Whether it ended by Ctrl-C. */
  interrupted(): boolean;
  /** Gives Ctrl-C back, and stops the clock. */
  stop(): void;
}

/** The first Ctrl-C (or SIGTERM, which CI sends) aborts the signal; the second ends the process, as always. */
export function untilInterrupted(seconds?: number): Ending {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Interrupted());
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const timer =
    seconds === undefined ? undefined : setTimeout(() => controller.abort(new OutOfTime(seconds)), seconds * 1000);
  return {
    signal: controller.signal,
    interrupted: () => controller.signal.reason instanceof Interrupted,
    stop: () => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    },
  };
}
