import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../src/deployment/probe.js';
import { edgeChecks, edgeSkips, leaked } from '../../../../src/deployment/verify/edge.js';
import { API, PLAN } from './support.js';

const answer = (status: number, headers: Answer['headers'] = {}): Answer => ({ status, headers, body: '' });

const judged = (check: string, given: Answer, plan = PLAN) =>
  edgeChecks(plan)
    .find((one) => one.check === check)
    ?.judge(given);

describe('the edge', () => {
  test('is asked on each host, for too much, and as nobody', () => {
    expect(edgeChecks(PLAN).map(({ request }) => request)).toEqual([
      { host: 'shop.example.com', path: '/readyz' },
      { host: 'www.example.com', path: '/readyz' },
      { host: 'shop.example.com', path: '/readyz', method: 'POST', headers: { 'Content-Length': '1001' } },
      { host: 'verify.invalid', path: '/' },
    ]);
  });

  test.each([
    [200, true, 'pass'],
    [503, true, 'fail'],
    [404, true, 'fail'],
    [404, false, 'pass'],
    [502, false, 'fail'],
    [0, false, 'fail'],
  ])('status %s of a path that is readiness (%s): %s', (status, hasReadiness, result) => {
    const plan = { ...PLAN, apps: [{ ...API, hasReadiness }] };
    expect(judged('answers at shop.example.com/readyz', answer(status), plan)).toMatchObject({ result });
  });

  test('turns an unknown host away with 421 or a closed connection', () => {
    for (const [status, result] of [
      [421, 'pass'],
      [0, 'pass'],
      [200, 'fail'],
      [404, 'fail'],
    ] as const)
      expect(judged('unknown host', answer(status))).toMatchObject({ result });
  });

  test('cannot turn a host away where an app answers any', () => {
    const plan = { ...PLAN, apps: [API, { ...API, id: 'web', hosts: [] }] };
    expect(edgeChecks(plan).some(({ check }) => check === 'unknown host')).toBe(false);
    expect(edgeSkips(plan)).toEqual([
      { check: 'unknown host', of: 'shop', result: 'skip', evidence: 'web answers any Host' },
    ]);
    expect(edgeSkips(PLAN)).toEqual([]);
  });

  test('answers 413 to too much', () => {
    expect(judged('body over the limit', answer(413))).toMatchObject({ result: 'pass' });
    expect(judged('body over the limit', answer(200))).toMatchObject({
      result: 'fail',
      evidence: 'status 200 for 1001 bytes',
    });
  });

  test('shows nothing of an app where it only leads to HTTPS', () => {
    const to = (location: string) => judged('answers at shop.example.com/readyz', answer(308, { location }))?.result;
    expect(to('https://shop.example.com:8446/readyz')).toBe('fail');
    expect(to('https://shop.example.com/other')).toBe('pass');
  });

  test('tells no version', () => {
    expect(leaked({ server: 'nginx' })).toBeUndefined();
    expect(leaked({})).toBeUndefined();
    expect(leaked({ server: 'nginx/1.30.4' })).toBe('Server: nginx/1.30.4 tells the version');
    expect(leaked({ 'x-powered-by': 'x' })).toBe('X-Powered-By: x');
  });
});
