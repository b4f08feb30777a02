import { AsgiApp, Job, Postgres, Redis, Schedule, Stack, Template, Volume, Worker, type StackProps } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { DEFAULTS, newestDate, type Defaults } from '../../src/model/defaults.js';
import { bytes } from '../../src/model/quantity.js';
import { LATER } from './support/defaults.js';
import { addApp, outputOf } from './support/outputs.js';

/** A stack as a later release would make it. */
class LaterStack extends Stack {
  static override readonly defaultsByDate = LATER;
}

const named = (date: string) => ({ defaults: date }) as StackProps;

function memoryOf(stack: Stack): number {
  return addApp(stack, 'api').memory;
}

describe('defaults', () => {
  test('that a stack does not name are the first ones, whatever a later release adds', () => {
    expect(new LaterStack('shop').defaults).toBe('2026-11');
    expect(memoryOf(new LaterStack('shop'))).toBe(bytes('512Mi'));
  });

  test('that a stack names hold for everything in its tree', () => {
    const stack = new LaterStack('shop', named('2027-05'));
    expect(memoryOf(stack)).toBe(bytes('768Mi'));
    expect(new Postgres(stack, 'db', { version: '18' }).maxConnections).toBe(200);
    expect(addApp(stack, 'own', { memory: '64Mi', port: 9000 }).memory).toBe(bytes('64Mi'));
    expect(outputOf(new LaterStackOf(), 'swarm')['stack.yaml']).toContain('"nginx:1.32.0"');
  });

  test('of a date that is unknown are an error that lists those that are known', () => {
    expect(Template.errors(withApp(new Stack('shop', named('2027-05'))), 'swarm')).toEqual([
      'shop: defaults must be one of 2026-11, got "2027-05"; a later date needs a later release of asgi-synth',
    ]);
    expect(Template.errors(withApp(new LaterStack('shop', named('2026-12'))), 'swarm')).toEqual([
      'shop: defaults must be one of 2026-11, 2027-05, got "2026-12"; a later date needs a later release of asgi-synth',
    ]);
  });

  test('change no byte of an output that is named like those it has', () => {
    expect(outputOf(withApp(new Stack('shop', { defaults: '2026-11' })), 'kubernetes')).toEqual(
      outputOf(withApp(new Stack('shop')), 'kubernetes'),
    );
  });

  test('of the table are what every construct has that writes nothing', () => {
    const marked = new MarkedStack('shop');
    const app = new AsgiApp(marked, 'api', { image: 'acme/api:1', module: 'main:app' });
    const task = { app, command: ['work'] };
    const worker = new Worker(marked, 'worker', { ...task, health: { command: ['alive'] } });
    const job = new Job(marked, 'job', task);
    const schedule = new Schedule(marked, 'schedule', { ...task, cron: '@daily' });
    const db = new Postgres(marked, 'db', { version: '18' });
    const cache = new Redis(marked, 'cache', { version: '8' });
    expect([marked.httpPort.port, marked.httpsPort.port]).toEqual([81, 444]);
    expect(app).toMatchObject({ processes: 3, memory: bytes('65Mi'), cpu: 1.5, port: 8001, requestTimeout: 61 });
    expect([app.health.startup, app.bodyLimit]).toEqual([62, bytes('11Mi')]);
    expect(worker).toMatchObject({ processes: 2, memory: bytes('66Mi'), cpu: 1.6, gracePeriod: 63 });
    expect(worker.health).toEqual({ command: ['alive'], interval: 31, timeout: 11, startup: 64 });
    expect(job.timeout).toBe(601);
    expect(schedule).toMatchObject({ timeZone: 'Europe/Berlin', overlap: 'allow', deadline: 65, timeout: 3601 });
    expect(db).toMatchObject({ memory: bytes('513Mi'), cpu: 1.7, maxConnections: 101 });
    expect(cache).toMatchObject({ memory: bytes('257Mi'), cpu: 1.8, evict: true });
    expect([db.volume.size, cache.volume.size, new Volume(marked, 'data').size]).toEqual(['11Gi', '12Gi', '2Gi']);
    const range = new AsgiApp(marked, 'range', { image: 'a', module: 'a:b', processes: { min: 1, max: 2 } });
    expect(range.scaling?.cpu).toBe(71);
    const secure = new SecureStack('shop', { tls: { secretName: 'wildcard' } });
    expect(secure.tls?.hsts).toBe(99);
    const issued = new MarkedStack('shop', { tls: { acme: { email: 'ops@example.com' } } });
    expect(issued.tls?.source).toMatchObject({ directory: 'https://acme.example.com/directory' });
  });

  test('are dated by month, and the newest is the last', () => {
    expect(Object.keys(DEFAULTS).filter((date) => !/^20\d\d-(0[1-9]|1[0-2])$/.test(date))).toEqual([]);
    expect(newestDate({ '2027-05': DEFAULTS['2026-11'], '2026-11': DEFAULTS['2026-11'] })).toBe('2027-05');
  });
});

function withApp(stack: Stack): Stack {
  addApp(stack, 'api');
  return stack;
}

class LaterStackOf extends LaterStack {
  constructor() {
    super('shop', named('2027-05'));
    addApp(this, 'api');
  }
}

const FIRST = DEFAULTS['2026-11'];

/** Values that no other place has. */
const MARKED: Defaults = {
  stack: { httpPort: 81, httpsPort: 444, hsts: 99, acmeDirectory: 'https://acme.example.com/directory' },
  app: {
    ...{ processes: 3, processCpu: 71, memory: '65Mi', cpu: 1.5, port: 8001 },
    ...{ startup: 62, requestTimeout: 61, bodyLimit: '11Mi' },
  },
  task: { memory: '66Mi', cpu: 1.6, gracePeriod: 63 },
  worker: { processes: 2, health: { interval: 31, timeout: 11, startup: 64 } },
  job: { timeout: 601 },
  schedule: { timeZone: 'Europe/Berlin', overlap: 'allow', deadline: 65, timeout: 3601 },
  postgres: { storage: '11Gi', memory: '513Mi', cpu: 1.7, maxConnections: 101 },
  redis: { storage: '12Gi', memory: '257Mi', cpu: 1.8, evict: true },
  volume: { size: '2Gi' },
  images: FIRST.images,
};

class MarkedStack extends Stack {
  static override readonly defaultsByDate = { '2026-11': MARKED };
}

/** HSTS is for the ports that browsers take by themselves. */
class SecureStack extends Stack {
  static override readonly defaultsByDate = {
    '2026-11': { ...MARKED, stack: { ...MARKED.stack, httpPort: 80, httpsPort: 443 } },
  };
}
