import { expect } from 'vitest';
import { serverSentEvents, webSocket } from '../../harness/client.js';
import type { Cell } from '../cell.js';
import { underFire } from '../fire.js';

const SOCKETS = 8;

/** Going away, and service restart: what tells a client to connect again. */
const CLOSED_PROPERLY = [1001, 1012];

/** Connections that outlast requests. */
export const CONNECTIONS: readonly Cell[] = [
  {
    fault: 'open WebSockets during a deploy',
    async run(stage) {
      await stage.nextVersion();
      const open = Array.from({ length: SOCKETS }, (_, index) =>
        webSocket({
          ...stage.to('/ws', stage.addresses[index % stage.addresses.length]),
          messages: ['one'],
          holdSeconds: 240,
        }),
      );
      const measured = await underFire(stage, async () => void (await stage.deploy()));
      const ends = await Promise.all(open);
      const codes = ends.map(({ closed }) => closed?.code);
      expect(
        codes.filter((code) => code === undefined || !CLOSED_PROPERLY.includes(code)),
        `how ${SOCKETS} WebSockets were closed: ${codes.join(', ')}`,
      ).toEqual([]);
      const again = await webSocket({ ...stage.to('/ws'), messages: ['two'] });
      expect(again.received).toHaveLength(1);
      return {
        ...measured,
        note: `${SOCKETS} closed with ${[...new Set(codes)].toSorted().join(' and ')}, reconnected`,
      };
    },
  },
  {
    fault: 'an open SSE stream during a deploy',
    async run(stage) {
      await stage.nextVersion();
      const stream = serverSentEvents({
        ...stage.to('/sse?events=100000&interval=0.5'),
        count: 100_000,
        timeoutSeconds: 300,
      });
      // Awaited only after the deployment, which tells more where both fail.
      stream.catch(() => undefined);
      let seconds = 0;
      const measured = await underFire(stage, async () => void ({ seconds } = await stage.deploy()));
      // It ends with its process, which has a grace and no more.
      const { events, cutOff } = await stream;
      expect(seconds, 'seconds of the deploy').toBeLessThan(200);
      expect(events.length, `events of the stream, which ended with ${cutOff ?? 'its end'}`).toBeGreaterThan(0);
      return { ...measured, note: `deployed in ${seconds.toFixed(0)} s; the stream had ${events.length} events` };
    },
  },
];
