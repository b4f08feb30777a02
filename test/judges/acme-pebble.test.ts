import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { installPebble } from '../harness/engines.js';
import { Pebble } from '../harness/pebble.js';
import { freePort } from '../harness/running/project.js';
import { waitFor } from '../harness/wait.js';
import { pythonWith } from '../unit/support/python.js';
import { Keeper } from '../unit/support/keeper.js';

const CERTBOT = 'certbot==5.8.0';
const python = pythonWith('certbot', CERTBOT, [CERTBOT]);

/** Needs certbot from PyPI and Pebble from the Go module proxy. */
describe('with certbot and a certificate authority', () => {
  let folder: string;
  beforeAll(async () => {
    if (python === undefined) throw new Error(`${CERTBOT} cannot be installed from PyPI`);
    await installPebble();
    folder = mkdtempSync(join(tmpdir(), 'acme-pebble-'));
    // The script that pip has written names a Python that has moved since.
    const main = 'import sys; from certbot.main import main; sys.exit(main())';
    writeFileSync(join(folder, 'certbot'), `#!/bin/sh\nexec ${python} -c '${main}' "$@"\n`, { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** An edge that passes on to the keeper what the authority asks, as nginx does. */
  async function edge(keeperPort: number): Promise<number> {
    const server = createServer((request, response) => {
      void fetch(`http://127.0.0.1:${keeperPort}${request.url}`).then(
        async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
        () => response.writeHead(502).end(),
      );
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  }

  test(
    'it gets a certificate for all hosts, renews it in time, and says who refuses',
    { timeout: 240_000 },
    async () => {
      const port = await freePort();
      const edgePort = await edge(port);
      // Certbot renews what holds for less than half of ten days or less.
      const authority = { hostsAt: ['127.0.0.1'], httpPort: edgePort, validity: 120, refused: ['blocked.example.com'] };
      await using pebble = await Pebble.start(authority);
      const root = join(folder, 'root.pem');
      writeFileSync(root, pebble.directoryRoot);
      const state = join(folder, 'state');
      const hosts = ['shop.example.com', 'www.example.com'];
      const values = {
        directory: pebble.directory,
        state,
        scratch: join(folder, 'scratch'),
        port,
        edge: `localhost:${edgePort}`,
      };
      const env = { PATH: `${folder}:${process.env['PATH']}`, REQUESTS_CA_BUNDLE: root };
      const keeper = new Keeper({ ...values, hosts }, env);
      onTestFinished(() => keeper.stop());
      onTestFailed(() => console.log(keeper.said));
      const pair = () => readFileSync(join(state, 'pair.pem'), 'utf8');
      const first = await waitFor('a certificate', pair, { seconds: 90 });
      const certificate = new X509Certificate(first);
      for (const host of hosts) expect(certificate.checkHost(host)).toBe(host);
      const issuer = new X509Certificate(await pebble.issuer());
      const between = new X509Certificate(first.split(/(?=-----BEGIN CERT)/)[2] ?? '');
      expect([certificate.verify(between.publicKey), between.verify(issuer.publicKey)]).toEqual([true, true]);

      const second = await waitFor('another one, by itself', () => (pair() === first ? undefined : pair()), {
        seconds: 130,
      });
      const renewed = new X509Certificate(second);
      expect(renewed.serialNumber).not.toBe(certificate.serialNumber);
      expect(new Date(certificate.validTo).getTime(), 'before the first one has ended').toBeGreaterThan(Date.now());
      expect(keeper.said.match(/was asked for/g)?.length, 'asked through the edge').toBeGreaterThanOrEqual(
        hosts.length,
      );
      await keeper.stop();

      const refused = new Keeper({ ...values, hosts: [...hosts, 'blocked.example.com'] }, env);
      onTestFinished(() => refused.stop());
      const why = await waitFor('a refusal', () => /gets none: .*/.exec(refused.said)?.[0], { seconds: 60 });
      expect(why).toMatch(/forbidden by policy.*blocked\.example\.com/);
      expect(pair(), 'what there was stays').toBe(second);
    },
  );
});
