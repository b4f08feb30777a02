import { writeFileSync } from 'node:fs';
import { userError } from '../../errors.js';
import { show } from '../../model/values.js';
import type { Checked } from './check.js';
import { escapeXml } from './xml.js';

/** The results as JUnit XML, which CI systems show. @param suite name of the whole: the deployed name and its target */
export function junitXml(suite: string, results: readonly Checked[]): string {
  const count = (wanted: Checked['result']) => String(results.filter(({ result }) => result === wanted).length);
  const counts = attributes({
    ...{ name: suite, tests: String(results.length) },
    ...{ failures: count('fail'), errors: '0', skipped: count('skip') },
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite${counts}>
${results.map((one) => testCase(suite, one)).join('')}  </testsuite>
</testsuites>
`;
}

function testCase(suite: string, { check, of, result, evidence }: Checked): string {
  const head = `    <testcase${attributes({ classname: `${suite}.${of}`, name: `${of}: ${check}` })}>`;
  const body = {
    pass: `<system-out>${escapeXml(evidence)}</system-out>`,
    fail: `<failure${attributes({ message: evidence })}>${escapeXml(evidence)}</failure>`,
    skip: `<skipped${attributes({ message: evidence })}/>`,
  };
  return `${head}${body[result]}</testcase>\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
}

/** Writes them to a file that the user named. Throws a `UserError` where it cannot be written. */
export function writeJunit(file: string, suite: string, results: readonly Checked[]): void {
  try {
    writeFileSync(file, junitXml(suite, results));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw userError(
      `the file ${show(file)} of --junit cannot be written: ${code}; name one in a folder that is there`,
      {},
      { cause: error },
    );
  }
}
