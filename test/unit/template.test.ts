import { Match, Stack, Template } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { addApp, stackOf } from './support/outputs.js';

const message = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('Template', () => {
  test('finds services of Compose and Swarm', () => {
    for (const target of ['bare-metal', 'swarm'] as const) {
      const template = Template.synthesize(stackOf({ environment: { A: '1', B: '2' } }), target);
      template.hasService('api', { environment: { A: '1' }, healthcheck: { retries: 3 } });
      template.hasService('nginx');
      expect(Object.keys(template.services())).toEqual(['api', 'nginx']);
    }
  });

  test('finds objects of Kubernetes', () => {
    const template = Template.synthesize(stackOf({ processes: 3 }), 'kubernetes');
    template.hasResource('Deployment', { metadata: { name: 'shop-api' }, spec: { replicas: 3 } });
    template.resourceCountIs('Deployment', 1);
    template.resourceCountIs('CronJob', 0);
    expect(template.findResources('Service', { metadata: { name: 'shop-api' } })).toHaveLength(1);
    expect(message(() => template.hasResource('Deployment', { spec: { replicas: 4 } }))).toBe(
      'no Deployment matches:\n  /spec/replicas is 3, not 4',
    );
    expect(message(() => template.hasResource('CronJob'))).toBe('no CronJob matches:\n  there is no CronJob at all');
    expect(message(() => template.resourceCountIs('Deployment', 2))).toBe(
      'there are 1 objects of kind Deployment, not 2',
    );
  });

  test('says what differs, and where', () => {
    const template = Template.synthesize(stackOf(), 'swarm');
    expect(
      message(() => template.hasService('api', { deploy: { replicas: 3, mode: 'global' }, user: Match.absent() })),
    ).toBe(
      'service api:\n  /deploy/replicas is 2, not 3\n  /deploy/mode is "replicated", not "global"\n  /user is there: "10001:10001"',
    );
    expect(message(() => template.hasService('web'))).toBe('no service web; there are api, nginx');
    expect(message(() => template.file('x'))).toMatch(/^no file x; there are stack\.yaml, nginx\/nginx\.conf/);
  });

  test('gives the text of a file', () => {
    expect(Template.synthesize(stackOf(), 'swarm').file('nginx/nginx.conf')).toContain('upstream api {');
  });

  test('gives the messages with which a stack is refused, and throws as synthesize does', () => {
    const stack = new Stack('shop');
    addApp(stack, 'api', { processes: 0 });
    expect(Template.errors(stack, 'swarm')).toEqual([
      'shop/api: processes must be a whole number from 1 to 1000, got 0',
    ]);
    expect(Template.errors(stackOf(), 'swarm')).toEqual([]);
    expect(Template.errors(stackOf(), 'swarm', { tag: 'latest' })[0]).toMatch(/^: the tag must not be latest/);
    expect(() => Template.synthesize(stack, 'swarm')).toThrow('processes must be');
  });
});

describe('Match', () => {
  const template = Template.synthesize(stackOf({ command: ['a', 'b', 'c'], environment: { A: 'x1' } }), 'swarm');
  const mismatch = (properties: object) =>
    message(() => template.hasService('api', properties))
      .split('\n')
      .slice(1)
      .map((line) => line.trim());

  test('arrayWith takes items in order, with others between', () => {
    template.hasService('api', {
      command: Match.arrayWith(['a', 'c']),
      configs: Match.arrayWith([{ source: 'health' }]),
    });
    expect(mismatch({ command: Match.arrayWith(['c', 'a']) })).toEqual(['/command has no item like "a"']);
    expect(mismatch({ command: Match.arrayWith(['a', 'a']) })).toEqual(['/command has no item like "a"']);
    expect(mismatch({ image: Match.arrayWith([]) })).toEqual(['/image is not a list']);
  });

  test('a list is the whole list', () => {
    template.hasService('api', { command: ['a', Match.stringLikeRegexp('^b$'), 'c'] });
    expect(mismatch({ command: ['a', 'b'] })).toEqual(['/command is ["a","b","c"], not ["a","b"]']);
  });

  test('objectLike, exact, absent, anyValue and stringLikeRegexp', () => {
    template.hasService('api', {
      deploy: Match.objectLike({ resources: { limits: { pids: 192 } } }),
      environment: Match.exact({ A: 'x1' }),
      build: Match.absent(),
      image: Match.anyValue(),
      stop_grace_period: Match.stringLikeRegexp('^[0-9]+s$'),
    });
    expect(mismatch({ environment: Match.exact({}) })).toEqual(['/environment is {"A":"x1"}, not {}']);
    expect(mismatch({ build: Match.anyValue() })).toEqual(['/build is missing']);
    expect(mismatch({ image: Match.stringLikeRegexp('^b') })).toEqual(['/image does not match ^b: "acme/api:1"']);
    expect(mismatch({ image: Match.objectLike({}) })).toEqual(['/image is not an object']);
  });
});
