import { targets, type AsgiAppProps, type StackProps, type TargetName } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { nginxOf, outputOf, stackOf } from '../support/outputs.js';

const linesOf = (conf: string) => conf.split('\n').filter((line) => /^ +(sticky|hash) /.test(line));
const onSwarm = (app: Partial<AsgiAppProps>, stack?: StackProps) =>
  linesOf(nginxOf(stackOf(app, stack), 'swarm')).map((line) => line.trim());

describe('nginx keeps the requests of a client together', () => {
  test('by a cookie for the paths of the app', () => {
    expect(onSwarm({ sticky: 'cookie' })).toEqual(['sticky cookie sticky-api path=/ httponly samesite=lax;']);
    expect(onSwarm({ sticky: 'cookie', pathPrefix: '/api' })).toEqual([
      'sticky cookie sticky-api path=/api httponly samesite=lax;',
    ]);
  });

  test('by a cookie for HTTPS alone, where nobody stays at HTTP', () => {
    const tls = { certificate: {}, key: {} };
    expect(onSwarm({ sticky: 'cookie' }, { tls })).toEqual([expect.stringMatching(/samesite=lax secure;$/)]);
    expect(onSwarm({ sticky: 'cookie' }, { tls: { ...tls, redirect: false } })).toEqual([
      expect.not.stringContaining('secure'),
    ]);
  });

  test('by its address, which is the one that a trusted balancer tells', () => {
    expect(onSwarm({ sticky: 'address' })).toEqual(['hash $remote_addr consistent;']);
  });

  test('in a cluster as on a Swarm, since each pod has an address', () => {
    const nginx = outputOf(stackOf({ sticky: 'cookie' }, { edge: 'nginx' }), 'kubernetes')['nginx.yaml'];
    expect(linesOf(nginx ?? '')).toHaveLength(1);
  });

  test('where it is asked to, and where there is more than one process', () => {
    expect(onSwarm({})).toEqual([]);
    expect(onSwarm({ sticky: 'cookie', processes: 1 })).toEqual([]);
    expect(linesOf(nginxOf(stackOf({ sticky: 'cookie', processes: 1 }), 'bare-metal'))).toEqual([]);
  });
});

test('a Service keeps them together that sees the addresses of clients', () => {
  const service = (app: Partial<AsgiAppProps>, stack: StackProps) =>
    outputOf(stackOf(app, stack), 'kubernetes')['api.yaml']?.includes('sessionAffinity: "ClientIP"');
  expect(service({ sticky: 'address' }, { edge: 'none' })).toBe(true);
  expect(service({ sticky: 'address' }, { edge: 'nginx' })).toBe(false);
});

describe('what cannot keep them together is a problem', () => {
  test.each([
    ['bare-metal', {}, { sticky: 'cookie' }, 'the 2 processes of a host share one socket; use processes: 1'],
    ['bare-metal', {}, { sticky: 'cookie', processes: 1 }, undefined],
    ['bare-metal', { edge: 'none' }, { sticky: 'address', processes: 1 }, undefined],
    ['swarm', {}, { sticky: 'cookie' }, undefined],
    ['swarm', { edge: 'none' }, { sticky: 'address' }, 'this stack has none of its own'],
    ['swarm', { edge: { network: 'proxy' } }, { sticky: 'cookie' }, 'this stack has none of its own'],
    ['swarm', { edge: 'none' }, { sticky: 'address', processes: 1 }, undefined],
    ['kubernetes', {}, { sticky: 'address' }, 'has no setting in an Ingress'],
    ['kubernetes', { gateway: { name: 'public' } }, { sticky: 'cookie' }, 'session persistence is experimental'],
    ['kubernetes', { edge: 'nginx' }, { sticky: 'cookie' }, undefined],
    ['kubernetes', { edge: 'none' }, { sticky: 'cookie' }, 'use "address", which a Service knows'],
    ['kubernetes', { edge: 'none' }, { sticky: 'address' }, undefined],
  ] as readonly (readonly [TargetName, StackProps, Partial<AsgiAppProps>, string | undefined])[])(
    'on %s with %j and %j',
    (target, stack, app, message) => {
      const problems = targets.find(({ name }) => name === target)!.problems(stackOf(app, stack));
      expect(problems.map(({ id, prop }) => `${prop}: ${id}`)).toEqual(message === undefined ? [] : ['sticky: sticky']);
      if (message !== undefined) expect(problems[0]?.message).toContain(message);
    },
  );
});
