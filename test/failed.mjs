// The failed tests of a report of vitest, a line each: the file, the test and the first line of why.
import { readFileSync } from 'node:fs';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const { name, assertionResults } of testResults)
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.log(`${name}: ${fullName}: ${(failureMessages[0] ?? '').split('\n')[0]}`);
