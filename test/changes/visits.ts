import { createHash } from 'node:crypto';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where visitors go, and which certificates they believe. */
export interface Site {
  readonly host: string;
  /** `host:port` of each entrance for HTTPS, taken in turn. */
  readonly addresses: readonly string[];
  /** PEM texts. */
  readonly ca: readonly string[];
}

/** What visitors have got. */
export interface Visited {
  readonly sent: number;
  /** Requests without a complete answer with status 200, and files that are not what their name says. */
  readonly lost: number;
  /** The first losses, in words. */
  readonly told: string;
  /** When the last request that was lost began, in milliseconds since 1970; absent where none was. */
  readonly lastLoss?: number;
  /** How many visitors saw each page. */
  readonly pages: ReadonlyMap<string, number>;
}

export interface Visits {
  /** Goes on until there were that many requests, and waits for what is under way. */
  stop(atLeast: number): Promise<Visited>;
  /** Ends it; there is no report. */
  abandon(): void;
}

/** Visitors a second, of each kind: on connections of their own, and on kept ones. */
const PER_SECOND = 30;

/** Seconds after which every other visitor asks for what the page names: a browser on a slow line. */
const SLOW = 1;

/** Seconds in which a request has to be answered whole. */
const PATIENCE = 20;

/** Visitors, each of whom fetches the page and then the files that this very page names, until they are stopped. */
export function startVisits(site: Site, path: string): Visits {
  const tally = new Tally();
  const kept = new Agent({ keepAlive: true, maxSockets: 16, ca: [...site.ca] });
  const under = new Set<Promise<void>>();
  let count = 0;
  const timer = setInterval(() => {
    for (const agent of [undefined, kept]) {
      const slow = count % 4 >= 2;
      const address = site.addresses[count++ % site.addresses.length] ?? '';
      const one = visit({ ...site, address, agent }, path, slow, tally).finally(() => under.delete(one));
      under.add(one);
    }
  }, 1000 / PER_SECOND);
  const end = () => (clearInterval(timer), kept.destroy());
  return {
    async stop(atLeast) {
      while (tally.sent < atLeast) await sleep(50);
      clearInterval(timer);
      await Promise.all(under);
      end();
      return tally.visited();
    },
    abandon: end,
  };
}

interface Way extends Site {
  readonly address: string;
  /** Of kept connections; absent for a new one. */
  readonly agent: Agent | undefined;
}

async function visit(way: Way, path: string, slow: boolean, tally: Tally): Promise<void> {
  const page = await tally.count(path, () => fetched(way, path));
  if (page === undefined) return;
  tally.saw(page);
  if (slow) await sleep(SLOW * 1000);
  for (const [, file = ''] of page.matchAll(/src="([^"]+)"/g)) {
    await tally.count(file, async () => {
      const content = await fetched(way, file);
      if (!file.includes(createHash('sha256').update(content).digest('hex').slice(0, 12)))
        throw new Error('the content of another version');
      return content;
    });
  }
}

/** The body of an answer with status 200. On a kept connection one that got no byte is sent once more, as browsers do. */
async function fetched(way: Way, path: string): Promise<string> {
  try {
    return await exchange(way, path);
  } catch (error) {
    if (way.agent === undefined || !(error instanceof Silent)) throw error;
    return exchange({ ...way, agent: undefined }, path);
  }
}

/** A connection that ended before the first byte of an answer. */
class Silent extends Error {}

function exchange({ host, address, ca, agent }: Way, path: string): Promise<string> {
  const [to = '', port = ''] = address.split(':');
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host: to, port, servername: host, ca: [...ca], path, headers: { Host: host } },
      agent: agent ?? false,
    });
    const late = setTimeout(() => {
      reject(new Error(`no complete answer in ${PATIENCE} s`));
      asked.destroy();
    }, PATIENCE * 1000);
    asked.on('close', () => clearTimeout(late));
    asked.on('error', ({ message }) => reject(asked.reusedSocket ? new Silent(message) : new Error(message)));
    asked.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
      response.on('end', () => {
        if (!response.complete) reject(new Error('the body ended early'));
        else if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        else resolve(Buffer.concat(pieces).toString('utf8'));
      });
    });
    asked.end();
  });
}

class Tally {
  sent = 0;
  private lost = 0;
  private lastLoss: number | undefined;
  private readonly losses: string[] = [];
  private readonly pages = new Map<string, number>();
  private readonly started = Date.now();

  /** The answer, or undefined where there was none that is right. */
  async count(path: string, ask: () => Promise<string>): Promise<string | undefined> {
    const begun = Date.now();
    this.sent++;
    try {
      return await ask();
    } catch (error) {
      this.lost++;
      this.lastLoss = Math.max(begun, this.lastLoss ?? 0);
      const why = error instanceof Error ? error.message : String(error);
      if (this.losses.length < 20) this.losses.push(`${begun - this.started} ms ${path} ${why}`);
      return undefined;
    }
  }

  saw(page: string): void {
    this.pages.set(page, (this.pages.get(page) ?? 0) + 1);
  }

  visited(): Visited {
    const { sent, lost, lastLoss, pages, losses } = this;
    const told = [`${lost} of ${sent} requests lost`, ...losses].join('; ');
    return { sent, lost, told, pages, ...(lastLoss === undefined ? {} : { lastLoss }) };
  }
}
