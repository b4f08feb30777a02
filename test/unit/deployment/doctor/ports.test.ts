import { AsgiApp, Stack, type StackProps } from 'asgi-synth';
import { expect, test } from 'vitest';
import { hostPorts } from '../../../../src/deployment/doctor/ports.js';

test.each<[string, StackProps, number[]]>([
  ['a certificate of your own', { tls: { certificate: {}, key: {} } }, [80, 443]],
  ['one from ACME', { tls: { acme: { email: 'ops@example.com' } } }, [80, 443]],
  ['none', {}, [80]],
])('with %s synth doctor looks at every port that nginx takes', (_, props, ports) => {
  const stack = new Stack('shop', props);
  new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', hosts: ['shop.example.com'] });
  expect(hostPorts(stack).map(({ port }) => port)).toEqual(ports);
});
