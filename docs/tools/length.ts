import { lengthOf } from '../../bench/length.js';

const STACK = 'stacks/full.ts';

/** How much longer a stack is that is written by hand. */
export function lengthText(): string {
  const { stackFile, byHand, times } = lengthOf(STACK);
  const lines = Object.values(byHand).reduce((sum, one) => sum + one);
  return (
    `\`${STACK}\` has databases, migrations, Celery, a schedule, TLS and scaling in ${stackFile} lines. By hand the three targets ` +
    `take ${lines.toLocaleString('en')} lines, ${times.toFixed(0)} times as many, comments and programs left out.`
  );
}
