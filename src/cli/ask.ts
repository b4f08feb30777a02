import { createInterface } from 'node:readline/promises';
import { EXIT, Exit } from './exit.js';

/** Asks on the terminal and returns the line that is typed, without the space around it. Ctrl-C and the end of the input end the command. */
export async function askOnTerminal(question: string): Promise<string> {
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const left = new Promise<never>((_, reject) => {
    line.once('SIGINT', () => reject(new Exit(EXIT.interrupted)));
    line.once('close', () => reject(new Exit(EXIT.interrupted)));
  });
  // Closing the line after its answer rejects as well, when nobody waits any more.
  left.catch(() => undefined);
  // Newer versions of Node take the question back before they say that the line is closed.
  const answer = line.question(question).catch(() => left);
  try {
    return (await Promise.race([answer, left])).trim();
  } finally {
    line.close();
  }
}
