import { describe, expect, test } from 'vitest';
import { GROUNDS } from '../faults/grounds.js';
import { continuousLoad } from '../harness/running/load.js';
import { waitFor } from '../harness/wait.js';
import { Deployed } from './deployed.js';

describe('processes as a range, on a cluster', () => {
  test('follow the load, keep their number over a release, and lose no request', { timeout: 15 * 60_000 }, async () => {
    const ground = await GROUNDS.kubernetes();
    await using scaled = await Deployed.build(ground, 'scaled', 'api.example.com');
    const deploy = async (variables: Record<string, string> = {}) => {
      const told = await scaled.deploy(variables);
      expect(told.exitCode, told.said).toBe(0);
    };
    const running = async () => (await ground.containers('scaled', 'api')).length;
    const until = (count: number) =>
      waitFor(`${count} pods`, async () => (await running()) === count, { seconds: 240, intervalSeconds: 1 });
    const load = (perSecond: number) => continuousLoad(scaled, { perSecond });

    await deploy();
    expect(await running()).toBe(2);
    const much = load(120);
    await until(4);
    await deploy({ VERSION: '2' });
    // The pods of the old version may still end; none of the new ones may be missing.
    await until(4);
    const busy = await much.stop();
    expect(busy.lost, busy.told).toBe(0);

    const little = load(5);
    await until(2);
    await deploy({ VERSION: '2', FIXED: '3' });
    await until(3);
    await deploy({ VERSION: '2' });
    await until(2);
    const idle = await little.stop();
    expect(idle.lost, idle.told).toBe(0);
    console.log(`kubernetes: 2 to 4 pods, a release: ${busy.told}; back to 2, 3 fixed, a range again: ${idle.told}`);
  });
});
