import { AsgiApp, Job, Kubernetes, Secret, Stack, Swarm, synthesize, Template, Volume, Worker } from 'asgi-synth';
import type { AsgiAppProps, JobProps } from 'asgi-synth';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const COMMAND = ['alembic', 'upgrade', 'head'];

function stackOf(props: Partial<JobProps> = {}, more: Partial<AsgiAppProps> = {}) {
  const stack = new Stack('shop');
  const app = new AsgiApp(stack, 'api', {
    image: 'ghcr.io/acme/api:1',
    module: 'main:app',
    environment: { LOG_LEVEL: 'info' },
    secrets: [new Secret(stack, 'database_url', { as: 'environment' })],
    ...more,
  });
  const job = new Job(stack, 'migrate', { app, command: COMMAND, ...props });
  return { stack, app, job };
}

const fileOf = (stack: Stack, target: 'swarm' | 'kubernetes', path: string) =>
  synthesize(stack, target).find((file) => file.path === path)?.content ?? '';

const jobName = (stack: Stack) => {
  const [job] = Template.synthesize(stack, 'kubernetes').findResources('Job');
  return (job?.['metadata'] as { name: string } | undefined)?.name;
};

describe('a job on bare metal', () => {
  test('is a container that ends, with what its app has', () => {
    const template = Template.synthesize(stackOf({ timeout: 90, gracePeriod: 5 }).stack, 'bare-metal');
    template.hasService('migrate', {
      image: 'ghcr.io/acme/api:1',
      command: COMMAND,
      environment: { LOG_LEVEL: 'info' },
      restart: 'no',
      healthcheck: { disable: true },
      stop_grace_period: '5s',
    });
    const { entrypoint } = template.services()['migrate'] as { entrypoint: string[] };
    expect(entrypoint.join(' ')).toContain(
      '--drain 0 --limit 90 --grace 5 --secret DATABASE_URL=/run/secrets/database_url --',
    );
  });

  test('is waited for by its app and by what runs beside that, and by nobody else', () => {
    const { stack, app } = stackOf();
    const other = new AsgiApp(stack, 'admin', { image: 'acme/admin:1', module: 'main:app', pathPrefix: '/admin' });
    new Worker(stack, 'emails', { app, command: ['work'] });
    new Worker(stack, 'reports', { app: other, command: ['work'] });
    const services = Template.synthesize(stack, 'bare-metal').services() as Record<string, { depends_on?: object }>;
    const waits = { migrate: { condition: 'service_completed_successfully' } };
    expect(services['api']?.depends_on).toEqual(waits);
    expect(services['emails']?.depends_on).toEqual(waits);
    expect(services['admin']?.depends_on).toBeUndefined();
    expect(services['reports']?.depends_on).toBeUndefined();
  });

  test('is waited for by the apps that it names', () => {
    const { stack, app } = stackOf();
    const other = new AsgiApp(stack, 'admin', { image: 'acme/admin:1', module: 'main:app', pathPrefix: '/admin' });
    new Job(stack, 'index', { app, command: ['index'], runBefore: [app, other] });
    Template.synthesize(stack, 'bare-metal').hasService('admin', {
      depends_on: { index: { condition: 'service_completed_successfully' } },
    });
  });
});

describe('a job on a Swarm', () => {
  test('is a stack of its own, since that of the apps would run it beside them', () => {
    const { stack } = stackOf({}, {});
    const file = parse(fileOf(stack, 'swarm', 'jobs/migrate.yaml')) as {
      services: { job: { command: string[]; deploy: object } };
      [key: string]: unknown;
    };
    expect(file.services.job).toMatchObject({
      command: COMMAND,
      deploy: { mode: 'replicated-job', restart_policy: { condition: 'none' } },
    });
    expect(file['networks']).toEqual({ default: { name: 'shop_default', external: true } });
    expect(file['secrets']).toEqual({
      database_url: { name: 'shop_database_url_${DATABASE_URL_REVISION:-1}', external: true },
    });
    expect(Object.keys(Template.synthesize(stack, 'swarm').services())).not.toContain('migrate');
  });

  test('goes where the volume of its app is', () => {
    const { stack, app } = stackOf();
    const data = new Volume(stack, 'data');
    const other = new AsgiApp(stack, 'admin', {
      image: app.image!,
      module: 'main:app',
      pathPrefix: '/admin',
      volumes: { '/data': data },
    });
    new Job(stack, 'index', { app: other, command: ['index'] });
    expect(parse(fileOf(stack, 'swarm', 'jobs/index.yaml'))).toMatchObject({
      services: { job: { deploy: { placement: { constraints: ['node.labels.shop.data == true'] } } } },
      volumes: { data: { name: 'shop_data' } },
    });
  });

  test('can be patched', () => {
    const { stack, job } = stackOf();
    Swarm.of(job).patch({ op: 'add', path: '/working_dir', value: '/app' });
    expect(fileOf(stack, 'swarm', 'jobs/migrate.yaml')).toContain('working_dir: "/app"');
    Swarm.of(job).patch({ op: 'add', path: '/depends_on', value: ['db'] });
    expect(Template.errors(stack, 'swarm').join()).toContain('shop/migrate: patch is wrong');
  });
});

