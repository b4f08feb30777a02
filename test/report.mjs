// A report of vitest: how many tests passed and failed, then those that failed, a line each with the first line of why.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(numPassedTests, numFailedTests);
for (const { name, assertionResults } of testResults)
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.log(`${name}: ${fullName}: ${(failureMessages[0] ?? '').split('\n')[0]}`);
