import { CERTIFICATE_KEYS } from '../../targets/kubernetes/certificate.js';
import { storedSecretName } from '../../targets/kubernetes/secrets.js';
import type { Plan, SecretPlan } from '../plan.js';

/** A Secret of the cluster, and under which key it holds the value of each secret. */
export interface SecretPlace {
  readonly name: string;
  readonly type: 'Opaque' | 'kubernetes.io/tls';
  /** Keys by the id of the secret. */
  readonly keys: Readonly<Record<string, string>>;
}

/** The secrets of a plan whose values are given, and not somewhere already. */
export function ownSecrets({ secrets }: Plan): SecretPlan[] {
  return secrets.filter(({ external }) => external === undefined);
}

/** The Secrets of a plan: one for each of its own secrets, and one for a certificate with its key. */
export function secretPlaces(plan: Plan): SecretPlace[] {
  const { certificate: { certificate, key, secret } = {} } = plan;
  const alone = ownSecrets(plan).filter(({ id }) => id !== certificate && id !== key);
  return [
    ...alone.map(({ id }): SecretPlace => ({ name: storedSecretName(id, plan), type: 'Opaque', keys: { [id]: id } })),
    ...(certificate === undefined || key === undefined || secret === undefined
      ? []
      : [
          {
            name: secret,
            type: 'kubernetes.io/tls',
            keys: { [certificate]: CERTIFICATE_KEYS.certificate, [key]: CERTIFICATE_KEYS.key },
          } as const,
        ]),
  ];
}
