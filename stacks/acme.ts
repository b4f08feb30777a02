import { AsgiApp, Stack } from 'asgi-synth';

// A certificate authority of your own, such as step-ca, or Pebble to try things with; Let's Encrypt where nothing is said.
const { ACME_DIRECTORY, ACME_ROOT } = process.env;

const stack = new Stack('renewed', {
  httpPort: 8087,
  httpsPort: 8447,
  edge: 'nginx',
  tls: {
    acme: {
      email: 'ops@example.com',
      ...(ACME_DIRECTORY === undefined ? {} : { directory: ACME_DIRECTORY }),
      ...(ACME_ROOT === undefined ? {} : { directoryRoot: { content: ACME_ROOT } }),
    },
    http3: true,
  },
  redirects: { 'www.renewed.example.com': 'renewed.example.com' },
  accept: {
    'acme-http-port': 'the router in front leads port 80 to 8087',
    'tls-certificate': 'in the cluster an Ingress of the platform team ends TLS',
    'http-port': 'so that nothing there takes HTTPS on a port of ours',
  },
});

new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  hosts: ['renewed.example.com'],
});

export default stack;
