import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TargetName } from '../src/targets/index.js';
import { selfSigned } from './harness/certificate.js';
import { localAddress } from './harness/local-address.js';
import { requestOverHttp3 } from './harness/http3.js';
import { negotiated, requestSecurely } from './harness/https.js';
import { Pebble } from './harness/pebble.js';
import { checkRenewal } from './harness/running/renewal.js';
import type { Output } from './harness/running/output.js';
import type { DockerEngine, Engine, SwarmEngine } from './harness/engines.js';
import type { Placement, Wish } from './harness/running/placement.js';
import type { Platform, Secrets } from './harness/running/platform.js';
import { canary, Project, spellings } from './harness/running/project.js';
import { RunningStack } from './harness/running/running-stack.js';
import { run } from './harness/process.js';
import { inTurn } from './harness/turn.js';
import { waitFor } from './harness/wait.js';

interface StackCheck {
  /** Host header of requests. */
  readonly host: string;
  readonly secrets: Secrets;
  /** Port on which a certificate authority asks its hosts; the stack file reads where that is from `ACME_DIRECTORY` and `ACME_ROOT`. */
  readonly asked?: number;
  /** Stage that is deployed. @default - none */
  readonly stage?: string;
  /** What it asks of the machines that it runs on. @default - nothing */
  readonly wish?: Wish;
  /** What a visitor finds. */
  check(running: RunningStack, secrets: Secrets, around: Around): Promise<void>;
}

/** What is there for a stack beside its engine, where it asks for it. */
interface Around {
  readonly authority?: Pebble | undefined;
  readonly placement?: Placement | undefined;
}

const CERTIFICATE = selfSigned('secure.example.com');

const FULL_CERTIFICATE = selfSigned('full.example.com');

/** What nobody but the edge may know. */
const KEY_LINE = CERTIFICATE.key.split('\n')[1] ?? '';

