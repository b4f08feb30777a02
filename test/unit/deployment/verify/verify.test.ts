import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Deployer } from '../../../../src/deployment/deployer.js';
import type { Ledger } from '../../../../src/deployment/ledger.js';
import type { Answer, AskRequest, Killed, Probe } from '../../../../src/deployment/probe.js';
import { SILENT } from '../../../../src/deployment/report.js';
import { askAt } from '../../../../src/deployment/verify/ask-url.js';
import { allHold, summary } from '../../../../src/deployment/verify/check.js';
import { isClone } from '../../../../src/deployment/verify/conformance.js';
import { verifyDisruptively } from '../../../../src/deployment/verify/disruptive.js';
import { servingRelease, verify } from '../../../../src/deployment/verify/verify.js';
import { selfSigned } from '../../../harness/certificate.js';
import { appStatus, API, DESCRIBED, PLAN, RELEASE, STATUS } from './support.js';

const LEDGER: Ledger = { name: 'shop', releases: [RELEASE] };

/** What a right edge answers. */
function rightly({ host, headers = {} }: AskRequest): Answer {
  const status = !host.endsWith('.example.com') ? 421 : 'Content-Length' in headers ? 413 : 200;
  return { status, headers: { server: 'nginx' }, body: '' };
}

interface Fake {
  readonly ledger?: Ledger;
  readonly answer?: Probe['ask'];
  readonly kill?: () => Killed | undefined;
  readonly rolls?: string[];
  readonly status?: () => typeof STATUS;
}

function fakeDeployer({ ledger = LEDGER, answer = async (one) => rightly(one), ...fake }: Fake = {}): Deployer {
  const probe: Probe = {
    ask: answer,
    describe: async () => [DESCRIBED, { ...DESCRIBED, app: 'nginx', of: 'shop_nginx' }],
    kill: async () => fake.kill?.(),
    certificate: async () => undefined,
    addresses: async () => ['10.0.0.1:80'],
  };
  const known: Partial<Deployer> = {
    ...{ target: 'swarm', engine: 'Docker Engine 28 on shop1' },
    ledger: async () => ledger,
    status: async () => fake.status?.() ?? STATUS,
    drift: async () => [],
    probe: () => probe,
    lock: async (_, holder) => {
      fake.rolls?.push(`locked by ${holder}`);
      return { release: async () => void fake.rolls?.push('released') };
    },
    roll: async ({ number, rotated, previous }) =>
      void fake.rolls?.push(`rolled ${number}, from ${previous?.number}, rotated ${rotated.length}`),
  };
  return known as Deployer;
}

describe('verify', () => {
  test('passes what is as it should be', async () => {
    const results = await verify(fakeDeployer(), RELEASE, SILENT);
    expect(results.filter(({ result }) => result !== 'pass')).toEqual([]);
    expect(summary(results)).toBe('16 passed, 0 failed, 0 skipped');
    expect(allHold(results)).toBe(true);
  });

  test('fails where the edge cannot be asked, and goes on', async () => {
    const answer = async () => {
      throw new Error('curl is gone');
    };
    const results = await verify(fakeDeployer({ answer }), RELEASE, SILENT);
    expect(results.filter(({ result }) => result === 'fail').map(({ evidence }) => evidence)).toEqual(
      Array.from({ length: 4 }, () => 'curl is gone'),
    );
  });

  test('asks from outside where it is told an address, also an edge that is not ours', async () => {
    const { edge: _, ...plan } = PLAN;
    const release = { ...RELEASE, plan };
    const alone = await verify(fakeDeployer(), release, SILENT);
    expect(alone.at(-1)).toMatchObject({ check: 'edge', result: 'skip', evidence: expect.stringContaining('--url') });
    const asked = await verify(fakeDeployer(), release, SILENT, async (one) => rightly(one));
    expect(asked.find(({ check }) => check === 'unknown host')).toMatchObject({ result: 'pass' });
  });

  test('says what to do where nothing was deployed', async () => {
    const deployer = fakeDeployer({ ledger: { name: 'shop', releases: [] } });
    await expect(servingRelease(deployer, 'shop')).rejects.toThrow(
      'shop was never deployed to Docker Engine 28 on shop1; synth deploy --target swarm does it',
    );
    expect(await servingRelease(fakeDeployer(), 'shop')).toBe(RELEASE);
  });
});

describe('verify --disruptive', () => {
  test('kills a process of each app, and deploys the release again under the lock', async () => {
    const rolls: string[] = [];
    const deployer = fakeDeployer({ rolls, kill: () => ({ container: 'shop_api.1', pid: 7 }) });
    const results = await verifyDisruptively(deployer, RELEASE, { report: SILENT, by: 'ada@laptop' });
    expect(results).toEqual([
      {
        ...{ check: 'returns after a kill', of: 'api', result: 'pass' },
        evidence: expect.stringMatching(/^pid 7 of shop_api\.1 killed, whole after 3\.\d s; 0 of \d+ requests lost$/),
      },
      {
        ...{ check: 'same release again', of: 'shop', result: 'pass' },
        evidence: expect.stringMatching(/^0 containers replaced, 0 of \d+ requests lost$/),
      },
    ]);
    expect(rolls).toEqual(['locked by ada@laptop', 'rolled 3, from 3, rotated 0', 'released']);
  });

  test('fails where requests are lost or containers are replaced', async () => {
    let looks = 0;
    const other = { ...STATUS, apps: [appStatus('web', API.image), ...STATUS.apps] };
    const deployer = fakeDeployer({
      kill: () => ({ container: 'shop_api.1', pid: 7 }),
      answer: async (one) => ({ ...rightly(one), status: 502 }),
      status: () => (looks++ < 2 ? STATUS : other),
    });
    const results = await verifyDisruptively(deployer, RELEASE, { report: SILENT, by: 'ada' });
    expect(results.map(({ result }) => result)).toEqual(['fail', 'fail']);
    expect(results[1]?.evidence).toMatch(/^2 containers replaced/);
  });

  test('skips what it cannot reach', async () => {
    const [first] = await verifyDisruptively(fakeDeployer(), RELEASE, { report: SILENT, by: 'ada' });
    expect(first).toMatchObject({ result: 'skip' });
  });
});

describe('asking at an address', () => {
  test('sends Host, and reads what comes back', async () => {
    const server = createServer((request, response) => {
      const tooMuch = Number(request.headers['content-length']) > 100;
      response.writeHead(tooMuch ? 413 : 200, { 'X-Host': request.headers.host }).end('yes');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const ask = askAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await ask({ host: 'shop.example.com', path: '/' })).toMatchObject({
        ...{ status: 200, body: 'yes' },
        headers: { 'x-host': 'shop.example.com' },
      });
      const headers = { 'Content-Length': '101' };
      expect(await ask({ host: 'a', path: '/', method: 'POST', headers })).toMatchObject({ status: 413 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('goes over HTTPS as well, whatever certificate is there', async () => {
    const { certificate, key } = selfSigned('other.example.com');
    const server = createSecureServer({ cert: certificate, key }, (_, response) => response.end('yes'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const ask = askAt(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await ask({ host: 'shop.example.com', path: '/' })).toMatchObject({ status: 200, body: 'yes' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test.each(['shop.example.com', 'ftp://shop.example.com', ''])('refuses %s', (url) => {
    expect(() => askAt(url)).toThrow('--url must be an address of the edge such as http://10.0.0.5:8080');
  });
});

test('a clone of this project is known by its tests', () => {
  expect(isClone(process.cwd(), 'swarm')).toBe(true);
  expect(isClone('/', 'swarm')).toBe(false);
});
