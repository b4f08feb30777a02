import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateComplaints } from '../../../src/deployment/certificate.js';
import type { Plan } from '../../../src/deployment/plan.js';

let folder: string;
const pem: Record<string, Buffer> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asgi-synth-pem-'));
  for (const name of ['one', 'two']) {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-days', '2'];
    execFileSync('openssl', [...words, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    Object.assign(pem, { [`${name}.key`]: readFileSync(key), [`${name}.crt`]: readFileSync(certificate) });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = { certificate: { certificate: 'tls_certificate', key: 'tls_key' } } as Plan;
const said = (values: Record<string, Uint8Array | undefined>) =>
  certificateComplaints(
    plan,
    new Map(Object.entries(values).flatMap(([id, value]) => (value ? [[id, value] as const] : []))),
  ).map(({ message }) => message);

describe('a certificate and key that are given', () => {
  test('belong together, and may have more certificates after the first', () => {
    const chain = Buffer.concat([pem['one.crt']!, pem['two.crt']!]);
    expect(said({ tls_certificate: chain, tls_key: pem['one.key'] })).toEqual([]);
    expect(said({ tls_certificate: pem['one.crt'], tls_key: pem['two.key'] })).toEqual([
      'secret tls_key is not the key of the certificate in tls_certificate; give both of one renewal',
    ]);
  });

  test('are PEM text, and no message shows any of it', () => {
    const messages = said({ tls_certificate: pem['one.key'], tls_key: Buffer.from('hunter2') });
    expect(messages).toEqual([
      'secret tls_certificate is no certificate; give PEM text that begins with it',
      'secret tls_key is no private key; give PEM text without a passphrase',
    ]);
  });

  test('may be one alone, or none: the other is stored', () => {
    expect(said({ tls_certificate: pem['one.crt'] })).toEqual([]);
    expect(said({})).toEqual([]);
  });
});
