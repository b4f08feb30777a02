import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM texts that belong together. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that names one host, holds for two days and is signed by itself. */
export function selfSigned(host: string): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-certificate-'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  try {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A certificate for this machine and one address, which holds for two days, with the root that signed it. */
export function signedBy(name: string, address: string): TestCertificate & { readonly root: string } {
  const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-certificate-'));
  const at = (file: string) => join(folder, file);
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { stdio: 'ignore' });
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    const authority = ['-days', '2', '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE'];
    openssl('req', '-x509', ...kind, ...authority, '-keyout', at('root-key'), '-out', at('root'));
    openssl('req', ...kind, '-subj', '/CN=localhost', '-keyout', at('key'), '-out', at('request'));
    writeFileSync(at('names'), `subjectAltName=DNS:localhost,IP:127.0.0.1,IP:${address}`);
    const by = ['-CA', at('root'), '-CAkey', at('root-key'), '-CAcreateserial', '-days', '2', '-extfile', at('names')];
    openssl('x509', '-req', '-in', at('request'), ...by, '-out', at('certificate'));
    const read = (file: string) => readFileSync(at(file), 'utf8');
    return { certificate: read('certificate'), key: read('key'), root: read('root') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
