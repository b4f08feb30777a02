import { AsgiApp, Secret, Stack, Worker } from 'asgi-synth';

const stack = new Stack('observed', {
  httpPort: 8091,
  edge: 'nginx',
  requestId: true,
});

const api = new AsgiApp(stack, 'api', {
  source: './images/observed',
  module: 'main:app',
  memory: '192Mi',
  cpu: 0.5,
  health: '/healthz',
  hosts: ['observed.example.com'],
  logs: { format: 'json', access: true },
  metrics: { path: '/metrics', from: [{ namespace: 'monitoring' }] },
  otel: {
    endpoint: 'http://collector.example.com:4317',
    sampleRatio: 0.1,
    headers: new Secret(stack, 'otlp_headers'),
    attributes: { 'cloud.region': 'Köln, Süd' },
  },
  sentry: { dsn: new Secret(stack, 'sentry_dsn'), environment: 'demo' },
});

new Worker(stack, 'idler', { app: api, command: ['sleep', 'infinity'], memory: '32Mi', cpu: 0.1 });

export default stack;
