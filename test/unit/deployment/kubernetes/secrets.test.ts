import { describe, expect, test } from 'vitest';
import { UserError } from '../../../../src/errors.js';
import { ownLabels } from '../../../../src/deployment/kubernetes/labels.js';
import { readRevisions } from '../../../../src/deployment/kubernetes/revisions.js';
import { secretChanges, storedSecrets, type StoredSecret } from '../../../../src/deployment/kubernetes/secrets.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import { planWith } from './support.js';

const plan = planWith({ secrets: [{ id: 'db_password', variable: 'DB_PASSWORD' }] });
const values = (value: string) => new Map([['db_password', Buffer.from(value)]]);

function stored(value: string, metadata: Partial<StoredSecret['metadata']> = {}): Map<string, StoredSecret> {
  const secret: StoredSecret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop-db-password', resourceVersion: '7', labels: ownLabels('shop', 'secret'), ...metadata },
    data: { db_password: Buffer.from(value).toString('base64'), other: 'b3RoZXI=' },
  };
  return new Map([['db_password', secret]]);
}

describe('a secret', () => {
  test('that is not there is made, as its first revision', () => {
    const [change] = secretChanges(plan, values('one'), new Map());
    expect(change).toMatchObject({
      revision: 1,
      after: {
        metadata: { name: 'shop-db-password', annotations: { 'asgi-synth/revision': '1' } },
        data: { db_password: 'b25l' },
      },
    });
  });

  test('whose value is the same, or not given, stays as it is', () => {
    for (const given of [values('one'), new Map<string, Uint8Array>()])
      expect(secretChanges(plan, given, stored('one', { annotations: { 'asgi-synth/revision': '3' } }))).toMatchObject([
        { revision: 3, after: undefined },
      ]);
  });

  test('whose value is another one gets the next revision, and keeps what else is in it', () => {
    const [change] = secretChanges(plan, values('two'), stored('one'));
    expect(change).toMatchObject({
      revision: 2,
      after: {
        metadata: { resourceVersion: '7', annotations: { 'asgi-synth/revision': '2' } },
        data: { db_password: 'dHdv', other: 'b3RoZXI=' },
      },
    });
  });

  test('loses the copy of a value that a plain apply has left', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"db_password":"b25l"}}' };
    const [change] = secretChanges(plan, values('two'), stored('one', { annotations }));
    expect(JSON.stringify(change?.after)).not.toContain('last-applied');
  });

  test('that its operator made is known as ours from then on, with the value that it has', () => {
    const [change] = secretChanges(plan, new Map(), stored('one', { labels: { team: 'a' } }));
    expect(change).toMatchObject({
      revision: 1,
      after: { metadata: { labels: { team: 'a', ...ownLabels('shop', 'secret') } }, data: { db_password: 'b25l' } },
    });
  });

  test('that is neither given nor stored is an error that says how to give it', () => {
    expect(() => secretChanges(plan, new Map(), new Map())).toThrow(UserError);
    expect(() => secretChanges(plan, new Map(), new Map())).toThrow(/set the variable DB_PASSWORD/);
  });
});

test('rotated are those of which the release before has read another revision', () => {
  const changes = secretChanges(plan, values('two'), stored('one'));
  const previous = { secrets: { db_password: 1 } } as unknown as Release;
  expect(storedSecrets(changes, previous)).toEqual({ revisions: { db_password: 2 }, rotated: ['db_password'] });
  expect(storedSecrets(changes, undefined).rotated).toEqual([]);
});

test('a template says which revisions its pods read, as soon as one is not the first', () => {
  expect(readRevisions(planWith(), 'api', { db_password: 1, api_key: 1 })).toBeUndefined();
  expect(readRevisions(planWith(), 'api', { db_password: 2, api_key: 1, other: 5 })).toBe('db_password=2');
  expect(readRevisions(planWith(), 'api', { db_password: 2, api_key: 3 })).toBe('api_key=3 db_password=2');
  expect(readRevisions(planWith(), 'nginx', { db_password: 2 })).toBeUndefined();
});

describe('a certificate and its key', () => {
  const certificate = { certificate: 'tls_certificate', key: 'tls_key', secret: 'shop-tls' };
  const tlsPlan = planWith({
    certificate,
    secrets: [
      { id: 'db_password', variable: 'DB_PASSWORD' },
      { id: 'tls_certificate', variable: 'TLS_CERTIFICATE' },
      { id: 'tls_key', variable: 'TLS_KEY' },
    ],
  });
  const given = (text: string) =>
    new Map(['db_password', 'tls_certificate', 'tls_key'].map((id) => [id, Buffer.from(text)]));
  const there = (text: string) => {
    const after = secretChanges(tlsPlan, given(text), new Map()).map((change) => change.after!);
    return new Map([
      ['db_password', after[0]!],
      ['tls_certificate', after[1]!],
      ['tls_key', after[1]!],
    ]);
  };

  test('are one Secret of the type that an Ingress knows', () => {
    const changes = secretChanges(tlsPlan, given('one'), new Map());
    expect(changes.map(({ after }) => after?.metadata.name)).toEqual(['shop-db-password', 'shop-tls']);
    expect(changes[1]?.after).toMatchObject({
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': 'b25l', 'tls.key': 'b25l' },
    });
  });

  test('raise nothing where nothing changed, and both where one did', () => {
    expect(secretChanges(tlsPlan, given('one'), there('one')).map(({ after }) => after)).toEqual([
      undefined,
      undefined,
    ]);
    const renewed = new Map([...given('one'), ['tls_certificate', Buffer.from('two')] as const]);
    const changes = secretChanges(tlsPlan, renewed, there('one'));
    expect(changes[1]?.after?.data).toEqual({ 'tls.crt': 'dHdv', 'tls.key': 'b25l' });
    expect(storedSecrets(changes, undefined).revisions).toEqual({ db_password: 1, tls_certificate: 2, tls_key: 2 });
  });

  test('that are nowhere are each an error', () => {
    expect(() => secretChanges(tlsPlan, new Map([['db_password', Buffer.from('x')]]), new Map())).toThrow(
      /tls_certificate has no value[\s\S]*tls_key has no value/,
    );
  });

  test('are read by the pods of nginx', () => {
    const revisions = { db_password: 1, tls_certificate: 2, tls_key: 2 };
    expect(readRevisions(tlsPlan, 'nginx', revisions)).toBe('tls_certificate=2 tls_key=2');
    expect(readRevisions(tlsPlan, 'api', revisions)).toBeUndefined();
  });
});
