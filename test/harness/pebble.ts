import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedBy } from './certificate.js';
import { installPebble } from './engines.js';
import { requestSecurely } from './https.js';
import { freePort } from './running/project.js';
import { waitFor } from './wait.js';

export interface PebbleOptions {
  /** Address on which it listens. @default '127.0.0.1' */
  readonly address?: string;
  /** Addresses at which every host name is, one after the other, to be asked there. */
  readonly hostsAt: readonly string[];
  /** Port on which hosts are asked, in the place of 80. */
  readonly httpPort: number;
  /** Seconds for which its certificates hold. @default 90 days */
  readonly validity?: number;
  /** Hosts for which it refuses certificates. @default - none */
  readonly refused?: readonly string[];
}

/** A certificate authority that runs for one test: Pebble, with a name server of its own in which every host is at one address. */
export class Pebble implements AsyncDisposable {
  /** URL of its directory. */
  readonly directory: string;
  /** PEM text of the root that signed the certificate of the directory. */
  readonly directoryRoot: string;
  private readonly management: string;
  private readonly stop: () => Promise<void>;

  private constructor(
    place: { address: string; port: number; management: string },
    root: string,
    stop: () => Promise<void>,
  ) {
    this.directory = `https://${place.address}:${place.port}/dir`;
    this.management = place.management;
    this.directoryRoot = root;
    this.stop = stop;
  }

  static async start(options: PebbleOptions): Promise<Pebble> {
    const { address = '127.0.0.1' } = options;
    const program = join(await installPebble(), 'pebble');
    const folder = mkdtempSync(join(tmpdir(), 'asgi-synth-pebble-'));
    const { root, certificate, key } = signedBy('asgi-synth test root', address);
    const [port, managementPort, namesPort] = [await freePort(), await freePort(), await freePort()];
    const management = `127.0.0.1:${managementPort}`;
    writeFileSync(join(folder, 'certificate.pem'), certificate);
    writeFileSync(join(folder, 'key.pem'), key);
    writeFileSync(
      join(folder, 'pebble.json'),
      JSON.stringify({ pebble: configuration(folder, `${address}:${port}`, management, options) }),
    );
    const names = await nameServer(options.hostsAt, namesPort);
    const words = ['-config', join(folder, 'pebble.json'), '-dnsserver', `127.0.0.1:${namesPort}`];
    // It waits up to 15 s before it asks a host, so that clients learn to be patient.
    const child = spawn(program, words, {
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const pebble = new Pebble({ address, port, management }, root, () => end(child, names, folder));
    try {
      await waitFor('Pebble to listen', () => Promise.resolve(said.includes('ACME directory available')));
    } catch (error) {
      await pebble.stop();
      throw new Error(`Pebble does not start: ${said}`, { cause: error });
    }
    return pebble;
  }

  /** PEM text of the root of the certificates that it issues: another one after each start. */
  async issuer(): Promise<string> {
    const { body } = await requestSecurely(
      { host: 'localhost', address: this.management, ca: this.directoryRoot },
      '/roots/0',
    );
    return body;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function configuration(folder: string, listenAddress: string, managementListenAddress: string, options: PebbleOptions) {
  const { httpPort, validity = 90 * 86_400, refused = [] } = options;
  return {
    listenAddress,
    managementListenAddress,
    certificate: join(folder, 'certificate.pem'),
    privateKey: join(folder, 'key.pem'),
    httpPort,
    // Nobody is asked there: it is for another kind of challenge.
    tlsPort: 5001,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    domainBlocklist: refused,
    retryAfter: { authz: 1, order: 1 },
    keyAlgorithm: 'ecdsa',
    profiles: { default: { description: 'the only one', validityPeriod: validity } },
  };
}

async function end(child: ChildProcess, names: Server, folder: string): Promise<void> {
  names.close();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Answers over TCP, as Pebble asks (RFC 1035, 4.2.2): every name is at the next IPv4 address, and has nothing else. */
async function nameServer(addresses: readonly string[], port: number): Promise<Server> {
  let turn = 0;
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        socket.write(
          prefixed(nameAnswer(received.subarray(2, 2 + length), addresses[turn++ % addresses.length] ?? '')),
        );
        received = received.subarray(2 + length);
      }
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function prefixed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The answer to a question for one name: its address, where that is asked for. */
export function nameAnswer(question: Buffer, address: string): Buffer {
  let at = 12;
  while (question[at]) at += (question[at] ?? 0) + 1;
  const asked = question.subarray(12, at + 5);
  const isAddress = question.readUInt16BE(at + 1) === 1;
  const counts = Buffer.from([0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
  // The name of the question, class IN, for 5 s.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split('.').map(Number)]);
  const head = [question.subarray(0, 2), Buffer.from([0x84, 0]), counts, asked];
  return Buffer.concat(isAddress ? [...head, record] : head);
}
