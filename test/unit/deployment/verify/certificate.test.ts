import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateIn } from '../../../../src/deployment/curl.js';
import { certificateChecks } from '../../../../src/deployment/verify/certificate.js';
import { selfSigned } from '../../../harness/certificate.js';
import { API, PLAN } from './support.js';

const { certificate } = selfSigned('shop.example.com');
const end = new Date(new X509Certificate(certificate).validTo).getTime();
const edge = { image: 'nginx:1', port: 80, https: { port: 443 } };
const plan = { ...PLAN, edge, apps: [{ ...API, hosts: ['shop.example.com'] }] };
const results = (...args: Parameters<typeof certificateChecks>) =>
  certificateChecks(...args).map(({ check, result }) => `${check}: ${result}`);

describe('the certificate that is served', () => {
  test('must hold, and for every host', () => {
    expect(results(plan, certificate)).toEqual(['certificate holds: pass', 'certificate names the hosts: pass']);
    expect(results(plan, certificate, end + 1)).toContain('certificate holds: fail');
    const other = { ...plan, apps: [{ ...API, hosts: ['www.example.com'] }] };
    expect(results(other, certificate)).toContain('certificate names the hosts: fail');
    const redirecting = { ...plan, edge: { ...edge, redirected: ['www.example.com'] } };
    expect(results(redirecting, certificate)).toContain('certificate names the hosts: fail');
  });

  test('must be there where nginx serves HTTPS, and is no matter elsewhere', () => {
    expect(results(plan, undefined)).toEqual(['certificate: fail']);
    expect(results(PLAN, undefined)).toEqual([]);
  });

  test('is the first of those that curl prints', () => {
    expect(certificateIn({ stdout: `Subject:CN = a\n${certificate}Subject:CN = root\n${certificate}` })).toBe(
      certificate.trim(),
    );
    expect(certificateIn({ stdout: '' })).toBeUndefined();
  });
});
