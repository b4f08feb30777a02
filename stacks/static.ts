import { AsgiApp, Stack } from 'asgi-synth';

const stack = new Stack('static', {
  httpPort: 8088,
  edge: 'nginx',
  nginx: {
    http: 'map $http_x_shop $tenant {\n    default "nobody";\n    "~^(?<shop>[a-z]{1,16})$" $shop;\n}',
    server: 'location = /robots.txt {\n    return 204;\n}',
  },
  accept: { sticky: 'on one host clients keep nothing in a process' },
});

new AsgiApp(stack, 'site', {
  source: './images/site',
  module: 'main:app',
  health: '/healthz',
  hosts: ['static.example.com'],
  static: {
    '/static': 'static',
    '/assets': { folder: 'built', command: ['python', 'collect.py'], hashed: true },
  },
  responseHeaders: { 'X-Frame-Options': 'DENY' },
  sticky: 'cookie',
  nginx: { location: 'proxy_set_header X-Tenant $tenant;' },
});

export default stack;
