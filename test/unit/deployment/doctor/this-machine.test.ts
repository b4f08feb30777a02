import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ask, thisMachine } from '../../../../src/deployment/doctor/this-machine.js';
import { isAtLeast } from '../../../../src/deployment/doctor/machine.js';
import { makeProject } from '../../support/project.js';

describe('a command that only looks', () => {
  test('leaves behind what it printed and its exit code', async () => {
    expect(await ask('sh', ['-c', 'echo out; echo err >&2; exit 3'], 10)).toEqual({
      end: 'done',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('is missing where there is no such program', async () => {
    expect(await ask('asgi-synth-no-such-program', [], 10)).toMatchObject({ end: 'missing' });
  });

  test('is ended when it takes too long, also where a child of it keeps its streams', async () => {
    const began = performance.now();
    expect(await ask('sh', ['-c', 'sleep 30 & sleep 30'], 0.2)).toMatchObject({ end: 'silent' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('this machine', () => {
  const machine = thisMachine({});

  test('has taken ports and free ones', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await machine.port(port, '127.0.0.1')).toBe('taken');
    expect(await machine.port(port)).toBe('taken');
    server.close();
    await once(server, 'close');
    expect(await machine.port(port, '127.0.0.1')).toBe('free');
  });

  test('has no port on an address of another one', async () => {
    // TEST-NET-1 (RFC 5737) belongs to nobody.
    expect(await machine.port(8080, '192.0.2.1')).toBe('unknown');
  });

  test('has room in a folder that is there, and knows none of another', async () => {
    const { free = 0, size = 0 } = (await machine.space('/')) ?? {};
    expect(free).toBeGreaterThan(0);
    expect(size).toBeGreaterThanOrEqual(free);
    expect(await machine.space('/no/such/folder')).toBeUndefined();
  });

  test('has the settings of docker where DOCKER_CONFIG says', () => {
    using project = makeProject({ 'config.json': '{"auths":{}}' });
    expect(thisMachine({ DOCKER_CONFIG: project.directory }).dockerSettings()).toEqual({
      file: `${project.directory}/config.json`,
      text: '{"auths":{}}',
    });
    expect(thisMachine({ DOCKER_CONFIG: '/no/such/folder' }).dockerSettings().text).toBeUndefined();
  });
});

test.each([
  ['24.0.0', [24], true],
  ['23.0.6', [24], false],
  ['v2.24.6-desktop.1', [2, 24], true],
  ['2.3.4', [2, 24], false],
  ['3', [2, 24], true],
  ['20.19', [20, 19], true],
  ['', [1], false],
])('version %j is at least %j: %j', (version, floor, expected) => {
  expect(isAtLeast(version, floor)).toBe(expected);
});
