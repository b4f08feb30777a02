import http from 'node:http';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { load, request, serverSentEvents, startLoad, webSocket } from '../../harness/client.js';
import { sendLoad } from '../../harness/http.js';

const servers: http.Server[] = [];

async function serve(handler: http.RequestListener): Promise<{ server: http.Server; url: string }> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('load', () => {
  it('counts what was answered as expected, and nothing else, as not lost', async () => {
    let count = 0;
    const { url } = await serve((incoming, response) => {
      const number = count++;
      if (number % 10 === 3) return void response.writeHead(502).end();
      if (number % 10 === 5) return void incoming.socket.destroy();
      if (number % 10 === 7) {
        response.writeHead(200, { 'Content-Length': '10' }).write('half');
        return void setTimeout(() => incoming.socket.destroy(), 5);
      }
      response.end('ok');
    });

    const report = await sendLoad({ url, requests: 100, perSecond: 2000, concurrency: 1, methods: ['GET', 'POST'] });

    expect(report).toMatchObject({ sent: 100, lost: 30, statuses: { 200: 80, 502: 10 } });
    expect(new Set(report.errors.map(({ error }) => error))).toEqual(
      new Set(['status 502', 'ECONNRESET: socket hang up', 'ECONNRESET: aborted']),
    );
    expect(report.errors.map(({ method }) => method)).toEqual(Array.from({ length: 30 }, () => 'POST'));
  });

  it('reuses connections only when asked to', async () => {
    const { server, url } = await serve((_, response) => void response.end('ok'));
    let connections = 0;
    server.on('connection', () => connections++);

    await sendLoad({ url, requests: 20, concurrency: 2, connection: 'new', perSecond: 1000 });
    expect(connections).toBe(20);
    connections = 0;
    await sendLoad({ url, requests: 20, concurrency: 2, connection: 'keep-alive', perSecond: 1000 });
    expect(connections).toBe(2);
  });

  it('loses every request to a port where nobody listens', async () => {
    const { server, url } = await serve(() => {});
    server.close();
    expect(await sendLoad({ url, requests: 5 })).toMatchObject({ sent: 5, lost: 5, statuses: {} });
  });

  it('sends a GET that got no byte once more, a POST never, and gives each POST an id', async () => {
    const seen = new Map<string, number>();
    const { url } = await serve((incoming, response) => {
      const id = `${incoming.method} ${incoming.url}`;
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if (seen.size > 4) return void incoming.socket.destroy();
      response.end('ok');
    });

    const report = await sendLoad({
      url: [`${url}/1`, `${url}/2`, `${url}/3`, `${url}/4`],
      methods: ['GET', 'POST'],
      ...{ requests: 6, concurrency: 1, connection: 'keep-alive', retry: true, ids: 'x', perSecond: 1000 },
    });

    expect(Object.fromEntries(seen)).toEqual({
      'GET /1': 2,
      'POST /2?id=x-1': 1,
      'GET /3': 1,
      'POST /4?id=x-3': 1,
      'POST /2?id=x-5': 1,
    });
    expect(report).toMatchObject({ sent: 6, lost: 1, retried: 0, posts: 2 });
    expect(report.lastLoss?.begun).toBeGreaterThan(Date.now() - 10_000);
  });

  it('counts what was answered at the second try as not lost', async () => {
    let first = true;
    const { url } = await serve((incoming, response) => {
      if (first) incoming.socket.destroy();
      else response.end('ok');
      first = false;
    });
    const report = await sendLoad({ url, requests: 1, connection: 'keep-alive', retry: true });
    expect(report).toMatchObject({ sent: 1, lost: 0, retried: 1 });
  });

  it('goes on after it was told to stop until there were enough', async () => {
    const { url } = await serve((_, response) => void response.end('ok'));
    const running = startLoad({ url, atLeast: 30, perSecond: 300 });
    expect(await running.stop()).toMatchObject({ sent: 30, lost: 0 });
  });

  it('counts a server that does not answer in time', async () => {
    const { url } = await serve(() => {});
    const report = await sendLoad({ url, requests: 1, timeoutSeconds: 0.1 });
    expect(report.errors[0]?.error).toBe('no complete answer in 0.1 s');
  });

  it('takes its addresses in turn, keeps the rate, and stops when told', async () => {
    const seen = { a: 0, b: 0 };
    const a = await serve((_, response) => (seen.a++, void response.end()));
    const b = await serve((_, response) => (seen.b++, void response.end()));

    const running = startLoad({ url: [a.url, b.url], seconds: 60, perSecond: 100 });
    await expect.poll(() => seen.a + seen.b, { timeout: 10_000 }).toBeGreaterThan(20);
    const report = await running.stop();

    expect(report).toMatchObject({ lost: 0, sent: seen.a + seen.b, statuses: { 200: seen.a + seen.b } });
    expect(report.sent / report.seconds).toBeLessThan(130);
    expect(Math.abs(seen.a - seen.b)).toBeLessThanOrEqual(1);
  });

  it('runs in a process of its own, for as long as it may', async () => {
    const { url } = await serve((_, response) => void response.end());
    const report = await load({ url, seconds: 0.5, perSecond: 50 });
    expect(report.lost).toBe(0);
    expect(report.sent).toBeGreaterThan(10);
    expect(report.sent).toBeLessThanOrEqual(25);
  });
});

