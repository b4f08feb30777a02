import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetName } from '../../src/targets/index.js';
import type { Cell, Tried } from './cell.js';
import { CELLS } from './cells.js';
import { REQUESTS } from './fire.js';
import type { Ground } from './ground.js';
import { Stage } from './stage.js';
import { mergedRows, page, readRows, readVersions, type Row } from './table.js';

/** Page that gets the measurements; none where only the facts are of interest. */
const PAGE = process.env['FAULTS_PAGE'];

/** Registers every cell of a target as a test. */
export function faults(target: TargetName, open: () => Promise<Ground>): void {
  describe(`faults on ${target}, with at least ${REQUESTS} requests each`, () => {
    const rows: Row[] = [];
    let stage: Stage;

    beforeAll(async () => {
      stage = await Stage.open(await open());
    });

    afterAll(async () => {
      if (!stage) return;
      const versions = await stage.ground.versions();
      const left = await stage.close();
      if (PAGE !== undefined) writePage(PAGE, rows, { [target]: versions });
      expect(left, 'what synth destroy left').toEqual([]);
    });

    for (const cell of CELLS) {
      if (cell.targets && !cell.targets.includes(target)) {
        test.skip(`${cell.fault} (not on ${target}: ${cell.reason})`);
        continue;
      }
      test(cell.fault, { timeout: 30 * 60_000 }, async () => {
        const tried = await attempt(stage, cell);
        rows.push(rowOf(target, cell, tried));
        console.log(
          `${target}: ${cell.fault}: ${tried.lost} of ${tried.sent} lost, recovery ${tried.recovery.toFixed(1)} s${tried.note ? `, ${tried.note}` : ''}`,
        );
        expect(tried.sent).toBeGreaterThanOrEqual(REQUESTS);
        const bound = cell.lossBound?.(stage) ?? 0;
        const why = tried.lost > bound ? `\n${await trouble(stage)}` : '';
        expect(tried.lost, tried.told + why).toBeLessThanOrEqual(bound);
        expect(tried.recovery, tried.told).toBeLessThanOrEqual(cell.recoveryBound ?? 0);
      });
    }
  });
}

/** Adds the state of the deployment to whatever goes wrong. */
async function attempt(stage: Stage, cell: Cell): Promise<Tried> {
  try {
    return await cell.run(stage);
  } catch (error) {
    const state = await stage.ground.state(stage.name).catch((why: unknown) => String(why));
    if (error instanceof Error) error.message += `\n--- state of ${stage.name} on ${stage.ground.target}\n${state}`;
    throw error;
  }
}

/** The last lines of the nginx in front that tell of no request or of one that it could not pass on. */
async function trouble({ ground, name }: Stage): Promise<string> {
  const lines = (await ground.edgeLog(name)).split('\n');
  return lines
    .filter((line) => line.trim() !== '' && (!line.includes('"status":') || /"status":5\d\d/.test(line)))
    .slice(-30)
    .join('\n');
}

function rowOf(target: string, { fault }: Cell, { sent, lost, recovery, note = '' }: Tried): Row {
  return { target, fault, requests: sent, lost, recovery, note };
}

/** Keeps what other runs have measured. */
function writePage(file: string, rows: readonly Row[], versions: Readonly<Record<string, string>>): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const machine = `${availableParallelism()} cores and ${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  writeFileSync(file, page(mergedRows(readRows(before), rows), machine, { ...readVersions(before), ...versions }));
}
