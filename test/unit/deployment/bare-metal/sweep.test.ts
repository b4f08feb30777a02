import { describe, expect, test } from 'vitest';
import { servingOf, startsBeside, sweepOf, type Wanted } from '../../../../src/deployment/bare-metal/sweep.js';
import { container, service } from './support.js';

const wanted = (given: Partial<Wanted> = {}): Wanted => ({
  services: [service()],
  hashes: new Map([['api', 'right']]),
  imageIds: new Map([['api:1', 'sha256:1']]),
  secretsSince: new Map(),
  directory: '/srv/shop',
  refused: new Set(),
  ...given,
});

const stepOf = (containers: ReturnType<typeof container>[], given: Partial<Wanted> = {}) =>
  sweepOf(containers, wanted(given)).steps[0]!;

describe('a container stays', () => {
  test('when it runs and was made from what the output says', () => {
    const one = container();
    expect(stepOf([one])).toMatchObject({ keep: one, surplus: [] });
    expect(startsBeside(stepOf([one]))).toBe(false);
  });

  test.each([
    ['its service is another one now', { hash: 'old' }, {}],
    ['its tag leads to another image now', { imageId: 'sha256:0' }, {}],
    ['a secret was written after it was made', { created: 1000 }, { secretsSince: new Map([['api', 1001]]) }],
    ['its files are mounted from another folder', { binds: { '/etc/asgi-synth/start.py': '/srv/other/start.py' } }, {}],
    ['it does not run', { state: { Status: 'exited' } }, {}],
  ])('but not when %s', (_, given, want) => {
    const one = container(given);
    expect(stepOf([one], want)).toMatchObject({ keep: undefined, surplus: [one] });
    expect(startsBeside(stepOf([one], want))).toBe(true);
  });

  test('but not when it is refused, as after a failure', () => {
    const [old, broken] = [container({ created: 1 }), container({ created: 2, health: 'unhealthy' })];
    expect(stepOf([old, broken], { refused: new Set([broken.id]) })).toMatchObject({ keep: old, surplus: [broken] });
  });

  test('wherever the files that the user mounts come from', () => {
    expect(stepOf([container({ binds: { '/etc/ssl/certs': '/etc/ssl/certs' } })]).keep).toBeDefined();
  });

  test('alone: of several that are right one healthy one does', () => {
    const [healthy, starting] = [container(), container({ health: 'starting' })];
    expect(stepOf([healthy, starting])).toMatchObject({ keep: healthy, surplus: [starting] });
  });
});

test('what belongs to no service any more is an orphan', () => {
  const gone = container({ service: 'worker' });
  expect(sweepOf([gone], wanted()).orphans).toEqual([gone]);
});

test('one that publishes a port, and one that a patch added, cannot have another beside it', () => {
  expect(startsBeside(stepOf([], { services: [service('api', { published: true, replicas: 1 })] }))).toBe(false);
  expect(startsBeside(stepOf([], { services: [service('api', { kind: 'other' })] }))).toBe(false);
});

describe('requests go meanwhile', () => {
  test('to the one that stays, else to all that are healthy, else to what runs', () => {
    const [old, sick] = [container({ hash: 'old' }), container({ hash: 'old', health: 'unhealthy' })];
    const keep = container();
    expect(servingOf(stepOf([old, keep]))).toEqual([keep]);
    expect(servingOf(stepOf([old, sick]))).toEqual([old]);
    expect(servingOf(stepOf([sick]))).toEqual([sick]);
    expect(servingOf(stepOf([]))).toEqual([]);
  });

  test('not to a new one that an earlier deployment began and that is not healthy yet', () => {
    const [old, begun] = [container({ hash: 'old' }), container({ health: 'starting' })];
    expect(servingOf(stepOf([old, begun]))).toEqual([old]);
  });
});
