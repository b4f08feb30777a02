import { describe, expect, test } from 'vitest';
import type { AsgiAppProps } from '../../../../src/model/app-props.js';
import { Stack } from '../../../../src/model/stack.js';
import type { StackProps } from '../../../../src/model/stack-props.js';
import { Volume } from '../../../../src/model/volume.js';
import { kubernetes } from '../../../../src/targets/kubernetes/kubernetes.js';
import { stackOf } from './support.js';

function problems(app: Partial<AsgiAppProps>, props: StackProps = {}): string[] {
  return kubernetes.problems(stackOf(app, props)).map(({ id, construct }) => `${id} ${construct.node.path}`);
}

const gateway = { name: 'public' };

test('a stack that asks for nothing special has no problem', () => {
  expect(problems({ hosts: ['shop.example.com'], requestTimeout: 60 })).toEqual([]);
});

describe.each<
  [string, Partial<AsgiAppProps>, Record<'ingress' | 'gateway' | 'nginx' | 'nginx behind ingress' | 'none', string[]>]
>([
  [
    'a path prefix',
    { pathPrefix: '/api' },
    { ingress: ['path-prefix'], gateway: [], nginx: [], 'nginx behind ingress': [], none: ['hosts-without-edge'] },
  ],
  [
    'a limit for bodies',
    { bodyLimit: '10Mi' },
    {
      ingress: ['body-limit'],
      gateway: ['body-limit'],
      nginx: [],
      'nginx behind ingress': [],
      none: ['hosts-without-edge'],
    },
  ],
  [
    'a request of more than a minute',
    { requestTimeout: 61 },
    { ingress: ['edge-timeout'], gateway: [], nginx: [], 'nginx behind ingress': ['edge-timeout'], none: [] },
  ],
  [
    'hosts',
    { hosts: ['shop.example.com'] },
    { ingress: [], gateway: [], nginx: [], 'nginx behind ingress': [], none: ['hosts-without-edge'] },
  ],
])('%s', (_, app, expected) => {
  const edges: Record<keyof typeof expected, StackProps> = {
    ingress: {},
    gateway: { gateway },
    nginx: { edge: 'nginx' },
    'nginx behind ingress': { edge: 'nginx', ingress: {} },
    none: { edge: 'none' },
  };
  test.each(Object.entries(expected))('is honoured or reported with %s', (edge, ids) => {
    expect(problems(app, edges[edge as keyof typeof expected])).toEqual(ids.map((id) => `${id} shop/api`));
  });
});

test('a Docker network says nothing about the edge of a cluster', () => {
  expect(problems({}, { edge: { network: 'web' } })).toEqual(['edge-network shop']);
  expect(problems({}, { edge: { network: 'web' }, ingress: {} })).toEqual([]);
  expect(problems({}, { edge: { network: 'web' }, gateway })).toEqual([]);
});

test('a port is only what an nginx of ours with a balancer of its own takes requests on', () => {
  expect(problems({}, { httpPort: 80 })).toEqual(['http-port shop']);
  expect(problems({}, { httpPort: 80, edge: 'none' })).toEqual(['http-port shop']);
  expect(problems({}, { httpPort: 80, edge: 'nginx', gateway })).toEqual(['http-port shop']);
  expect(problems({}, { httpPort: 8080, edge: 'nginx' })).toEqual([]);
  expect(problems({}, { httpPort: '127.0.0.1:8080', edge: 'nginx' })).toEqual(['http-port shop']);
});

test("a volume driver of Docker's needs a counterpart", () => {
  const withVolume = (storageClass?: string) => {
    const stack = new Stack('shop');
    new Volume(stack, 'data', { driver: 'local', ...(storageClass === undefined ? {} : { storageClass }) });
    return kubernetes.problems(stack).map(({ id, construct }) => `${id} ${construct.node.path}`);
  };
  expect(withVolume()).toEqual(['volume-driver shop/data']);
  expect(withVolume('nfs')).toEqual([]);
});

test('each message says what cannot be honoured, why, and what to do', () => {
  const stack = stackOf(
    { pathPrefix: '/api', bodyLimit: '1Mi', requestTimeout: 90 },
    { httpPort: 80, edge: { network: 'web' } },
  );
  const messages = kubernetes.problems(stack).map(({ message }) => message);
  expect(messages).toHaveLength(5);
  for (const message of messages) expect(message).toMatch(/^[a-z][A-Za-z.]* .*; [a-z][^.]*$/);
});
