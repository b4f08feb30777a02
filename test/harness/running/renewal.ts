import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'vitest';
import { requestOverHttp3 } from '../http3.js';
import { negotiated, requestSecurely, type Securely } from '../https.js';
import type { Pebble } from '../pebble.js';
import { waitFor } from '../wait.js';
import type { RunningStack } from './running-stack.js';

const HOST = 'renewed.example.com';

/** That a stack gets its certificate itself, and that its renewal costs nobody anything, at each entrance. */
export async function checkRenewal(running: RunningStack, authority: Pebble): Promise<void> {
  const { platform, output } = running;
  const [entrances, ca] = [await platform.entrances(output, 'https'), await authority.issuer()];
  expect(entrances, 'one for each that takes HTTP').toHaveLength(running.addresses.length);
  const all = entrances.map((address): Securely => ({ host: HOST, address, ca }));
  for (const one of all)
    await waitFor('HTTPS', async () => (await requestSecurely(one, '/client')).status === 200, { seconds: 150 });
  await checkAnswers(running, all);

  const nginx = async () => (await running.containers('nginx')).map(({ id, started }) => `${id} ${started}`).toSorted();
  const [began, before] = [await nginx(), await Promise.all(all.map(serialOf))];
  const kept = await Promise.all(all.map((one) => OpenStream.to(one)));
  const stop = new AbortController();
  const load = Promise.all(all.map((one) => askUntil(one, stop.signal)));
  await waitFor(
    'each entrance to show another certificate',
    async () => (await Promise.all(all.map(serialOf))).every((serial, at) => serial !== before[at]),
    { seconds: 200, intervalSeconds: 1 },
  );
  for (const stream of kept) await stream.goesOn();
  stop.abort();
  for (const { asked, failed } of await load) {
    expect(failed, `of ${asked} requests, each on a new connection`).toEqual([]);
    expect(asked).toBeGreaterThan(10);
  }
  kept.forEach((stream) => stream.close());
  // As long as one is open, the nginx from before it takes some of the packets of new connections.
  for (const one of all)
    await waitFor('nginx from before the renewal to be gone, which HTTP/3 shows', () => answersOverHttp3(running, one));
  expect(await nginx(), 'by a reload, not by a restart').toEqual(began);
}

async function checkAnswers(running: RunningStack, all: readonly Securely[]): Promise<void> {
  for (const one of all) {
    const { body } = await requestSecurely(one, '/client');
    expect(JSON.parse(body)).toMatchObject({ scheme: 'https' });
    expect(await negotiated(one)).toEqual({ tls: 'TLSv1.3', protocol: 'h2' });
    const newest = await requestOverHttp3(running.platform, { ...one, port: 8447 }, '/client');
    expect(JSON.parse(newest.body)).toMatchObject({ scheme: 'https', host: 'renewed.example.com:8447' });
    const sent = await requestSecurely({ ...one, host: 'www.renewed.example.com' }, '/a?x=1');
    expect([sent.status, sent.headers['location']]).toEqual([308, 'https://renewed.example.com/a?x=1']);
  }
  const { status, headers } = await running.ask('/a%2Fb?x=1', { method: 'POST' });
  expect([status, headers['location']]).toEqual([308, 'https://renewed.example.com:8447/a%2Fb?x=1']);
  for (const path of ['nobody', '../../../status', '..%2f..%2fcertificate.p12'])
    expect((await running.ask(`/.well-known/acme-challenge/${path}`)).status, path).not.toBe(200);
}

/** Whether ten connections in a row are served. */
async function answersOverHttp3({ platform }: RunningStack, one: Securely): Promise<boolean> {
  for (let turn = 0; turn < 10; turn++) {
    const answer = await requestOverHttp3(platform, { ...one, port: 8447 }, '/client').catch(() => undefined);
    if (answer?.status !== 200) return false;
  }
  return true;
}

async function serialOf({ host, address, ca }: Securely): Promise<string> {
  const socket = await opened({ host, address, ca });
  try {
    return new X509Certificate(socket.getPeerCertificate().raw).serialNumber;
  } finally {
    socket.destroy();
  }
}

async function opened({ host, address, ca }: Securely): Promise<TLSSocket> {
  const [to = '', port] = address.split(':');
  const socket = connect({ host: to, port: Number(port), servername: host, ca });
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(30_000) });
  return socket;
}

/** One request after the other, each on a connection of its own. */
async function askUntil(one: Securely, end: AbortSignal): Promise<{ asked: number; failed: string[] }> {
  const failed: string[] = [];
  let asked = 0;
  for (; !end.aborted; asked++) {
    const answer = await requestSecurely(one, '/client').catch((error: unknown) => ({ status: String(error) }));
    if (answer.status !== 200) failed.push(String(answer.status));
  }
  return { asked, failed };
}

/** An answer that has been coming since before the renewal. */
class OpenStream {
  private received = '';
  private readonly socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    socket.on('error', () => socket.destroy());
  }

  static async to(one: Securely): Promise<OpenStream> {
    const stream = new OpenStream(await opened(one));
    stream.socket.write(`GET /sse?events=600&interval=0.5 HTTP/1.1\r\nHost: ${one.host}\r\n\r\n`);
    await waitFor('the stream to begin', () => stream.received.includes('data:'));
    return stream;
  }

  /** Whether more of it comes. */
  async goesOn(): Promise<void> {
    const before = this.received.length;
    await waitFor('more of a stream from before', () => this.received.length > before + 50, { seconds: 20 });
  }

  close(): void {
    this.socket.destroy();
  }
}
