import { describe, expect, test } from 'vitest';
import { changedOf } from '../../../../src/deployment/swarm/compare.js';
import { revisionsOf, storedRevisions, type Known } from '../../../../src/deployment/swarm/revisions.js';
import { revisionVariables } from '../../../../src/deployment/swarm/stack-deploy.js';
import { plan } from './support.js';

const of = plan({ secrets: [{ id: 'key', variable: 'KEY' }] });

function revision(stored: readonly number[], change: Partial<Known> = {}) {
  const known = { stored: new Map([['key', stored]]), given: new Set(['key']), running: {}, ...change };
  return revisionsOf(of, known).revisions[0];
}

describe('the revision of a secret', () => {
  test('is 1 where nothing is stored', () => {
    expect(revision([])).toEqual({ id: 'key', does: 'create', revision: 1 });
  });

  test('is the next one where the value is another one than that which runs', () => {
    expect(revision([1, 2], { running: { key: 2 } })).toEqual({ id: 'key', does: 'compare', current: 2, revision: 3 });
  });

  test('passes over what a deployment left that was killed or failed', () => {
    expect(revision([1, 2], { running: { key: 1 } })).toEqual({ id: 'key', does: 'compare', current: 1, revision: 3 });
  });

  test('is compared with what was stored by hand, where nothing is recorded or what is recorded has gone', () => {
    expect(revision([4])).toEqual({ id: 'key', does: 'compare', current: 4, revision: 5 });
    expect(revision([4], { running: { key: 3 } })).toMatchObject({ current: 4, revision: 5 });
  });

  test('stays where no value is given', () => {
    const given = new Set<string>();
    expect(revision([1, 2], { given, running: { key: 1 } })).toEqual({ id: 'key', does: 'keep', revision: 1 });
    expect(revision([1, 2], { given })).toEqual({ id: 'key', does: 'keep', revision: 2 });
  });

  test('is missing where there is no value and none is stored', () => {
    const known = { stored: new Map(), given: new Set<string>(), running: {} };
    expect(revisionsOf(of, known)).toEqual({ revisions: [], missing: of.secrets });
  });

  test("is nobody's business where the secret is external", () => {
    const external = plan({ secrets: [{ id: 'key', variable: 'KEY', external: 'shared' }] });
    const known = { stored: new Map(), given: new Set<string>(), running: {} };
    expect(revisionsOf(external, known)).toEqual({ revisions: [], missing: [] });
  });

  test('is found in the names of secrets, of which others begin alike', () => {
    const names = ['shop_key_2', 'shop_key_10', 'shop_key_a_3', 'shop_key_', 'shop_key_01', 'shop-eu_key_7'];
    expect(storedRevisions('shop', ['key', 'key_a'], names)).toEqual(
      new Map([
        ['key', [2, 10]],
        ['key_a', [3]],
      ]),
    );
  });

  test('goes into the stack file by the environment', () => {
    expect(revisionVariables(of, { key: 3 })).toEqual({ KEY_REVISION: '3' });
    expect(revisionVariables(of, {})).toEqual({});
  });
});

describe('a comparison', () => {
  const group = ['a', 'b', 'c'].map((id) => ({ id, current: `${id}1`, candidate: `${id}2` }));

  test('says by its exit code which values differ', () => {
    expect(changedOf(group, 10)).toEqual([]);
    expect(changedOf(group, 10 + 0b101)).toEqual(['a', 'c']);
    expect(changedOf(group, 10 + 0b111)).toEqual(['a', 'b', 'c']);
  });

  test.each([undefined, 0, 1, 18, 126, 137, 143])('that ended with %s says nothing: all count as changed', (code) => {
    expect(changedOf(group, code)).toEqual(['a', 'b', 'c']);
  });
});
