import { AsgiApp, Stack } from 'asgi-synth';

const stack = new Stack('secure', {
  httpPort: 8086,
  httpsPort: 8446,
  edge: 'nginx',
  // PEM text from TLS_CERTIFICATE and TLS_KEY at deploy time; { file: 'certificates/shop.pem' } reads a file instead.
  // HTTP/3 comes over UDP: the firewall has to let that in beside TCP.
  tls: { certificate: {}, key: {}, http3: true },
  accept: { 'tls-http3': 'in the cluster clients stay at HTTP/2' },
});

new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  hosts: ['secure.example.com'],
});

export default stack;
