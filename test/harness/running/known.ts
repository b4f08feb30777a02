import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../client.js';
import { waitFor } from '../wait.js';

/** Seconds; CoreDNS remembers for five that a name led nowhere, each of its replicas for itself. */
const NOWHERE = 6;

/** Waits until every entrance finds what is behind it, for longer than a name server remembers that it was not there. */
export async function untilKnown(host: string, addresses: readonly string[]): Promise<void> {
  await waitFor('the name servers to have forgotten that nothing was there', () => isKnown(host, addresses), {
    seconds: 60,
  });
}

async function isKnown(host: string, addresses: readonly string[]): Promise<boolean> {
  const until = Date.now() + NOWHERE * 1000;
  while (Date.now() < until) {
    const all = addresses.map((address) => request({ url: `http://${host}/`, address }));
    if ((await Promise.all(all)).some(({ status }) => status === 502)) return false;
    await sleep(100);
  }
  return true;
}
