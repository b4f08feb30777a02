import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetName } from '../src/targets/index.js';
import { serverSentEvents, webSocket } from './harness/client.js';
import { PROCESS_LIST, privileges, serverProcesses } from './harness/running/inside.js';
import { continuousLoad } from './harness/running/load.js';
import type { Platform } from './harness/running/platform.js';
import { canary, freePort, spellings } from './harness/running/project.js';
import { RunningStack, type Answering } from './harness/running/running-stack.js';
import {
  brokenVersion,
  closeScene,
  holding,
  HOST,
  identities,
  nextVersion,
  openScene,
  PROCESSES,
  underLoad,
  withState,
  type Scene,
} from './harness/running/scene.js';
import { searchImage } from './harness/running/search-image.js';
import { watchForSilence } from './harness/running/silence.js';
import { waitFor } from './harness/wait.js';

/** The facts that do not hold on every target, with the reason. */
const EXCEPTIONS: readonly {
  readonly fact: string;
  readonly targets: readonly TargetName[];
  readonly reason: string;
}[] = [
  {
    fact: 'an update under load loses no request, nor one of 5 seconds',
    targets: ['bare-metal'],
    reason: 'Compose stops the old container first; the gap is measured instead',
  },
  {
    fact: 'a scale-up under load loses no request and restarts nothing',
    targets: ['bare-metal'],
    reason: 'more workers are a changed container, which Compose stops first; the gap is the one of an update',
  },
  {
    fact: 'a version that cannot start never takes the place of the old one',
    targets: ['bare-metal'],
    reason:
      'Compose has stopped the old container by then; that the command fails and the old output brings it back is a fact of its own',
  },
  {
    fact: 'loses no request of 5 seconds when its process is stopped',
    targets: ['swarm', 'kubernetes'],
    reason: 'such requests run all through the update under load',
  },
  {
    fact: 'an update has a gap of seconds',
    targets: ['swarm', 'kubernetes'],
    reason: 'it has none, which is a fact of its own',
  },
  {
    fact: 'a version that cannot start fails the command, and the old output brings the old version back',
    targets: ['swarm', 'kubernetes'],
    reason: 'the old version has never gone, which is a fact of its own',
  },
];

const FORGED = {
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'evil.example.com',
  'X-Forwarded-Port': '444',
  'X-Forwarded-Prefix': '/evil',
  'X-Real-IP': '6.6.6.6',
  Forwarded: 'for=6.6.6.6;proto=https;host=evil.example.com',
};

/** Registers every fact as a test of the stack that `open` starts. */
export function conformance(target: TargetName, open: () => Promise<Platform>): void {
  describe(`the conformance stack on ${target}`, () => {
    let scene: Scene;

    beforeAll(async () => {
      scene = await openScene(await open());
    });

    afterAll(async () => {
      if (scene) await closeScene(scene);
    });

    for (const [fact, check] of Object.entries(FACTS)) {
      const exception = EXCEPTIONS.find((one) => one.targets.includes(target) && one.fact === fact);
      if (exception) {
        test.skip(`${fact} (not on ${target}: ${exception.reason})`);
        continue;
      }
      test(fact, async () => {
        const started = Date.now();
        const evidence = await withState(scene.platform, scene.running.output, () => check(scene));
        const seconds = ((Date.now() - started) / 1000).toFixed(1);
        console.log(`${target}: ${fact} [${seconds} s]${evidence === undefined ? '' : `: ${evidence}`}`);
      });
    }
  });
}

type Check = (scene: Scene) => Promise<string | void>;

