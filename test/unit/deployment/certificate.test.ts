import { describe, expect, test } from 'vitest';
import { certificateComplaints } from '../../../src/deployment/certificate.js';
import type { Plan } from '../../../src/deployment/plan.js';
import { selfSigned } from '../../harness/certificate.js';

const [one, two] = [selfSigned('one.example.com'), selfSigned('two.example.com')];

const plan = { certificate: { certificate: 'tls_certificate', key: 'tls_key' } } as Plan;
const said = (values: Record<string, string>) =>
  certificateComplaints(
    plan,
    new Map(Object.entries(values).map(([id, value]) => [id, Buffer.from(value)] as const)),
  ).map(({ message }) => message);

describe('a certificate and key that are given', () => {
  test('belong together, and may have more certificates after the first', () => {
    expect(said({ tls_certificate: one.certificate + two.certificate, tls_key: one.key })).toEqual([]);
    expect(said({ tls_certificate: one.certificate, tls_key: two.key })).toEqual([
      'secret tls_key is not the key of the certificate in tls_certificate; give both of one renewal',
    ]);
  });

  test('are PEM text, and no message shows any of it', () => {
    expect(said({ tls_certificate: one.key, tls_key: 'hunter2' })).toEqual([
      'secret tls_certificate is no certificate; give PEM text that begins with it',
      'secret tls_key is no private key; give PEM text without a passphrase',
    ]);
  });

  test('may be one alone, or none: the other is stored', () => {
    expect(said({ tls_certificate: one.certificate })).toEqual([]);
    expect(said({})).toEqual([]);
  });
});
