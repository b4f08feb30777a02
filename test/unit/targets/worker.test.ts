import { AsgiApp, Postgres, Redis, Secret, Stack, synthesize, Template, Worker, type WorkerProps } from 'asgi-synth';
import { describe, expect, test } from 'vitest';

interface Probe {
  readonly exec: { readonly command: readonly string[] };
  readonly timeoutSeconds: number;
}

interface Probed {
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
}

function stackOf(props: Partial<WorkerProps> = {}, other: { secrets?: boolean } = {}): Stack {
  const stack = new Stack('shop');
  const secrets = other.secrets ? [new Secret(stack, 'broker_url', { as: 'environment' })] : [];
  const app = new AsgiApp(stack, 'api', {
    image: 'ghcr.io/acme/api:1',
    module: 'main:app',
    environment: { LOG_LEVEL: 'info', ROLE: 'web' },
    secrets,
  });
  new Worker(stack, 'emails', { app, command: ['celery', '-A', 'tasks', 'worker'], ...props });
  return stack;
}

const errors = (props: object) => Template.errors(stackOf(props as Partial<WorkerProps>), 'swarm');

describe('a worker', () => {
  test.each(['bare-metal', 'swarm'] as const)('is the app with another command on %s', (target) => {
    const template = Template.synthesize(
      stackOf({ processes: 3, memory: '128Mi', gracePeriod: 600, environment: { ROLE: 'worker' } }, { secrets: true }),
      target,
    );
    template.hasService('emails', {
      image: 'ghcr.io/acme/api:1',
      command: ['celery', '-A', 'tasks', 'worker'],
      environment: { LOG_LEVEL: 'info', ROLE: 'worker' },
      stop_grace_period: '600s',
      deploy: { replicas: 3, resources: { limits: { memory: '128M' } } },
      healthcheck: { disable: true },
    });
    const service = template.services()['emails'] as { entrypoint: string[]; ports?: unknown };
    expect(service.entrypoint.join(' ')).toContain('--drain 0 --secret BROKER_URL=/run/secrets/broker_url --');
    expect(service.ports).toBeUndefined();
  });

  test('stops an old container before it starts a new one', () => {
    Template.synthesize(stackOf({ processes: 8 }), 'swarm').hasService('emails', {
      deploy: { update_config: { order: 'stop-first', parallelism: 2, failure_action: 'rollback' } },
    });
    Template.synthesize(stackOf({ processes: 8 }), 'kubernetes').hasResource('Deployment', {
      metadata: { name: 'shop-emails' },
      spec: { replicas: 8, strategy: { rollingUpdate: { maxUnavailable: 2, maxSurge: 0 } } },
    });
  });

  test('is reached by nobody in a cluster', () => {
    const template = Template.synthesize(stackOf(), 'kubernetes');
    expect(template.findResources('Service', { metadata: { name: 'shop-emails' } })).toEqual([]);
    const [policy] = template.findResources('NetworkPolicy', { metadata: { name: 'shop-emails' } });
    expect(policy?.['spec']).not.toHaveProperty('ingress');
  });

  test('is checked with the secrets and connections that it has itself', () => {
    const stack = new Stack('shop', { accept: { 'worker-health': 'somebody looks' } });
    const app = new AsgiApp(stack, 'api', {
      image: 'ghcr.io/acme/api:1',
      module: 'main:app',
      secrets: [new Secret(stack, 'token', { as: 'environment' })],
      connections: { BROKER_URL: new Redis(stack, 'cache', { version: '8' }) },
    });
    const health = { command: ['celery', 'inspect', 'ping'], interval: 20, timeout: 15 };
    new Worker(stack, 'emails', { app, command: ['celery', 'worker'], health });
    const words = (host: string) =>
      `python3 -I -S /etc/asgi-synth/start.py --drain 0 --limit 15 --grace 1 --secret TOKEN=/run/secrets/token --url BROKER_URL=redis://:{/run/secrets/cache_password}@${host}:6379/0 -- celery inspect ping`;
    for (const target of ['bare-metal', 'swarm'] as const) {
      const { healthcheck } = Template.synthesize(stack, target).services()['emails'] as {
        healthcheck: { test: string[]; timeout: string };
      };
      expect(healthcheck.test.join(' ')).toBe(`CMD ${words('cache')}`);
      // The shim ends a check that is late, and what it has started, before the engine ends the shim alone.
      expect(healthcheck.timeout).toBe('17s');
    }
    const [deployment] = Template.synthesize(stack, 'kubernetes').findResources('Deployment', {
      metadata: { name: 'shop-emails' },
    }) as unknown as [{ spec: { template: { spec: { containers: [Probed] } } } }];
    const { startupProbe, livenessProbe } = deployment.spec.template.spec.containers[0];
    for (const probe of [startupProbe, livenessProbe]) {
      expect(probe.exec.command.join(' ')).toBe(words('shop-cache'));
      expect(probe.timeoutSeconds).toBe(17);
    }
  });

  test('reaches the database of its app, with the same URL', () => {
    const stack = new Stack('shop');
    const db = new Postgres(stack, 'db', { version: '18' });
    const app = new AsgiApp(stack, 'api', {
      image: 'ghcr.io/acme/api:1',
      module: 'main:app',
      connections: { DATABASE_URL: db.url('asyncpg') },
    });
    new Worker(stack, 'emails', { app, command: ['celery', '-A', 'tasks', 'worker'] });

    const template = Template.synthesize(stack, 'kubernetes');
    const [deployment] = template.findResources('Deployment', { metadata: { name: 'shop-emails' } });
    expect(JSON.stringify(deployment)).toContain(
      'DATABASE_URL=postgresql+asyncpg://db:{/run/secrets/db_password}@shop-db:5432/db',
    );
    const [policy] = template.findResources('NetworkPolicy', { metadata: { name: 'shop-db' } });
    expect(JSON.stringify(policy?.['spec'])).toContain('"app.kubernetes.io/name":"emails"');
    Template.synthesize(stack, 'bare-metal').hasService('emails', {
      depends_on: { db: { condition: 'service_healthy' } },
      secrets: [{ source: 'db_password', target: 'db_password' }],
    });
  });

  test('is asked by its own command whether it is alive', () => {
    const health = { command: ['celery', 'inspect', 'ping', '-d', '$HOSTNAME'], interval: 20 };
    Template.synthesize(stackOf({ health }), 'swarm').hasService('emails', {
      healthcheck: { test: ['CMD', 'celery', 'inspect', 'ping', '-d', '$$HOSTNAME'], interval: '20s', timeout: '10s' },
    });
    const [deployment] = Template.synthesize(stackOf({ health }), 'kubernetes').findResources('Deployment', {
      metadata: { name: 'shop-emails' },
    });
    expect(JSON.stringify(deployment)).toContain('"livenessProbe"');
    expect(Template.errors(stackOf({ health }), 'bare-metal')).toEqual([
      expect.stringContaining("accept: { 'worker-health'"),
    ]);
  });

  test('is told of in each README', () => {
    for (const target of ['bare-metal', 'swarm', 'kubernetes'] as const)
      expect(synthesize(stackOf(), target).find(({ path }) => path === 'README.md')?.content).toContain(
        'celery -A tasks worker',
      );
  });
});

describe('a wrong worker', () => {
  test.each([
    [{ app: undefined }, 'app is missing'],
    [{ app: 'api' }, 'app must be an AsgiApp of the stack, got "api"'],
    [{ command: [] }, 'command must hold at least one word, got an empty list'],
    [{ processes: 0 }, 'processes must be a whole number from 1 to 1000, got 0'],
    [{ gracePeriod: 0 }, 'gracePeriod must be a whole number from 1 to 86400, got 0'],
    [{ proceses: 2 }, 'unknown prop proceses; did you mean processes?'],
    [{ health: {} }, 'health.command is missing'],
    [{ environment: { DB_PASSWORD: 'x' } }, 'environment.DB_PASSWORD looks like a secret'],
  ])('%j is refused', (props, message) => {
    expect(errors(props).join('\n')).toContain(`shop/emails: ${message}`);
  });

  test('of another stack is refused', () => {
    const stack = stackOf();
    const other = new Stack('other');
    const app = new AsgiApp(other, 'api', { image: 'acme/api:1', module: 'main:app' });
    new Worker(stack, 'more', { app, command: ['true'] });
    expect(Template.errors(stack, 'swarm')).toEqual([
      'shop/more: its app other/api belongs to another stack; name one of shop',
    ]);
  });
});
