import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startBalancer } from '../../harness/balancer.js';
import { sendLoad } from '../../harness/http.js';

test('passes connections to whoever takes them, and loses none to a machine that is gone', async () => {
  const servers = ['a', 'b'].map((name) => http.createServer((_, response) => void response.end(name)));
  const machines = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    }),
  );
  const balancer = await startBalancer(machines);
  try {
    const url = `http://${balancer.address}/`;
    expect(await sendLoad({ url, requests: 20, perSecond: 1000 })).toMatchObject({ lost: 0 });
    servers[0]?.close();
    expect(await sendLoad({ url, requests: 20, perSecond: 1000 })).toMatchObject({ sent: 20, lost: 0 });
    servers[1]?.close();
    expect(await sendLoad({ url, requests: 2 })).toMatchObject({ lost: 2 });
  } finally {
    balancer.close();
    for (const server of servers) server.closeAllConnections();
  }
});
