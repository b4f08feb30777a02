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
