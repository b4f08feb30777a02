import { AsgiApp, Secret, Stack, Volume } from 'asgi-synth';

export default () => {
  const stack = new Stack('shop', {
    httpPort: 8080,
    // On Kubernetes too, since a plain Ingress can neither strip a prefix nor limit a body.
    edge: 'nginx',
    labels: { team: 'storefront' },
  });

  new AsgiApp(stack, 'api', {
    source: './images/fastapi',
    module: 'main:app',
    processes: 4,
    memory: '256Mi',
    cpu: 0.5,
    health: { readiness: '/readyz', liveness: '/healthz', startup: 30 },
    hosts: ['shop.example.com'],
    environment: { LOG_LEVEL: 'info', VERSION: '1.0.0' },
    secrets: [new Secret(stack, 'db_password'), new Secret(stack, 'api_key', { as: 'environment' })],
    volumes: { '/data': new Volume(stack, 'data', { size: '1Gi' }) },
    requestTimeout: 30,
    bodyLimit: '6Mi',
  });

  new AsgiApp(stack, 'admin', {
    source: './images/starlette',
    module: 'main:app',
    hosts: ['shop.example.com', 'admin.example.com'],
    pathPrefix: '/admin',
    health: '/healthz',
    memory: '128Mi',
    requestTimeout: 30,
  });

  return stack;
};