/** What each stack of stacks/ does once it runs. A new one needs a line here. */
const CHECKS: Readonly<Record<string, StackCheck>> = {
  'acme.ts': {
    host: 'renewed.example.com:8087',
    secrets: { ACME_TOKEN: canary() },
    asked: 8087,
    async check(running, secrets, { authority }) {
      // In a cluster it serves HTTP alone, which the stack accepts.
      if (authority === undefined) return void (await running.read('/'));
      await checkRenewal(running, authority);
      const telling = (await running.platform.told(running.output)).filter(({ text }) => holds(text, secrets));
      expect(
        telling.map(({ by }) => by),
        'who tells the token',
      ).toEqual([]);
    },
  },
  'data.ts': {
    host: 'data.example.com:8082',
    secrets: { DB_PASSWORD: canary(), CACHE_PASSWORD: canary() },
    async check(running, secrets) {
      expect(await running.answering(2)).toHaveLength(2);
      const items = ['pen', 'ink', 'paper'];
      for (const item of items) await running.read(`/orders?item=${item}`, { method: 'POST' });
      const apps = (await running.containers('api')).map(({ id }) => id);
      expect(await running.read('/visits', { method: 'POST' })).toEqual({ visits: 1 });
      for (const database of ['db', 'cache']) await running.platform.replace(running.output, database);
      await waitFor('the app to find its database again', async () => (await running.ask('/orders')).status === 200);
      expect(await running.read('/visits', { method: 'POST' }), 'what Redis keeps').toEqual({ visits: 2 });
      expect(await running.read('/orders'), 'what the volume keeps').toEqual({ items });
      expect(
        (await running.containers('api')).map(({ id }) => id),
        'apps that the database left alone',
      ).toEqual(apps);
      await running.platform.operate(running.output, 'Back up');
      await running.read('/orders?item=late', { method: 'POST' });
      expect(await running.read('/visits', { method: 'POST' })).toEqual({ visits: 3 });
      await running.platform.operate(running.output, 'Restore');
      await waitFor('the app to be there again', async () => (await running.ask('/orders')).status === 200);
      expect(await running.read('/orders'), 'what was saved of PostgreSQL').toEqual({ items });
      expect(await running.read('/visits', { method: 'POST' }), 'what was saved of Redis').toEqual({ visits: 3 });
      const telling = (await running.platform.told(running.output)).filter(({ text }) => holds(text, secrets));
      expect(
        telling.map(({ by }) => by),
        'who tells the password',
      ).toEqual([]);
    },
  },
  'edge.ts': {
    host: 'edge.example.com:8085',
    secrets: {},
    async check(running) {
      expect(await running.answering(2)).toHaveLength(2);
      const greeting = await running.read<{ content: string }>('/file?name=greeting');
      expect(greeting.content).toBe('It costs $5, "all in": größer\n');
      const framed = {
        'x-frame-options': 'DENY',
        'content-security-policy': "default-src 'self'; report-uri /$csp",
      };
      expect((await running.ask('/')).headers).toMatchObject(framed);
      const body = { bytes: 2 ** 21 };
      const refused = await running.ask('/echo', { method: 'POST', body });
      expect(refused, 'larger than the app takes').toMatchObject({ status: 413, headers: framed });
      expect((await running.ask('/upload', { method: 'POST', body })).status, 'where more is taken').toBe(200);
      const sent = await running.ask('/echo?id=1%2F2', { host: 'www.example.com:8085', method: 'POST' });
      expect(sent.status).toBe(308);
      expect(sent.headers['location']).toBe('http://edge.example.com:8085/echo?id=1%2F2');
      await waitFor('a client that asks too often to be turned away', async () => {
        const flood = await Promise.all(Array.from({ length: 200 }, () => running.ask('/healthz')));
        return flood.some(({ status, headers }) => status === 429 && headers['x-frame-options'] === 'DENY');
      });
    },
  },
  'full.ts': {
    host: 'full.example.com:8094',
    secrets: {
      TLS_CERTIFICATE: FULL_CERTIFICATE.certificate,
      TLS_KEY: FULL_CERTIFICATE.key,
      DB_PASSWORD: canary(),
      CACHE_PASSWORD: canary(),
      API_KEY: canary(),
    },
    async check(running, secrets) {
      const [address = ''] = await running.platform.entrances(running.output, 'https');
      const securely = { host: 'full.example.com', address, ca: FULL_CERTIFICATE.certificate };
      const ask = (path: string, method?: 'POST') => requestSecurely(securely, path, method);
      const read = async <T>(path: string, method?: 'POST') => JSON.parse((await ask(path, method)).body) as T;
      const notes = async (kind: string) => (await read<{ notes?: string[] }>(`/notes/${kind}`)).notes ?? [];
      await waitFor('the app to answer over HTTPS', async () => (await ask('/readyz')).status === 200);
      expect(await read('/')).toMatchObject({ app: 'orders', version: '1' });
      expect((await ask('/')).headers).toMatchObject({ 'x-frame-options': 'DENY' });
      expect(await read('/admin/')).toMatchObject({ app: 'starlette' });
      await read('/orders?item=pen', 'POST');
      expect(await read('/orders')).toEqual({ items: ['pen'] });
      expect(await read('/visits', 'POST')).toEqual({ visits: 1 });
      await read('/mails?item=receipt', 'POST');
      await waitFor('Celery to send the mail', async () => (await notes('mail')).join() === 'receipt');
      // A stack file knows no order, so that on a Swarm whoever deploys runs the job: test/life does.
      if (running.platform.target !== 'swarm') expect(await notes('release')).toEqual(['1']);
      await waitFor('the clock to strike', async () => (await notes('tick')).length > 0, { seconds: 150 });
      const { status, headers } = await running.ask('/orders?x=1', { host: 'www.full.example.com:8094' });
      expect([status, headers['location']]).toEqual([308, 'https://full.example.com:8448/orders?x=1']);
      const telling = (await running.platform.told(running.output)).filter(({ text }) => holds(text, secrets));
      expect(
        telling.map(({ by }) => by),
        'who tells a secret',
      ).toEqual([]);
    },
  },
  'hello.ts': {
    host: 'localhost',
    secrets: {},
    async check(running) {
      expect(await running.answering(2)).toHaveLength(2);
      expect(await running.read('/')).toMatchObject({ app: 'fastapi', version: '1' });
    },
  },
  'observed.ts': {
    host: 'observed.example.com:8091',
    secrets: { OTLP_HEADERS: canary(), SENTRY_DSN: canary() },
    async check(running, secrets) {
      const [first] = await running.answering(2);
      const order = { method: 'POST', headers: { 'x-request-id': 'of-a-client' } } as const;
      const { headers, body } = await running.ask('/orders?item=pen', order);
      const id = headers['x-request-id'];
      expect(id, 'nobody is trusted to name requests').toMatch(/^[0-9a-f]{32}$/);
      expect(JSON.parse(body), 'what the app was given').toMatchObject({ request_id: id });
      const logged = [new RegExp(`"logger": "observed",.*"request_id": "${id}"`), new RegExp(`"request_id":"${id}"`)];
      await waitFor('the app and the edge to have logged it', async () => {
        const told = await running.platform.told(running.output);
        return logged.every((line) => told.some(({ text }) => line.test(text)));
      });
      for (let count = 1; count < 12; count++) await running.ask('/orders?item=pen', order);
      expect((await running.ask('/metrics')).status, 'nobody outside reads them').toBe(404);
      expect(await counted(running, 'orders_total')).toBe(12);
      if (running.platform.target === 'bare-metal') {
        await (await running.container('api')).kill(first?.pid ?? 0);
        await waitFor('another worker in its place', async () => {
          const pids = (await running.answering(2)).map(({ pid }) => pid);
          return !pids.includes(first?.pid ?? 0) && (await counted(running, 'processes')) === 2;
        });
        expect(await counted(running, 'orders_total'), 'what the killed one had counted').toBe(12);
      }
      expect(await running.read('/environment/SENTRY_ENVIRONMENT')).toEqual({ value: 'demo' });
      expect(await running.read('/environment/OTEL_SERVICE_NAME')).toEqual({ value: 'api' });
      const sha256 = createHash('sha256')
        .update(secrets['SENTRY_DSN'] ?? '')
        .digest('hex');
      expect(await running.read('/environment/SENTRY_DSN')).toEqual({ sha256 });
      const telling = (await running.platform.told(running.output)).filter(({ text }) => holds(text, secrets));
      expect(
        telling.map(({ by }) => by),
        'who tells a secret',
      ).toEqual([]);
    },
  },
  'scaling.ts': {
    host: 'localhost:8090',
    secrets: {},
    async check(running) {
      // Where a cluster counts them, as few as there may be: nobody asks for more.
      const processes = running.platform.target === 'kubernetes' ? 2 : 4;
      expect(await running.answering(processes)).toHaveLength(processes);
      expect(await running.read('/')).toMatchObject({ app: 'fastapi' });
    },
  },
  'shop.ts': {
    host: 'shop.example.com:8080',
    secrets: { DB_PASSWORD: canary(), API_KEY: canary() },
    async check(running, secrets) {
      const sha256 = (text = '') => createHash('sha256').update(text).digest('hex');
      expect(await running.answering(4)).toHaveLength(4);
      expect(await running.read('/')).toMatchObject({ app: 'fastapi', version: '1.0.0' });
      expect(await running.read('/environment/LOG_LEVEL')).toMatchObject({ value: 'info' });
      expect(await running.read('/secret/db_password')).toMatchObject({ sha256: sha256(secrets['DB_PASSWORD']) });
      expect(await running.read('/secret/api_key')).toMatchObject({ variable_sha256: sha256(secrets['API_KEY']) });
      expect(await running.read('/admin/')).toMatchObject({ app: 'starlette' });
      expect(await running.read('/admin/client', { host: 'admin.example.com' })).toMatchObject({ root_path: '/admin' });
      expect((await running.ask('/', { host: 'admin.example.com' })).status, 'only the prefix is there').toBe(404);
      expect((await running.ask('/', { host: 'other.example.com' })).status).toBe(421);
      // Every process of the app sees the same volume.
      await running.read('/file', { method: 'PUT', body: 'shared' });
      const contents = await Promise.all(Array.from({ length: 16 }, () => running.read<{ content: string }>('/file')));
      expect(new Set(contents.map(({ content }) => content))).toEqual(new Set(['shared']));
    },
  },
  'static.ts': {
    host: 'static.example.com:8088',
    secrets: {},
    async check(running) {
      expect(await running.answering(2)).toHaveLength(2);
      const style = await running.ask('/static/style.css', { headers: { 'accept-encoding': 'gzip' } });
      expect(style).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/css; charset=utf-8',
          'content-encoding': 'gzip',
          'cache-control': 'public, max-age=60',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
        },
      });
      const etag = style.headers['etag'] ?? '';
      const again = { 'accept-encoding': 'gzip', 'if-none-match': etag };
      expect((await running.ask('/static/style.css', { headers: again })).status).toBe(304);
      const part = await running.ask('/static/style.css', { headers: { range: 'bytes=0-6' } });
      expect([part.status, part.body]).toEqual([206, '.rule-0']);
      // Its name is the hash of its content, which the build has given it.
      const asset = `/assets/app.${createHash('sha256').update("document.title = 'site';\n").digest('hex').slice(0, 12)}.js`;
      expect(await running.ask(asset)).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'public, max-age=31536000, immutable' },
        body: "document.title = 'site';\n",
      });
      for (const path of ['/static/.hidden', '/static/', '/static', '/static/nothing.css', '/assets/app.js'])
        expect((await running.ask(path)).status, path).toBe(404);
      expect((await running.ask('/robots.txt')).status, 'a location of the stack file').toBe(204);
      expect(await running.read('/tenant', { headers: { 'x-shop': 'acme' } })).toEqual({ tenant: 'acme' });
      expect(await running.read('/tenant', { headers: { 'x-tenant': 'acme' } })).toEqual({ tenant: 'nobody' });
      if (running.platform.target === 'bare-metal') return;
      const cookie = [(await running.ask('/')).headers['set-cookie'] ?? ''].flat()[0]?.split(';')[0] ?? '';
      expect(cookie).toMatch(/^sticky-site=[0-9a-f]+$/);
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => running.read<{ host: string }>('/', { headers: { cookie } })),
      );
      expect(new Set(answers.map(({ host }) => host)).size, 'processes that a client comes to').toBe(1);
    },
  },
  'migrations.ts': {
    host: 'localhost:8084',
    secrets: {},
    async check(running) {
      // A stack file knows no order, so that on a Swarm whoever deploys runs the job: test/life does.
      if (running.platform.target === 'swarm') return;
      const content = async () => (await running.read<{ content: string }>('/file?name=migrations')).content;
      await waitFor('the job to have run', async () => (await content()) !== null, { seconds: 60 });
      expect(await content()).toBe('once\n');
    },
  },
  'schedules.ts': {
    host: 'localhost:8083',
    secrets: {},
    async check(running) {
      const ticks = async () =>
        ((await running.read<{ content: string | null }>('/file?name=ticks')).content ?? '')
          .split('\n')
          .filter(Boolean);
      await waitFor('two ticks', async () => (await ticks()).length >= 2, { seconds: 200 });
      const [first, second] = (await ticks()).map(Number);
      expect(second, 'each minute has its tick, and one alone').toBe(Number(first) + 1);
    },
  },
  'stages.ts': {
    host: 'staging.example.com:8093',
    secrets: {},
    stage: 'staging',
    wish: { key: 'example.com.stage', value: 'staging', priorityClass: 'staging' },
    async check(running, _, { placement }) {
      expect(await running.answering(2)).toHaveLength(2);
      // Where the stage has no value of its own, the default holds.
      expect(await running.read('/environment/LOG_LEVEL')).toMatchObject({ value: 'debug' });
      expect((await running.ask('/', { host: 'shop.example.com' })).status).toBe(421);
      await placement?.check(running.output.name, 'api');
    },
  },
  'tls.ts': {
    host: 'secure.example.com:8086',
    secrets: { TLS_CERTIFICATE: CERTIFICATE.certificate, TLS_KEY: CERTIFICATE.key },
    async check(running) {
      const ca = CERTIFICATE.certificate;
      const entrances = await running.platform.entrances(running.output, 'https');
      expect(entrances, 'one for each that takes HTTP').toHaveLength(running.addresses.length);
      for (const address of entrances) {
        const securely = { host: 'secure.example.com', address, ca };
        const ask = () => requestSecurely(securely, '/client?x=%2F');
        await waitFor('the app to answer over HTTPS', async () => (await ask()).status === 200);
        const { body, headers } = await ask();
        expect(JSON.parse(body)).toMatchObject({ scheme: 'https' });
        expect(headers, 'no browser is bound to ports that are not its own').not.toHaveProperty(
          'strict-transport-security',
        );
        expect(await negotiated(securely)).toEqual({ tls: 'TLSv1.3', protocol: 'h2' });
        if (running.platform.target === 'kubernetes') expect(headers).not.toHaveProperty('alt-svc');
        else {
          expect(headers['alt-svc']).toBe('h3=":8446"; ma=86400');
          const newest = await requestOverHttp3(running.platform, { ...securely, port: 8446 }, '/client?x=%2F');
          expect(newest.status, 'over HTTP/3').toBe(200);
          expect(JSON.parse(newest.body)).toMatchObject({ scheme: 'https', host: 'secure.example.com:8446' });
        }
      }
      const { status, headers } = await running.ask('/a%2Fb?x=1', { method: 'POST' });
      expect([status, headers['location']]).toEqual([308, 'https://secure.example.com:8446/a%2Fb?x=1']);
      expect((await running.ask('/', { host: 'other.example.com' })).status).toBe(421);
      const telling = (await running.platform.told(running.output)).filter(({ text }) => text.includes(KEY_LINE));
      expect(
        telling.map(({ by }) => by),
        'who tells the key',
      ).toEqual([]);
    },
  },
  'worker.ts': {
    host: 'localhost:8081',
    secrets: { BROKER_URL: canary() },
    async check(running) {
      // That the stack is up says that both containers of the worker are well: each target waits for them.
      expect(await running.read('/')).toMatchObject({ app: 'fastapi' });
    },
  },
};

