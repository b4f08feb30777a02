import { AsgiApp, Stack } from 'asgi-synth';

const stack = new Stack('scaling', {
  httpPort: 8090,
  edge: 'nginx',
  accept: { 'processes-range': 'there is room for four processes all the time where nobody counts them' },
});

new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  // As many as the load asks for on Kubernetes, always four elsewhere.
  processes: { min: 2, max: 4, cpu: 70 },
  memory: '256Mi',
  cpu: 0.5,
  health: '/healthz',
});

export default stack;
