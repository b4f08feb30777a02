import { describe, expect, test } from 'vitest';
import { mergedRows, page, readRows, readVersions, type Row } from '../../faults/table.js';

const row = (target: string, fault: string, lost = 0): Row => ({
  ...{ target, fault, lost, requests: 3000, recovery: 1.5, note: 'a | b' },
});

describe('the page of faults', () => {
  test('can be read again', () => {
    const rows = [row('swarm', 'rollback'), row('bare-metal', 'scale up', 3)];
    const text = page(rows, '2 cores', { swarm: 'Docker Engine 26.1', 'bare-metal': 'Compose 5' });
    expect(readRows(text)).toEqual(rows);
    expect(readVersions(text)).toEqual({ swarm: 'Docker Engine 26.1', 'bare-metal': 'Compose 5' });
  });

  test('keeps what was not measured again, in one order', () => {
    const old = [row('swarm', 'rollback', 7), row('kubernetes', 'rollback')];
    const fresh = [row('swarm', 'rollback'), row('swarm', 'a change of the edge')];
    expect(mergedRows(old, fresh)).toEqual([
      row('swarm', 'a change of the edge'),
      row('kubernetes', 'rollback'),
      row('swarm', 'rollback'),
    ]);
  });
});
