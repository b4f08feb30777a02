import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Answer, AskRequest, Probe } from '../../../src/deployment/probe.js';
import { runCliWith } from '../support/cli.js';
import { FakeDeployer } from '../support/deployer.js';
import { makeProject } from '../support/project.js';

const STACK = `import { AsgiApp, Stack } from 'asgi-synth';
const stack = new Stack('shop');
new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['shop.example.com'], health: '/healthz' });
export default stack;
`;

/** An engine with an edge that answers, on which no container was ever restarted. */
class Verified extends FakeDeployer {
  answer = ({ host, headers = {} }: AskRequest): Answer => ({
    status: host !== 'shop.example.com' ? 421 : 'Content-Length' in headers ? 413 : 200,
    ...{ headers: { server: 'nginx' }, body: '' },
  });

  override async status(...args: Parameters<FakeDeployer['status']>): ReturnType<FakeDeployer['status']> {
    const status = await super.status(...args);
    const apps = status.apps.map((app) => ({
      ...app,
      containers: app.containers.map((one) => ({ ...one, restarts: 0 })),
    }));
    return { ...status, apps: [...apps, { ...apps[0]!, app: 'nginx', image: 'nginx:1.30.4' }].map(withImage) };
  }

  override probe(): Probe {
    return {
      ask: async (request) => this.answer(request),
      describe: async () => [],
      kill: async () => undefined,
      certificate: async () => undefined,
      addresses: async () => [],
    };
  }
}

function withImage<T extends { image: string; containers: readonly object[] }>(app: T): T {
  return { ...app, containers: app.containers.map((one) => ({ ...one, image: app.image })) };
}

async function verifying() {
  const project = makeProject({ 'stacks/shop.ts': STACK });
  const deployer = new Verified();
  const synth = (...args: readonly string[]) => runCliWith(deployer.world, project.directory, ...args);
  expect(await synth('deploy', '--target', 'swarm')).toMatchObject({ code: 0 });
  const verify = (...args: readonly string[]) => synth('verify', '--target', 'swarm', ...args);
  return { project, deployer, verify, [Symbol.dispose]: () => project[Symbol.dispose]() };
}

describe('synth verify', () => {
  test('prints a table of checks, and says how many hold', async () => {
    using life = await verifying();
    const { code, stdout, stderr } = await life.verify();
    expect(stderr).toBe('verifying shop on Fake Engine 1.0 (context test)\n11 passed, 0 failed, 2 skipped\n');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual(
      expect.arrayContaining([
        ['check', 'of', 'result', 'evidence'],
        ['processes', 'api', 'pass', '2 of 2 healthy'],
        ['answers at shop.example.com/healthz', 'api', 'pass', 'status 200'],
        ['body over the limit', 'api', 'pass', 'status 413 for 10485761 bytes'],
        ['unknown host', 'shop', 'pass', 'status 421 for verify.invalid'],
        ['privileges', 'api', 'skip', 'the engine describes no container of it'],
      ]),
    );
    expect(code).toBe(0);
  });

  test('ends with 1 where a check does not hold; JSON and JUnit tell which', async () => {
    using life = await verifying();
    life.deployer.drifted = [{ of: 'api', field: 'deploy.replicas', before: 2, after: 3 }];
    const { code, stdout } = await life.verify('--json', '--junit', 'verify.xml');
    expect(code).toBe(1);
    const { schemaVersion, ok, name, target, checks } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ schemaVersion, ok, name, target }).toEqual({ schemaVersion: 1, ok: false, name: 'shop', target: 'swarm' });
    expect(checks).toContainEqual({
      ...{ check: 'drift', of: 'shop', result: 'fail' },
      evidence: 'api deploy.replicas changed; synth diff shows how',
    });
    expect(readFileSync(join(life.project.directory, 'verify.xml'), 'utf8')).toContain('failures="1"');
  });

  test('hurts nothing without a terminal to ask on, unless --yes is given', async () => {
    using life = await verifying();
    life.deployer.calls.length = 0;
    expect(await life.verify('--disruptive')).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: 'verify asks before it hurts shop, and there is no terminal to ask on; add --yes\n',
    });
    expect(life.deployer.calls).toEqual([]);
    const { stdout, code } = await life.verify('--disruptive', '--yes');
    expect(stdout).toMatch(/returns after a kill +api +skip/);
    expect(stdout).toMatch(/same release again +shop +pass +0 containers replaced, 0 of \d+ requests lost/);
    expect(life.deployer.calls).toContain('roll 1');
    expect(code).toBe(0);
  });

  test('says what to do where nothing is deployed, with a wrong address, and outside of a clone', async () => {
    using life = await verifying();
    const wrong = async (...args: readonly string[]) => {
      const { code, stderr } = await life.verify(...args);
      return `${code} ${stderr.trim().split('\n').at(-1)}`;
    };
    expect(await wrong('--stage', 'staging')).toMatch(/^1 shop-staging was never deployed to Fake Engine/);
    expect(await wrong('--url', 'shop.example.com')).toMatch(/^1 --url must be an address of the edge/);
    expect(await wrong('--conformance')).toMatch(/^2 the conformance tests start engines/);
  });
});
