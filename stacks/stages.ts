import { AsgiApp, Stack, withStages } from 'asgi-synth';

// `synth --stage production` is the shop of everybody, beside `--stage staging`; a stage that is not in this list is an error.
export default withStages(['staging', 'production'], ({ stage, forStage }) => {
  const stack = new Stack('stages', {
    httpPort: forStage({ default: 8093, production: 80 }),
    edge: 'nginx',
    accept: {
      'node-selector': 'one host is the node of whatever runs there',
      'priority-class': 'on Docker, staging has nodes of its own',
    },
  });

  new AsgiApp(stack, 'api', {
    source: './images/fastapi',
    module: 'main:app',
    processes: forStage({ default: 1, staging: 2, production: 4 }),
    memory: forStage({ default: '128Mi', production: '512Mi' }),
    health: { readiness: '/readyz', liveness: '/healthz' },
    // Staging keeps to the nodes that have its label, and makes room for others where a cluster is full.
    ...forStage({
      default: {},
      staging: { nodeSelector: { 'example.com.stage': 'staging' }, priorityClassName: 'staging' },
    }),
    hosts: [forStage({ default: 'localhost', staging: 'staging.example.com', production: 'shop.example.com' })],
    environment: { STAGE: stage ?? 'none', LOG_LEVEL: forStage({ default: 'debug', production: 'info' }) },
  });

  return stack;
});
