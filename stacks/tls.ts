import { AsgiApp, Stack } from 'asgi-synth';

const stack = new Stack('secure', {
  httpPort: 8086,
  httpsPort: 8446,
  edge: 'nginx',
  // PEM text from TLS_CERTIFICATE and TLS_KEY at deploy time; { file: 'certificates/shop.pem' } reads a file instead.
  tls: { certificate: {}, key: {} },
});

new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  hosts: ['secure.example.com'],
});

export default stack;
