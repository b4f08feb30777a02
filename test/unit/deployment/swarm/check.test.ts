import { describe, expect, test } from 'vitest';
import { missingFor, wrongEngine, type Facts } from '../../../../src/deployment/swarm/check.js';
import type { Plan } from '../../../../src/deployment/plan.js';
import type { Release } from '../../../../src/deployment/ledger.js';
import { down, node, plan } from './support.js';

const manager = { LocalNodeState: 'active', ControlAvailable: true, NodeID: 'n1' };

const stack = `
services:
  api:
    deploy:
      placement:
        constraints:
          - "node.labels.shop.data == true"
          # A wish of the user, which an operator fulfils.
          - "node.labels.gpu == true"
volumes:
  data:
    name: shop_data
`;

const release = { number: 1, files: [{ path: 'stack.yaml', content: stack }] } as unknown as Release;

function missing(change: Parameters<typeof plan>[0], facts: Partial<Facts> = {}): string[] {
  const info = { ServerVersion: '28.0.0', Name: 'shop1', Swarm: manager };
  const all = { info, networks: [], secrets: [], nodes: [node], composed: [], current: undefined, ...facts };
  return missingFor(plan(change), all).map(({ message }) => message);
}

describe('an engine', () => {
  const wrong = (version: string, Swarm = manager) =>
    wrongEngine({ ServerVersion: version, Name: 'shop1', Swarm }).map(({ message }) => message);

  test('that is a manager will do, from the version on that knows jobs', () => {
    expect(wrong('28.2.2')).toEqual([]);
    expect(wrong('20.10.24+dfsg1')).toEqual([]);
    expect(wrong('19.03.15')).toEqual(['Docker Engine 19.03.15 on shop1 is too old; use 24 or newer']);
  });

  test('in no Swarm, or a worker of one, is refused with what makes it right', () => {
    expect(wrong('28.0.0', { ...manager, LocalNodeState: 'inactive', ControlAvailable: false })).toEqual([
      'the engine on shop1 is in no Swarm; run docker swarm init there, or name a manager with --context',
    ]);
    expect(wrong('28.0.0', { ...manager, ControlAvailable: false })).toEqual([
      'shop1 is a worker of its Swarm; name a manager with --context or DOCKER_HOST, or run docker node promote shop1 on one',
    ]);
  });
});

describe('a plan needs', () => {
  test('the network that it joins', () => {
    expect(missing({ network: 'edge' })).toEqual([
      'there is no network edge; run docker network create --driver overlay edge',
    ]);
    expect(missing({ network: 'edge' }, { networks: ['edge'] })).toEqual([]);
  });

  test('that its output for bare metal does not run there', () => {
    expect(missing({ stage: 'staging' }, { composed: ['shop-nginx-1'] })).toEqual([
      'the bare-metal output of shop runs on this engine (container shop-nginx-1) and has the same network and ports; remove it first with npx synth destroy --target bare-metal --stage staging',
    ]);
  });

  test('a registry where several nodes run what is built', () => {
    const api = { id: 'api', image: 'shop-api:1', built: true } as Plan['apps'][number];
    const nodes = [node, { ...node, ID: 'n2' }];
    const wanted =
      'the 2 nodes of this Swarm must pull the image of api, and without a registry it is on the engine alone that builds it; give the stack a registry, such as registry: "ghcr.io/acme"';
    expect(missing({ apps: [api] }, { nodes, imagesStay: true })).toEqual([wanted]);
    expect(missing({ apps: [api] }, { nodes })).toEqual([]);
    expect(missing({ apps: [{ ...api, built: false }] }, { nodes, imagesStay: true })).toEqual([]);
    expect(missing({ apps: [api] }, { nodes: [node, down], imagesStay: true })).toEqual([]);
  });

  test('its external secrets', () => {
    const secrets = [{ id: 'key', variable: 'KEY', external: 'shared_key' }];
    expect(missing({ secrets })).toEqual([
      'secret key is external, but the Swarm has no secret shared_key; run docker secret create shared_key FILE',
    ]);
    expect(missing({ secrets }, { secrets: ['shared_key'] })).toEqual([]);
  });

  test('to know where a volume is that it already had: anywhere else it would be empty', () => {
    expect(missing({ volumes: ['data'] }, { current: release })).toEqual([
      'no node has the label shop.data, which says where the volume is; run docker node update --label-add shop.data=true NODE with the node that has it',
    ]);
    const labelled = { ...node, Spec: { ...node.Spec, Labels: { 'shop.data': 'true' } } };
    expect(missing({ volumes: ['data'] }, { current: release, nodes: [labelled] })).toEqual([]);
    expect(missing({ volumes: ['data'] })).toEqual([]);
    expect(missing({ volumes: [] }, { current: release })).toEqual([]);
  });
});
