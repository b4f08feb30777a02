// Requests per second of each running target against bare Uvicorn on the same machine, in turn, so that what else the machine
// does meets all of them: `npx jiti bench/requests.ts [rounds] [seconds]`. Needs root and wrk (apt-get install wrk).
import { availableParallelism } from 'node:os';
import {
  dockerEngine,
  kubernetesEngine,
  releaseEngines,
  swarmEngine,
  type DockerEngine,
} from '../test/harness/engines.js';
import { run } from '../test/harness/process.js';
import type { Output } from '../test/harness/running/output.js';
import { Project } from '../test/harness/running/project.js';
import { waitFor } from '../test/harness/wait.js';

const PORT = 18090;
const CONNECTIONS = 32;
const processes = availableParallelism();
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 5);

/** Something that answers, and how to end it. */
interface Contender {
  readonly name: string;
  readonly url: string;
  stop(): Promise<unknown>;
}

async function main(): Promise<void> {
  await run('wrk', ['-v'], { check: false }).catch(() => {
    throw new Error('wrk is not installed: apt-get install wrk');
  });
  const docker = await dockerEngine();
  using project = new Project('test/fixtures/stacks/requests.ts', docker);
  const contenders: Contender[] = [];
  try {
    for (const start of [swarm, kubernetes, bareMetal]) contenders.push(await start(project));
    const image = (await synth(project, 'swarm')).images()[0]!;
    for (const workers of [1, processes]) contenders.unshift(await bareUvicorn(docker, image, workers));
    for (const { name, url } of contenders) {
      await waitFor(`${name} to answer`, async () => (await fetch(url)).ok, { seconds: 60 });
    }
    report(await measure(contenders));
  } finally {
    for (const contender of contenders) await contender.stop().catch((error: unknown) => console.error(error));
    await releaseEngines();
  }
}

/** Requests per second of each, a few seconds at a time in turn. */
async function measure(contenders: readonly Contender[]): Promise<Map<string, number[]>> {
  const results = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, url } of contenders) {
      const { stdout } = await run('wrk', ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, url]);
      if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${name}: ${stdout}`);
      // The first round warms up.
      if (round > 0) results.get(name)?.push(Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)?.[1]));
    }
  }
  return results;
}

function report(results: ReadonlyMap<string, readonly number[]>): void {
  const reference = median(results.get(uvicornName(processes)) ?? []);
  console.log(
    `${processes} processes each, ${CONNECTIONS} connections, ${rounds} rounds of ${seconds} s, on ${availableParallelism()} cores shared with the client`,
  );
  console.log(
    `${''.padEnd(28)} ${'median/s'.padStart(9)} ${'min'.padStart(9)} ${'max'.padStart(9)} ${'ratio'.padStart(7)}  to ${uvicornName(processes)}`,
  );
  for (const [name, all] of results) {
    const numbers = [median(all), Math.min(...all), Math.max(...all)].map((number) => number.toFixed(0).padStart(9));
    console.log(`${name.padEnd(28)} ${numbers.join(' ')} ${(median(all) / reference).toFixed(2).padStart(7)}`);
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function synth(project: Project, target: 'bare-metal' | 'swarm' | 'kubernetes'): Promise<Output> {
  const { registry } = await dockerEngine();
  return project.synth(target, {
    env: { CONFORMANCE_REGISTRY: registry, CONFORMANCE_PORT: String(PORT), CONFORMANCE_PROCESSES: String(processes) },
  });
}

function uvicornName(workers: number): string {
  return workers === 1 ? 'bare Uvicorn, 1 process' : `bare Uvicorn --workers ${workers}`;
}

/** No proxy, no network of containers, no limits: what a developer starts by hand. */
async function bareUvicorn({ env, address }: DockerEngine, image: string, workers: number): Promise<Contender> {
  const name = `requests-uvicorn-${workers}`;
  const port = PORT + workers;
  const command = [
    'uvicorn',
    'main:app',
    '--host',
    '0.0.0.0',
    '--port',
    String(port),
    '--workers',
    String(workers),
    '--no-access-log',
  ];
  await run('docker', ['run', '--detach', '--rm', '--name', name, '--network', 'host', image, ...command], { env });
  return {
    name: uvicornName(workers),
    url: `http://${address}:${port}/`,
    stop: () => run('docker', ['rm', '--force', name], { env }),
  };
}

async function bareMetal(project: Project): Promise<Contender> {
  const engine = await dockerEngine();
  const output = await synth(project, 'bare-metal');
  const operator = { env: engine.env, machine: engine };
  await output.follow('Build', operator);
  await output.follow('Start and update', operator);
  return {
    name: 'bare-metal',
    url: `http://${engine.address}:${PORT}/`,
    stop: () => output.follow('Stop and remove', operator),
  };
}

async function swarm(project: Project): Promise<Contender> {
  const engine = await swarmEngine();
  const output = await synth(project, 'swarm');
  const operator = { env: engine.env, machine: engine.managers[0]! };
  await output.follow('Build', engine.builder);
  await output.follow('Deploy and update', operator);
  return {
    name: 'swarm',
    url: `http://${engine.managers[0]!.address}:${PORT}/`,
    stop: () => output.follow('Remove', operator),
  };
}

async function kubernetes(project: Project): Promise<Contender> {
  const engine = await kubernetesEngine();
  const output = await synth(project, 'kubernetes');
  await output.follow('Build', engine.builder);
  await output.follow('Deploy and update', engine);
  const { stdout: port } = await output.shell(
    ["kubectl get service requests-nginx --namespace requests --output jsonpath='{.spec.ports[0].nodePort}'"],
    engine,
  );
  return {
    name: 'kubernetes',
    url: `http://${engine.nodes[0]!.address}:${port}/`,
    stop: () => output.follow('Remove', engine),
  };
}

await main();
