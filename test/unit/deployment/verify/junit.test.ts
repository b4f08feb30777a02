import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Checked } from '../../../../src/deployment/verify/check.js';
import { junitXml, writeJunit } from '../../../../src/deployment/verify/junit.js';

const PARSE = `
import json, sys, xml.etree.ElementTree as tree
found = []
for text in json.load(sys.stdin):
    suite = tree.fromstring(text.encode()).find("testsuite")
    cases = [[case.get("name"), [[child.tag, child.get("message"), child.text] for child in case]] for case in suite]
    found.append([suite.attrib, cases])
json.dump(found, sys.stdout)
`;

type Parsed = [Record<string, string>, [string, [string, string | null, string | null][]][]];

/** What another program than ours reads in it. */
function parsed(texts: readonly string[]): Parsed[] {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', PARSE], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Parsed[];
}

const RESULTS: readonly Checked[] = [
  { check: 'processes', of: 'api', result: 'pass', evidence: '2 of 2 healthy' },
  { check: 'answers at a.example.com/?q=<&">', of: 'api', result: 'fail', evidence: 'status 502\n"]]>' },
  { check: 'unknown host', of: 'shop', result: 'skip', evidence: 'any Host' },
];

describe('JUnit XML', () => {
  test('holds every result', () => {
    expect(parsed([junitXml('shop.swarm', RESULTS)])).toEqual([
      [
        { name: 'shop.swarm', tests: '3', failures: '1', errors: '0', skipped: '1' },
        [
          ['api: processes', [['system-out', null, '2 of 2 healthy']]],
          ['api: answers at a.example.com/?q=<&">', [['failure', 'status 502\n"]]>', 'status 502\n"]]>']]],
          ['shop: unknown host', [['skipped', 'any Host', null]]],
        ],
      ],
    ]);
  });

  test('is XML whatever the evidence is', () => {
    const texts: string[] = [];
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'grapheme' }), (check, evidence) => {
        texts.push(junitXml('x', [{ check, of: 'api', result: 'fail', evidence }]));
      }),
      { numRuns: 200 },
    );
    texts.push(junitXml('x', [{ check: 'half \ud800 and \u0000', of: 'api', result: 'skip', evidence: '\uffff' }]));
    expect(parsed(texts)).toHaveLength(201);
  });

  test('a file that cannot be written is told in a line', () => {
    expect(() => writeJunit('/nowhere/at/all.xml', 'x', RESULTS)).toThrow(/^the file "\/nowhere.*ENOENT; name one/);
  });
});
