// The stack of one team: `npx synth --stack examples/platform/orders.ts --target all`.
import { AsgiApp, Worker } from 'asgi-synth';
import { AcmeStack, Scraped } from './acme.js'; // from a package of ACME, such as '@acme/platform'

const stack = new AcmeStack('orders', { team: 'orders' });

const api = new AsgiApp(stack, 'api', {
  source: './images/fastapi',
  module: 'main:app',
  memory: '256Mi',
  hosts: ['orders.acme.example'],
});

// A real one is ['celery', '-A', 'tasks', 'worker']; this one waits for its end.
new Worker(stack, 'mails', {
  app: api,
  command: ['python3', '-c', 'import signal; signal.sigwait([signal.SIGTERM])'],
  memory: '128Mi',
});

stack.with(new Scraped());

export default stack;
