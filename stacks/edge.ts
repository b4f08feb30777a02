import { AsgiApp, ConfigFile, Stack } from 'asgi-synth';

const stack = new Stack('edge', {
  httpPort: 8085,
  edge: 'nginx',
  redirects: { 'www.example.com': 'edge.example.com' },
});

new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  hosts: ['edge.example.com'],
  files: { '/data/greeting': new ConfigFile(stack, 'greeting', { content: 'It costs $5, "all in": größer\n' }) },
  bodyLimit: '1Mi',
  routes: { '/upload': { bodyLimit: '64Mi', requestTimeout: 45 } },
  requestTimeout: 30,
  responseHeaders: { 'X-Frame-Options': 'DENY', 'Content-Security-Policy': "default-src 'self'; report-uri /$csp" },
  rateLimit: { requestsPerSecond: 20, burst: 40 },
});

export default stack;
