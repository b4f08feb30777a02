import {
  AsgiApp,
  Job,
  Kubernetes,
  Schedule,
  Secret,
  Stack,
  synthesize,
  Template,
  type ScheduleProps,
} from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { planOf } from '../../../src/deployment/plan.js';

function stackOf(props: Partial<ScheduleProps> = {}) {
  const stack = new Stack('shop');
  const app = new AsgiApp(stack, 'api', {
    image: 'ghcr.io/acme/api:1',
    module: 'main:app',
    processes: 3,
    environment: { LOG_LEVEL: 'info' },
    secrets: [new Secret(stack, 'database_url', { as: 'environment' })],
  });
  const schedule = new Schedule(stack, 'cleanup', {
    app,
    cron: '*/30 3 * * MON-FRI',
    timeZone: 'Europe/Berlin',
    command: ['python', '-m', 'cleanup'],
    ...props,
  });
  return { stack, app, schedule };
}

const errors = (props: object, target: 'bare-metal' | 'swarm' | 'kubernetes' = 'kubernetes') =>
  Template.errors(stackOf(props as Partial<ScheduleProps>).stack, target).join('\n');

describe('a schedule', () => {
  test.each(['bare-metal', 'swarm'] as const)('is one scheduler with what its app has on %s', (target) => {
    const template = Template.synthesize(stackOf({ memory: '96Mi' }).stack, target);
    template.hasService('cleanup', {
      image: 'ghcr.io/acme/api:1',
      command: ['python', '-m', 'cleanup'],
      environment: { LOG_LEVEL: 'info' },
      healthcheck: { disable: true },
      deploy: { resources: { limits: { memory: '128M' } } },
    });
    const { entrypoint, deploy } = template.services()['cleanup'] as {
      entrypoint: string[];
      deploy: { replicas?: number };
    };
    expect(entrypoint.join(' ')).toContain(
      '--secret DATABASE_URL=/run/secrets/database_url -- python3 -I /etc/asgi-synth/schedule.py --name cleanup --cron 0,30 3 * * 1,2,3,4,5 --zone Europe/Berlin --overlap forbid --deadline 60 --timeout 3600 --grace 60',
    );
    expect(deploy.replicas ?? 1).toBe(1);
    expect(synthesize(stackOf().stack, target).map(({ path }) => path)).toContain('runtime/schedule.py');
  });

  test('remembers its last tick in a volume on bare metal, and on a Swarm nowhere', () => {
    const template = Template.synthesize(stackOf().stack, 'bare-metal');
    const service = template.services()['cleanup'] as { entrypoint: string[]; volumes: object[] };
    expect(service.entrypoint.join(' ')).toContain('--state /var/tmp/asgi-synth-cleanup --');
    expect(service.volumes).toContainEqual({ type: 'volume', source: 'cleanup', target: '/var/tmp' });
    const swarm = Template.synthesize(stackOf().stack, 'swarm').services()['cleanup'] as { entrypoint: string[] };
    expect(swarm.entrypoint).not.toContain('--state');
  });

  test('waits for the jobs of its app', () => {
    const { stack, app } = stackOf();
    new Job(stack, 'migrate', { app, command: ['migrate'] });
    Template.synthesize(stack, 'bare-metal').hasService('cleanup', {
      depends_on: { migrate: { condition: 'service_completed_successfully' } },
    });
  });

  test('never has two schedulers at a time', () => {
    Template.synthesize(stackOf().stack, 'swarm').hasService('cleanup', {
      deploy: { replicas: 1, update_config: { order: 'stop-first' } },
    });
  });

  test('is a CronJob on Kubernetes', () => {
    const { stack } = stackOf({ overlap: 'replace', deadline: 300, timeout: 100, gracePeriod: 20 });
    Template.synthesize(stack, 'kubernetes').hasResource('CronJob', {
      metadata: { name: 'shop-cleanup' },
      spec: {
        schedule: '*/30 3 * * MON-FRI',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Replace',
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            backoffLimit: 0,
            activeDeadlineSeconds: 420,
            template: { spec: { restartPolicy: 'Never', serviceAccountName: 'shop-cleanup' } },
          },
        },
      },
    });
    const [policy] = Template.synthesize(stack, 'kubernetes').findResources('NetworkPolicy', {
      metadata: { name: 'shop-cleanup' },
    });
    expect(policy?.['spec']).not.toHaveProperty('ingress');
  });

  test('is what a patch of it is for', () => {
    const { stack, schedule } = stackOf();
    Kubernetes.of(schedule).patch({ op: 'add', path: '/spec/suspend', value: true });
    Template.synthesize(stack, 'kubernetes').hasResource('CronJob', { spec: { suspend: true } });
  });

  test('runs as a worker does, but in a cluster', () => {
    const of = (target: 'swarm' | 'kubernetes') => planOf(stackOf().stack, target, {}).workers?.map(({ id }) => id);
    expect(of('swarm')).toEqual(['cleanup']);
    expect(of('kubernetes')).toBeUndefined();
  });

  test.each(['bare-metal', 'swarm', 'kubernetes'] as const)('is told of in the README on %s', (target) => {
    const readme = synthesize(stackOf().stack, target).find(({ path }) => path === 'README.md')?.content;
    expect(readme).toContain('| `cleanup` | `api` | `python -m cleanup` | `*/30 3 * * MON-FRI` | Europe/Berlin |');
  });
});

describe('a problem of a schedule on a Swarm', () => {
  test('is a deadline that was asked for, since a crash forgets what was missed', () => {
    expect(errors({ deadline: 120 }, 'swarm')).toContain("accept: { 'schedule-catch-up'");
    expect(errors({ deadline: 120 }, 'bare-metal')).toBe('');
  });

  test('is a long grace period, unless runs may overlap', () => {
    expect(errors({ gracePeriod: 61 }, 'swarm')).toContain("accept: { 'schedule-overlap'");
    expect(errors({ gracePeriod: 61, overlap: 'allow' }, 'swarm')).toBe('');
  });
});

describe('a wrong schedule', () => {
  test.each([
    [{ cron: undefined }, 'cron is missing'],
    [{ cron: '0 25 * * *' }, 'cron has a wrong hour "25"'],
    [{ cron: 5 }, 'cron must be a text'],
    [
      { timeZone: 'Berlin' },
      'timeZone must be an IANA time zone such as "Europe/Berlin", or "UTC" (did you mean Europe/Berlin?), got "Berlin"',
    ],
    [{ timeZone: 'Europe/Nowhere' }, 'timeZone must be'],
    [{ timeZone: 'US/Eastern' }, 'timeZone must be'],
    [{ overlap: 'queue' }, 'overlap must be "forbid", "allow" or "replace", got "queue"'],
    [{ deadline: 5 }, 'deadline must be a whole number from 10 to 86400, got 5'],
    [{ timeout: 0 }, 'timeout must be a whole number from 1 to 86400, got 0'],
    [{ timezone: 'UTC' }, 'unknown prop timezone; did you mean timeZone?'],
    [{ app: undefined }, 'app is missing'],
  ])('%j is refused', (props, message) => {
    expect(errors(props)).toContain(`shop/cleanup: ${message}`);
  });

  test.each(['UTC', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'])('%s is a time zone', (timeZone) => {
    expect(errors({ timeZone })).toBe('');
  });
});