describe('request', () => {
  it('sends another host name, and a body without a length', async () => {
    const { url } = await serve((incoming, response) => {
      let bytes = 0;
      incoming.on('data', (piece: Buffer) => (bytes += piece.length));
      incoming.on('end', () =>
        response
          .writeHead(201, { 'X-Seen': `${incoming.headers.host} ${incoming.headers['content-length']}` })
          .end(`${bytes}`),
      );
    });
    const response = await request({
      url: 'http://shop.example.com/x',
      address: url.slice('http://'.length),
      method: 'POST',
      body: { bytes: 100_000 },
      chunked: true,
    });
    expect(response).toMatchObject({
      status: 201,
      body: '100000',
      headers: { 'x-seen': 'shop.example.com undefined' },
    });
  });

  it('rejects half a body', async () => {
    const { url } = await serve((incoming, response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('half');
      setTimeout(() => incoming.socket.destroy(), 5);
    });
    await expect(request({ url })).rejects.toThrow('aborted');
  });

  it('tells when each piece came', async () => {
    const { url } = await serve((_, response) => {
      response.write('one');
      setTimeout(() => response.end('two'), 60);
    });
    const { chunks } = await request({ url });
    expect(chunks.map(({ text }) => text)).toEqual(['one', 'two']);
    expect((chunks[1]?.at ?? 0) - (chunks[0]?.at ?? 0)).toBeGreaterThan(40);
  });
});

it('reads server-sent events and hangs up after enough', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': comment\n\nid: 1\ndata: a\ndata: b\n\nevent: tick\r\ndata: c\r\n\r\ndata: never read\n\n');
  });
  const { events } = await serverSentEvents({ url, count: 2 });
  expect(events).toMatchObject([
    { event: 'message', data: 'a\nb', id: '1' },
    { event: 'tick', data: 'c' },
  ]);
});

describe('webSocket', () => {
  it('talks, and says how the server closed', async () => {
    const { server, url } = await serve((_, response) => void response.writeHead(426).end());
    server.on('upgrade', (incoming, socket) => {
      const key = `${incoming.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      let messages = 0;
      socket.on('data', (data: Buffer) => {
        const mask = data.subarray(2, 6);
        const text = data.subarray(6).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
        if (messages++ < 2) socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
        if (messages === 2) socket.end(Buffer.from([0x88, 2, 1012 >> 8, 1012 & 255]));
      });
    });
    const result = await webSocket({ url: url.replace('http', 'ws'), messages: ['one', 'two'], holdSeconds: 5 });
    expect(result).toMatchObject({ status: 101, received: ['one', 'two'], closed: { code: 1012 } });
  });

  it('reports a refused handshake', async () => {
    const { url } = await serve((_, response) => void response.writeHead(403).end());
    expect(await webSocket({ url })).toMatchObject({ status: 403, received: [] });
  });
});