/** In the order in which they are checked: those that change nothing first. */
const FACTS: Readonly<Record<string, Check>> = {
  'answers on its host': async ({ running }) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => running.read<Answering>('/')));
    expect(answers.map(({ version }) => version)).toEqual(answers.map(() => '1'));
    return `${answers.length} requests to ${running.addresses.join(', ')}`;
  },

  'answers under its prefix, which the app gets as root_path': async ({ running }) => {
    expect(await running.read('/files/client')).toMatchObject({
      root_path: '/files',
      url: `http://${running.host}/files/client`,
    });
    expect((await running.ask('/files')).status).toBe(200);
    expect((await running.ask('/filesystem')).status).toBe(404);
  },

  'shows its documentation, also under a prefix': async ({ running }) => {
    expect((await running.ask('/docs')).body).toContain("'/openapi.json'");
    expect((await running.ask('/files/docs')).body).toContain("'/files/openapi.json'");
    expect(await running.read('/files/openapi.json')).toMatchObject({ servers: [{ url: '/files' }] });
  },

  'redirects with the scheme, host, port and prefix of the request': async ({ running, balancer, port }) => {
    const location = async (path: string, options = {}) => (await running.ask(path, options)).headers['location'];
    expect(await location('/redirect')).toBe(`http://${HOST}:${port}/client`);
    expect(await location('/slash')).toBe(`http://${HOST}:${port}/slash/`);
    expect(await location('/files/redirect')).toBe(`http://${HOST}:${port}/files/client`);
    expect(await location('/files/slash')).toBe(`http://${HOST}:${port}/files/slash/`);
    const secure = {
      host: HOST,
      from: balancer,
      headers: { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.7' },
    };
    expect(await location('/files/redirect', secure)).toBe(`https://${HOST}/files/client`);
  },

  'answers with exactly as many processes as were asked for': async ({ running }) => {
    const first = await running.answering(PROCESSES);
    const all = await running.answering(PROCESSES);
    const processes = new Set(
      [...first, ...all].map(({ host, pid, started }) => `${host} pid ${pid} since ${started}`),
    );
    expect([...processes]).toHaveLength(PROCESSES);
    return [...processes].join(', ');
  },

  'runs one Uvicorn process a container in a cluster, and as many workers of Gunicorn on one host': async ({
    running,
    platform,
  }) => {
    const containers = await running.containers('api');
    const servers = await Promise.all(
      containers.map(async (container) => serverProcesses((await container.exec(PROCESS_LIST)).stdout)),
    );
    const expected = platform.target === 'bare-metal' ? [1 + PROCESSES] : Array.from({ length: PROCESSES }, () => 1);
    expect(
      servers.map((list) => list.length),
      JSON.stringify(servers),
    ).toEqual(expected);
    return `${containers.length} containers with ${servers.map((list) => list.length).join(', ')} server processes`;
  },

  'gets its environment as it was written': async ({ running }) => {
    const { value } = await running.read<{ value: string }>('/environment/TEST_GREETING');
    expect(value).toBe('a $HOME ${HOME} $(HOME) {{.Node.Hostname}} "b" \'c\' \\n é %s #d');
    expect(await running.read('/environment/WEB_CONCURRENCY')).toMatchObject({ value: null });
  },

  'gets its secrets as files, and as variables where asked': async ({ running, secrets }) => {
    const sha256 = (text = '') => createHash('sha256').update(text).digest('hex');
    const [password, key] = [sha256(secrets['DB_PASSWORD']), sha256(secrets['API_KEY'])];
    expect(await running.read('/secret/db_password')).toMatchObject({
      sha256: password,
      variable_sha256: null,
      uid: 10001,
    });
    expect(await running.read('/secret/api_key')).toMatchObject({ sha256: key, variable_sha256: key });
    expect(await running.read('/files/secret/db_password')).toMatchObject({ sha256: null, variable_sha256: null });
  },

  'sees the address and the scheme of the client': async ({ running, visitor, balancer }) => {
    expect(await running.read('/client', { from: visitor })).toMatchObject({ client: visitor.address, scheme: 'http' });
    expect(await running.read('/client', { from: balancer })).toMatchObject({
      client: balancer.address,
      scheme: 'http',
    });
    expect(await running.read('/files/client', { from: visitor })).toMatchObject({ client: visitor.address });
    return `a client at ${visitor.address} is ${visitor.address}`;
  },

  'believes a trusted proxy': async ({ running, balancer }) => {
    const headers = { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7', 'X-Forwarded-Proto': 'https' };
    expect(await running.read('/client', { from: balancer, headers })).toMatchObject({
      client: '203.0.113.7',
      scheme: 'https',
    });
  },

  'ignores what a client says of itself': async ({ running, visitor, port }) => {
    const seen = await running.read<{ headers: Record<string, string>; url: string }>('/client', {
      from: visitor,
      headers: FORGED,
    });
    expect(seen).toMatchObject({ client: visitor.address, scheme: 'http', root_path: '' });
    expect(seen.url).toBe(`http://${HOST}:${port}/client`);
    expect(JSON.stringify(seen.headers)).not.toMatch(/6\.6\.6\.6|evil|444/);
  },

  'turns an unknown Host away': async ({ running }) => {
    for (const host of ['other.example.com', 'localhost', '10.0.0.1']) {
      const answer = await running.ask('/', { host }).catch((error: Error) => error.message);
      const turnedAway = typeof answer === 'string' ? /hang up|ECONNRESET/.test(answer) : answer.status === 421;
      expect(turnedAway, `${host}: ${typeof answer === 'string' ? answer : answer.status}`).toBe(true);
    }
  },

  'echoes on a WebSocket': async ({ running }) => {
    for (const path of ['/ws', '/files/ws']) {
      const { status, received } = await webSocket({
        ...running.to(path),
        messages: ['one', 'two', 'x'.repeat(70_000)],
      });
      expect(status).toBe(101);
      expect(received.map((text) => (JSON.parse(text) as { echo: string }).echo.length)).toEqual([3, 3, 70_000]);
    }
  },

  'passes server-sent events on as they come': async ({ running }) => {
    const { events } = await serverSentEvents({ ...running.to('/sse?events=5&interval=0.4'), count: 5 });
    const gaps = events.slice(1).map(({ at }, index) => at - (events[index]?.at ?? 0));
    expect(events).toHaveLength(5);
    expect(Math.min(...gaps), `milliseconds between events: ${gaps.join(', ')}`).toBeGreaterThan(200);
  },

  'takes an upload of 5 MB': async ({ running }) => {
    const body = { bytes: 5_000_000 };
    const sha256 = createHash('sha256').update(Buffer.alloc(body.bytes, 'x')).digest('hex');
    for (const chunked of [false, true]) {
      expect(await running.read('/upload', { method: 'POST', body, chunked })).toMatchObject({
        bytes: body.bytes,
        sha256,
      });
    }
  },

  'answers 413 to a body over the limit': async ({ running }) => {
    const over = { bytes: 6 * 2 ** 20 + 1 };
    for (const chunked of [false, true]) {
      const answer = await running.ask('/upload', { method: 'POST', body: over, chunked });
      expect(answer.status).toBe(413);
    }
    expect((await running.ask('/upload', { method: 'POST', body: { bytes: 6 * 2 ** 20 } })).status).toBe(200);
    expect(
      (await running.ask('/files/upload', { method: 'POST', body: over })).status,
      'the limit of another app',
    ).toBe(200);
  },

  'completes a response of 20 seconds': async ({ running }) => {
    const { milliseconds, status } = await running.ask('/slow?seconds=20', { timeoutSeconds: 40 });
    expect(status).toBe(200);
    return `${(milliseconds / 1000).toFixed(2)} s`;
  },

  'holds no more privileges than it needs': async ({ running, platform }) => {
    const containers = await running.containers();
    const reports = await Promise.all(
      containers.map(async (container) => ({ app: container.app, ...(await privileges(container)) })),
    );
    for (const { app, processes, writes } of reports) {
      expect(processes.length, app).toBeGreaterThan(0);
      const none = '0000000000000000';
      // An exec of a health check is runc's for a moment, until it becomes what it runs.
      for (const process of processes.filter(({ Name = '' }) => !Name.startsWith('runc'))) {
        expect(process, app).toMatchObject({
          Uid: '10001',
          Gid: '10001',
          CapEff: none,
          CapPrm: none,
          CapBnd: none,
          CapAmb: none,
          Seccomp: '2',
        });
        // A Swarm service cannot ask for it; with neither a capability nor a setuid program to gain one by, there is nothing to gain.
        if (platform.target !== 'swarm') expect(process['NoNewPrivs'], app).toBe('1');
      }
      expect(
        writes.filter((folder) => folder !== '/data'),
        app,
      ).toEqual(['/dev/mqueue', '/dev/shm', '/tmp']);
    }
    const [api] = reports.filter(({ app }) => app === 'api');
    const onOneHost = platform.target === 'bare-metal';
    expect(api?.memory).toBe((onOneHost ? 160 * PROCESSES + 64 : 160) * 2 ** 20);
    // Kubernetes has no such limit in a pod: it is a setting of the kubelet.
    if (platform.target !== 'kubernetes') expect(api?.pids).toBe(64 + 128 * (onOneHost ? PROCESSES : 1));
    return `${reports.length} containers; api: memory ${api?.memory}, pids ${api?.pids}, writes ${api?.writes.join(' ')}`;
  },

  'starts a killed process again while the others serve on': async ({ running }) => {
    const before = await running.answering(PROCESSES);
    const [victim] = before as [Answering];
    const containers = await running.containers('api');
    const container = containers.length === 1 ? containers[0] : await holding(victim, containers);
    if (!container) throw new Error(`no container is called ${victim.host}`);
    const load = continuousLoad(running, { perSecond: 60, atLeast: 300, here: true });
    const watch = watchForSilence(running);
    await container.kill(victim.pid);
    const killed = Date.now();
    await waitFor('the process to be another one', async () => {
      const now = await running.answering(PROCESSES);
      return now.every(
        ({ host, pid, started }) => host !== victim.host || pid !== victim.pid || started !== victim.started,
      );
    });
    const seconds = ((Date.now() - killed) / 1000).toFixed(1);
    const losses = await load.stop();
    const silence = await watch.stop();
    // Lost is only what was sent to the killed process itself and may not be sent to another: a POST, or an answer that had begun.
    const inVain = losses.errors.filter(({ method, error }) => method !== 'POST' && error.startsWith('status'));
    expect(inVain, losses.told).toEqual([]);
    expect(losses.lost, losses.told).toBeLessThanOrEqual(8);
    // nginx waits two seconds for an address that is gone before it asks the next.
    expect(silence, 'seconds without an answer').toBeLessThan(3);
    return `pid ${victim.pid} replaced after ${seconds} s; ${losses.told}`;
  },

  'a second deployment of the same output restarts nothing': async ({ running, platform }) => {
    const before = await identities(running);
    await platform.update(running.output);
    expect(await identities(running)).toEqual(before);
    return `${before.length} containers with the same ids and start times`;
  },

  'loses no request of 5 seconds when its process is stopped': async ({ running, platform }) => {
    const before = await identities(running, 'api');
    const requests = Promise.all(
      Array.from({ length: 2 * PROCESSES }, () => running.read<Answering>('/slow?seconds=5')),
    );
    await Promise.all([platform.replace(running.output, 'api'), requests]);
    await waitFor(
      'the old containers to be gone',
      async () => (await identities(running, 'api')).every((id) => !before.includes(id)),
      { seconds: 120 },
    );
    return `${(await requests).length} requests in ${PROCESSES} processes, all of which were stopped meanwhile`;
  },

  'an update under load loses no request, nor one of 5 seconds': async (scene) => {
    const { running } = scene;
    await running.read('/files/file', { method: 'PUT', body: 'kept' });
    const output = await nextVersion(scene, '2');
    const before = await identities(running, 'api');
    const slow = continuousLoad(running, { path: '/slow?seconds=5', perSecond: 2, concurrency: 12 });
    const losses = await underLoad(running, async () => {
      await scene.platform.update(output);
      await waitFor(
        'the old containers to be gone',
        async () => (await identities(running, 'api')).every((id) => !before.includes(id)),
        { seconds: 120 },
      );
    });
    const slowLosses = await slow.stop();
    running.output = output;
    expect(losses.lost, losses.told).toBe(0);
    expect(slowLosses.lost, slowLosses.told).toBe(0);
    expect((await running.answering(PROCESSES)).map(({ version }) => version)).toEqual(['2', '2', '2']);
    return `${losses.told}; of 5 s each: ${slowLosses.told}`;
  },

  'an update has a gap of seconds': async (scene) => {
    const { running } = scene;
    await running.read('/files/file', { method: 'PUT', body: 'kept' });
    const output = await nextVersion(scene, '2');
    const watch = watchForSilence(running);
    const losses = await underLoad(running, () => scene.platform.update(output));
    const silence = await watch.stop();
    running.output = output;
    expect(silence, losses.told).toBeLessThan(30);
    expect((await running.answering(PROCESSES)).map(({ version }) => version)).toEqual(['2', '2', '2']);
    return `nobody answered for ${silence.toFixed(1)} s; ${losses.told}`;
  },

  'keeps the content of a volume through an update': async ({ running }) => {
    expect(await running.read('/files/file')).toMatchObject({ content: 'kept' });
    expect(await running.read('/files/')).toMatchObject({ version: '2' });
  },

  'a scale-up under load loses no request and restarts nothing': async (scene) => {
    const { running, platform, synth } = scene;
    const processes = PROCESSES + 2;
    const output = await synth({ env: { CONFORMANCE_PROCESSES: String(processes) } });
    const before = await identities(running);
    const losses = await underLoad(running, () => platform.update(output));
    running.output = output;
    scene.processes = processes;
    expect(losses.lost, losses.told).toBe(0);
    expect(await identities(running)).toEqual(expect.arrayContaining(before));
    expect(await running.answering(processes)).toHaveLength(processes);
    return losses.told;
  },

  'a version that cannot start never takes the place of the old one': async (scene) => {
    const { running, platform } = scene;
    const before = await identities(running);
    const broken = await brokenVersion(scene);
    let how = '';
    const losses = await underLoad(running, async () => void (how = await platform.refuse(broken, running.output)));
    expect(losses.lost, losses.told).toBe(0);
    expect(await identities(running)).toEqual(expect.arrayContaining(before));
    await waitFor('what failed to be gone', async () => (await identities(running)).length === before.length, {
      seconds: 120,
    });
    expect((await running.answering(scene.processes)).every(({ version }) => version === '2')).toBe(true);
    return `${how}; ${losses.told}`;
  },

  'a version that cannot start fails the command, and the old output brings the old version back': async (scene) => {
    const { running, platform } = scene;
    const how = await platform.refuse(await brokenVersion(scene), running.output);
    expect(await running.read('/')).toMatchObject({ version: '2' });
    return how;
  },

  'two stages side by side do not touch each other': async (scene) => {
    const { running, platform, secrets, synth } = scene;
    const before = await identities(running);
    const port = await freePort();
    const output = await synth({ stage: 'second', out: 'out-second', env: { CONFORMANCE_PORT: String(port) } });
    const second = new RunningStack(platform, output, `${HOST}:${port}`);
    const own = { ...secrets, DB_PASSWORD: canary(), API_KEY: canary() };
    await withState(platform, output, async () => {
      await platform.build(output, secrets);
      await platform.start(output, own);
      await second.find();
      const value = createHash('sha256').update(own.DB_PASSWORD).digest('hex');
      expect(await second.read('/secret/db_password')).toMatchObject({ sha256: value });
      expect(await second.read('/files/file')).toMatchObject({ content: null });
      expect(
        new Set([...(await second.answering(1)), ...(await second.answering(1))].map(({ host }) => host)).size,
      ).toBe(1);
      await platform.remove(output);
      await waitFor('the second stage to be gone', async () => (await platform.remains(output)).length === 0, {
        seconds: 120,
      });
    });
    expect(await identities(running)).toEqual(before);
    expect(await running.read('/files/file')).toMatchObject({ content: 'kept' });
    return `${output.name} came and went beside ${running.output.name}`;
  },

  'shows no secret to anybody': async ({ running, platform, secrets, project }) => {
    const words = Object.values(secrets).flatMap(spellings);
    const told = [
      ...project.outputs
        .flatMap((output) => output.files())
        .filter(({ path }) => !path.includes('/secrets/'))
        .map(({ path, text }) => ({ by: path, text })),
      ...(await platform.told(running.output)),
      ...(await Promise.all(
        (await running.containers()).map(async (container) => ({
          by: `command lines in ${container.app}`,
          text: (await container.exec(PROCESS_LIST)).stdout,
        })),
      )),
    ];
    expect(told.filter(({ text }) => words.some((word) => text.includes(word))).map(({ by }) => by)).toEqual([]);
    // What is in none of them because none could be read would be no secret.
    expect(told.filter(({ text }) => text.includes('TEST_GREETING')).length).toBeGreaterThan(PROCESSES);
    const images = running.output.images();
    expect(images.length).toBe(2);
    for (const image of images)
      expect(await searchImage({ env: platform.builderEnv }, image, words), image).toEqual([]);
    return `not in ${told.length} texts of ${told.reduce((sum, { text }) => sum + text.length, 0)} characters, nor in ${images.length} images`;
  },

  'leaves nothing after its removal': async ({ running, platform }) => {
    await platform.remove(running.output);
    await waitFor(
      'everything to be gone',
      async () => {
        const remains = await platform.remains(running.output);
        if (remains.length > 0) throw new Error(`still there: ${remains.join(', ')}`);
        return true;
      },
      { seconds: 150 },
    );
  },
};