/** The sum of a metric over all containers of the app, asked from inside as a scraper would. */
async function counted(running: RunningStack, metric: string): Promise<number> {
  const program = 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:8000/metrics").read().decode())';
  const containers = await running.containers('api');
  const told = await Promise.all(containers.map((container) => container.exec(['python3', '-c', program])));
  const values = told.map(({ stdout }) => new RegExp(`^${metric} (\\S+)$`, 'm').exec(stdout)?.[1]);
  return values.reduce((sum, value) => sum + Number(value ?? Number.NaN), 0);
}

function holds(text: string, secrets: Secrets): boolean {
  return Object.values(secrets).some((value) => spellings(value).some((spelling) => text.includes(spelling)));
}

/** Registers a test for each file of stacks/, beside each other: most of their time is waiting. */
export function stacks(target: TargetName, open: () => Promise<Platform>): void {
  describe(`the stacks of this repository on ${target}`, () => {
    for (const file of readdirSync(join(import.meta.dirname, '../stacks'))) {
      // Much of it is waiting for what an engine does in its own time, such as a service that a Swarm watches for half a minute.
      test.concurrent(`stacks/${file} is built, runs, answers and goes`, { timeout: 20 * 60_000 }, async () => {
        const started = Date.now();
        const check = CHECKS[file];
        if (!check) throw new Error(`stacks/${file} has no check in test/stacks.ts`);
        const platform = await open();
        using project = new Project(`stacks/${file}`, platform.engine);
        await using authority = await authorityFor(check, platform);
        await using placement = check.wish && (await platform.place?.(check.wish));
        const output = await deployable(project, platform, check, variables(authority));
        try {
          await platform.start(output, check.secrets);
          const running = new RunningStack(platform, output, check.host);
          await running.find();
          await check.check(running, check.secrets, { authority, placement });
        } catch (error) {
          if (error instanceof Error)
            error.message += `\n--- state of ${output.name} on ${target}\n${await platform.state(output)}`;
          // What came up by halves is not removed as the page says, and would hide why.
          await platform.remove(output).catch((why: unknown) => console.error(why));
          throw error;
        }
        await platform.remove(output);
        await waitFor('everything to be gone', async () => (await platform.remains(output)).length === 0, {
          seconds: 150,
        });
        console.log(
          `${target}: stacks/${file} was built, ran, answered and went [${((Date.now() - started) / 1000).toFixed(1)} s]`,
        );
      });
    }
  });
}

