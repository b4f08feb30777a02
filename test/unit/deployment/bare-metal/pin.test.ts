import { expect, test } from 'vitest';
import { pinTo } from '../../../../src/deployment/bare-metal/pin.js';
import { containerOf } from '../../../../src/deployment/bare-metal/containers.js';
import type { Plan } from '../../../../src/deployment/plan.js';
import { inspected } from './support.js';

const plan = { apps: [{ id: 'api', port: 9000 }], statics: [{ id: 'api-static' }] } as unknown as Plan;

function container(service: string, address: string, test: readonly string[] = []) {
  const one = inspected({ service, address });
  return containerOf({ ...one, Config: { ...one.Config, Healthcheck: { Test: [...test] } } });
}

const nginx = container('nginx', '172.18.0.2');

test('requests for an app go to the port that its container listens on', () => {
  const api = container('api', '172.18.0.3', ['CMD', 'python3', 'health.py', '--port', '8000']);
  expect(pinTo(plan, 'api', [api], nginx)).toEqual([
    { name: 'api', addresses: ['172.18.0.3:8000'], server: 'api:9000', idle: 30 },
  ]);
});

test('requests for static files go where they are said to go as well', () => {
  // They used to go to both versions: to one that had just started and knew no other, and to one that had just ended.
  const files = container('api-static', '172.18.0.4');
  expect(pinTo(plan, 'api-static', [files], nginx)).toEqual([
    { name: 'api-static', addresses: ['172.18.0.4:8080'], server: 'api-static:8080', idle: 30 },
  ]);
});

test('what is neither is left to the name server, as is what does not run', () => {
  expect(pinTo(plan, 'worker', [container('worker', '172.18.0.5')], nginx)).toEqual([]);
  expect(pinTo(plan, 'api', [], nginx)).toEqual([]);
});
