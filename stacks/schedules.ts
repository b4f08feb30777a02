import { AsgiApp, Schedule, Stack, Volume } from 'asgi-synth';

const stack = new Stack('clock', { httpPort: 8083, edge: 'nginx' });

const api = new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  health: { readiness: '/readyz', liveness: '/healthz' },
  volumes: { '/data': new Volume(stack, 'data') },
});

// Writes down when it ran: once a minute, however many processes the app has.
new Schedule(stack, 'ticks', {
  app: api,
  cron: '* * * * *',
  command: ['python3', '-c', 'import time; print(int(time.time() // 60), file=open("/data/ticks", "a"))'],
  timeout: 30,
});

new Schedule(stack, 'report', {
  app: api,
  cron: '30 6 * * MON-FRI',
  timeZone: 'Europe/Berlin',
  overlap: 'replace',
  command: ['python3', '-c', 'print("good morning")'],
});

export default stack;