/** A certificate authority for a stack that gets its certificate itself; its certificates hold so briefly that it is seen to renew them. */
async function authorityFor({ asked }: StackCheck, { target, engine }: Platform): Promise<Pebble | undefined> {
  if (asked === undefined || target === 'kubernetes') return undefined;
  const hostsAt = addressesOf(engine);
  return Pebble.start({ address: await localAddress(hostsAt[0] ?? ''), hostsAt, httpPort: asked, validity: 180 });
}

function addressesOf(engine: Engine | DockerEngine | SwarmEngine): string[] {
  if ('managers' in engine) return engine.managers.map(({ address }) => address);
  return 'address' in engine ? [engine.address] : [];
}

function variables(authority: Pebble | undefined): Record<string, string> {
  return authority === undefined ? {} : { ACME_DIRECTORY: authority.directory, ACME_ROOT: authority.directoryRoot };
}

/**
 * The output of a stack with its images built. These stacks name no registry, which is enough for one machine; for several
 * nodes the built images are pushed to one, and named on the command line.
 */
async function deployable(
  project: Project,
  platform: Platform,
  { secrets, stage }: StackCheck,
  env: Readonly<Record<string, string>>,
): Promise<Output> {
  const { target, engine } = platform;
  const options = { env, ...(stage === undefined ? {} : { stage }) };
  const output = await project.synth(target, options);
  await platform.build(output, secrets);
  if (target === 'bare-metal') return output;
  const pushed = await Promise.all(
    output.images().map(async (image): Promise<[string, string]> => {
      const reference = `${engine.registry}/${image}`;
      const env = platform.builderEnv;
      await run('docker', ['tag', image, reference], { env });
      await inTurn('the builder', () => run('docker', ['push', '--quiet', reference], { env }));
      // Stages share their images, which have the name of the stack.
      const stack = stage === undefined ? output.name : output.name.slice(0, -stage.length - 1);
      return [image.replace(/:.*/, '').slice(stack.length + 1), reference];
    }),
  );
  return project.synth(target, { ...options, images: Object.fromEntries(pushed) });
}
