import {
  AsgiApp,
  Job,
  Postgres,
  Schedule,
  Stack,
  targets,
  Worker,
  type AsgiAppProps,
  type StackProps,
} from 'asgi-synth';
import { describe, expect, test } from 'vitest';

/** Messages of one kind of problem, by target. */
function told(stack: Stack, id: string): Record<string, string[]> {
  return Object.fromEntries(
    targets.map((target) => [
      target.name,
      target
        .problems(stack)
        .filter((problem) => problem.id === id)
        .map(({ construct, message }) => `${construct.node.path}: ${message}`),
    ]),
  );
}

const APP = { image: 'acme/api:1', module: 'main:app' };

describe('what there is for a stack', () => {
  const stackWith = (capacity: StackProps['capacity'], app: Partial<AsgiAppProps> = {}) => {
    const stack = new Stack('shop', { edge: 'none', ...(capacity === undefined ? {} : { capacity }) });
    new AsgiApp(stack, 'api', { ...APP, processes: 4, memory: '256Mi', cpu: 0.5, ...app });
    return stack;
  };

  test('is not counted where nobody says it', () => {
    expect(told(stackWith(undefined), 'capacity')).toEqual({ 'bare-metal': [], swarm: [], kubernetes: [] });
  });

  test('must hold what an update starts beside the old containers', () => {
    // 4 × 256Mi, and 64Mi of Gunicorn itself on one host, where a second container is beside it in an update.
    const all = told(stackWith({ memory: '1200Mi' }), 'capacity');
    expect(all['bare-metal']).toEqual([
      'shop: capacity.memory is 1200Mi, but the containers may take 1088Mi together, and 2176Mi while an update starts new ones beside the old; lower memory or processes, or give it more',
    ]);
    expect(all['swarm']?.join()).toContain('1024Mi together, and 1280Mi while');
    expect(all['kubernetes']?.join()).toContain('1024Mi together, and 1280Mi while');
    expect(told(stackWith({ memory: '1280Mi' }), 'capacity')).toMatchObject({ swarm: [], kubernetes: [] });
    expect(told(stackWith({ memory: '2176Mi' }), 'capacity')['bare-metal']).toEqual([]);
  });

  test('must hold the scheduler beside the command of a schedule, where it is ours', () => {
    const stack = stackWith({ memory: '512Mi' });
    const app = stack.apps[0]!;
    new Schedule(stack, 'report', { app, command: ['report'], cron: '* * * * *', memory: '100Mi' });
    const all = told(stack, 'capacity');
    expect(all['bare-metal']?.join()).toContain(`${1088 + 100 + 32}Mi together`);
    expect(all['swarm']?.join()).toContain(`${1024 + 100 + 32}Mi together`);
    expect(all['kubernetes']?.join()).toContain('1124Mi together, and 1380Mi while');
  });

  test('has the cores that clusters let containers use', () => {
    const message =
      'shop: capacity.cpu is 1.5, but the containers may use 2 cores together; lower cpu or processes, or give it more';
    expect(told(stackWith({ cpu: 1.5 }), 'capacity')).toEqual({
      'bare-metal': [],
      swarm: [message],
      kubernetes: [message],
    });
    expect(told(stackWith({ cpu: 2 }), 'capacity')).toMatchObject({ swarm: [], kubernetes: [] });
  });

  test('counts the most processes of a range', () => {
    const { kubernetes } = told(stackWith({ memory: '1Gi' }, { processes: { min: 1, max: 6 } }), 'capacity');
    expect(kubernetes?.join()).toContain('1536Mi together');
  });
});

describe('the connections of a database', () => {
  function stackWith(pool: number | undefined, maxConnections?: number) {
    const stack = new Stack('shop', { edge: 'none' });
    const db = new Postgres(stack, 'db', {
      version: '18',
      ...(maxConnections === undefined ? {} : { maxConnections }),
    });
    const url = db.url('asyncpg', pool === undefined ? {} : { pool });
    const app = new AsgiApp(stack, 'api', { ...APP, processes: 4, connections: { DATABASE_URL: url } });
    new Worker(stack, 'emails', { app, command: ['work'], processes: 2 });
    new Job(stack, 'migrate', { app, command: ['migrate'] });
    return stack;
  }

  test('are not counted where nobody says how many a process opens', () => {
    expect(told(stackWith(undefined), 'database-connections')).toEqual({ 'bare-metal': [], swarm: [], kubernetes: [] });
  });

  test('of all processes, those of an update included, find room beside those that are reserved', () => {
    const all = told(stackWith(15), 'database-connections');
    expect(all['bare-metal']).toEqual([
      'shop/db: maxConnections is 100, of which 3 are reserved, but 165 may be open while an update starts new processes beside the old (api 8 × 15, emails 2 × 15, migrate 1 × 15); lower a pool, or raise maxConnections to 168',
    ]);
    expect(all['swarm']?.join()).toContain(
      '120 may be open while an update starts new processes beside the old (api 5 × 15',
    );
    expect(all['kubernetes']?.join()).toContain('(api 5 × 15, emails 2 × 15, migrate 1 × 15)');
  });

  test('have exactly as much room as the message asks for', () => {
    expect(told(stackWith(15, 168), 'database-connections')['bare-metal']).toEqual([]);
    expect(told(stackWith(15, 167), 'database-connections')['bare-metal']).toHaveLength(1);
  });
});