describe('a job on Kubernetes', () => {
  test('is tried once, ends in time, and is forgotten after a week', () => {
    const { stack } = stackOf({ timeout: 100, gracePeriod: 20 });
    const [job] = Template.synthesize(stack, 'kubernetes').findResources('Job');
    expect(job?.['spec']).toMatchObject({
      backoffLimit: 0,
      activeDeadlineSeconds: 420,
      ttlSecondsAfterFinished: 604_800,
      template: { spec: { restartPolicy: 'Never', serviceAccountName: 'shop-migrate' } },
    });
  });

  test('is another one for each release, and the same for the same', () => {
    const first = jobName(stackOf().stack);
    expect(first).toMatch(/^shop-migrate-[0-9a-f]{12}$/);
    expect(jobName(stackOf().stack)).toBe(first);
    expect(jobName(stackOf({}, { image: 'ghcr.io/acme/api:2' }).stack)).not.toBe(first);
    expect(jobName(stackOf({}, { processes: 3 }).stack)).not.toBe(first);
  });

  test('is what a patch of it is for', () => {
    const { stack, job } = stackOf();
    const before = jobName(stack);
    Kubernetes.of(job).patch({ op: 'replace', path: '/spec/backoffLimit', value: 1 });
    expect(Template.synthesize(stack, 'kubernetes').findResources('Job', { spec: { backoffLimit: 1 } })).toHaveLength(
      1,
    );
    expect(jobName(stack)).not.toBe(before);
  });

  test('goes to the node of its app where there is one, and waits for none', () => {
    const stack = new Stack('shop');
    const volumes = { '/data': new Volume(stack, 'data') };
    const app = new AsgiApp(stack, 'api', { image: 'acme/api:1', module: 'main:app', volumes });
    new Job(stack, 'migrate', { app, command: COMMAND });
    const [job] = Template.synthesize(stack, 'kubernetes').findResources('Job');
    const affinity = JSON.stringify(job);
    expect(affinity).toContain('"preferredDuringSchedulingIgnoredDuringExecution"');
    expect(affinity).not.toContain('"requiredDuringSchedulingIgnoredDuringExecution"');
  });
});

test.each(['bare-metal', 'swarm', 'kubernetes'] as const)('the README on %s tells of jobs', (target) => {
  const readme = synthesize(stackOf().stack, target).find(({ path }) => path === 'README.md')?.content;
  expect(readme).toContain('alembic upgrade head');
});

describe('a wrong job', () => {
  test.each([
    [{ app: undefined }, 'app is missing'],
    [{ command: undefined }, 'command is missing'],
    [{ timeout: 0 }, 'timeout must be a whole number from 1 to 86400, got 0'],
    [{ runBefore: 'api' }, 'runBefore must be an AsgiApp of the stack, got "api"'],
    [{ runBefore: [] }, 'runBefore must name at least one app, got an empty list'],
    [{ runbefore: [] }, 'unknown prop runbefore; did you mean runBefore?'],
    [{ processes: 2 }, 'unknown prop processes'],
  ])('%j is refused', (props, message) => {
    const { stack } = stackOf(props as Partial<JobProps>);
    expect(Template.errors(stack, 'swarm').join('\n')).toContain(`shop/migrate: ${message}`);
  });

  test('that names an app of another stack is refused', () => {
    const other = new AsgiApp(new Stack('other'), 'api', { image: 'acme/api:1', module: 'main:app' });
    expect(Template.errors(stackOf({ runBefore: other }).stack, 'swarm')).toEqual([
      'shop/migrate: runBefore names other/api, which belongs to another stack; name apps of shop',
    ]);
  });

  test('whose name leaves no room for that of a release is refused', () => {
    const { stack, app } = stackOf();
    new Job(stack, 'a'.repeat(46), { app, command: COMMAND });
    expect(Template.errors(stack, 'swarm').join()).toContain('at most 50 are possible');
  });
});
