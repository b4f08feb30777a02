// A report of vitest: how many tests passed and failed, then those that failed, a line each with how the reason begins and what was compared.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(numPassedTests, numFailedTests);
for (const { name, assertionResults } of testResults)
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.log(`${name}: ${fullName}: ${reason(failureMessages[0] ?? '')}`);

/** The first lines of a message, and what was compared; the frames of the stack and the state of a deployment are further up. */
function reason(message) {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => /^\s+at |^--- state of /.test(line));
  const [first = '', ...others] = end < 0 ? lines : lines.slice(0, end);
  const compared = lines.filter((line) => /expected .+ to /.test(line) && line !== first).slice(0, 1);
  return [first, ...others.filter((line) => line !== compared[0]).slice(0, 12), ...compared].join(' … ').slice(0, 4000);
}
