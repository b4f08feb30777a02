import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { Complaint } from '../errors.js';
import type { Plan } from './plan.js';

/**
 * What is wrong with a certificate and key that are given: an nginx that has stopped for them would not start again. Not that it has
 * ended, since whoever puts a fault right must be able to deploy. No message shows any of the two.
 */
export function certificateComplaints(
  { certificate: ids }: Plan,
  values: ReadonlyMap<string, Uint8Array>,
): Complaint[] {
  if (ids === undefined) return [];
  const [certificate, key] = [values.get(ids.certificate), values.get(ids.key)];
  const read = certificate && certificateIn(certificate);
  const opened = key && keyIn(key);
  const complaints = [
    ...(certificate && !read ? [`secret ${ids.certificate} is no certificate; give PEM text that begins with it`] : []),
    ...(key && !opened ? [`secret ${ids.key} is no private key; give PEM text without a passphrase`] : []),
    ...(read && opened && !read.checkPrivateKey(opened)
      ? [`secret ${ids.key} is not the key of the certificate in ${ids.certificate}; give both of one renewal`]
      : []),
  ];
  return complaints.map((message) => ({ message }));
}

function certificateIn(pem: Uint8Array): X509Certificate | undefined {
  const first = /-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]+-----END/.test(Buffer.from(pem).toString('latin1'));
  try {
    return first ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

function keyIn(pem: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey(Buffer.from(pem));
  } catch {
    return undefined;
  }
}
