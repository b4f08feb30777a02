import { Stack } from 'asgi-synth';
import { expect, test } from 'vitest';
import { checkRegistry } from '../../../../src/deployment/doctor/registry.js';
import { fakeMachine } from '../../support/machine.js';

const login = async (registry: string, settings: object) => {
  const machine = fakeMachine(
    (line) => (line === 'docker-credential-ok version' ? 'docker-credential-ok 0.9\n' : undefined),
    {
      dockerSettings: () => ({ file: 'config.json', text: JSON.stringify(settings) }),
    },
  );
  const { of, result, fix } = await checkRegistry(machine, new Stack('shop', { registry }));
  return [of, result, fix];
};

test.each([
  ['ghcr.io/acme', { auths: { 'ghcr.io': { auth: 'x' } } }, ['ghcr.io', 'ok', undefined]],
  ['ghcr.io/acme', { auths: { 'https://ghcr.io': {} } }, ['ghcr.io', 'ok', undefined]],
  ['ghcr.io/acme', { auths: { 'ghcr.io.evil.example': {} } }, ['ghcr.io', 'warning', 'docker login ghcr.io']],
  ['acme', { auths: { 'https://index.docker.io/v1/': {} } }, ['docker.io', 'ok', undefined]],
  ['docker.io/acme', {}, ['docker.io', 'warning', 'docker login']],
  [
    '1.dkr.ecr.eu.amazonaws.com/acme',
    { credHelpers: { '1.dkr.ecr.eu.amazonaws.com': 'ok' } },
    ['1.dkr.ecr.eu.amazonaws.com', 'ok', undefined],
  ],
  ['registry:5000/acme', { credsStore: 'ok' }, ['registry:5000', 'warning', 'docker login registry:5000']],
  ['registry:5000/acme', { auths: { 'registry:5000': {} }, credsStore: 'ok' }, ['registry:5000', 'ok', undefined]],
  ['localhost:5000', {}, ['localhost:5000', 'ok', undefined]],
])('the login for %s in %j', async (registry, settings, expected) => {
  expect(await login(registry, settings)).toEqual(expected);
});
