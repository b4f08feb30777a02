// A report of vitest: how many tests passed and failed, then those that failed, a line each with how the reason begins and what was compared.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(numPassedTests, numFailedTests);
for (const { name, assertionResults } of testResults)
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.log(`${name}: ${fullName}: ${reason(failureMessages[0] ?? '')}`);

function reason(message) {
  const [first, ...others] = message.split('\n');
  return [first, ...others.filter((line) => /expected .+ to /.test(line)).slice(0, 1)].join(' … ');
}
